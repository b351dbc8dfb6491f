import { routeGroups } from '../../cli/service/api.ts'
import { feedRoutes, type RouteGroup } from '../../engine/serve/index.ts'

/** The API's routes without anything behind them: for their document alone, no handler may be called. */
export function documentedGroups(): readonly RouteGroup[] {
  const none = {} as never
  return routeGroups(none, feedRoutes(none))
}
