import type { Decide } from '../../engine/decide/index.ts'
import { createFeeds, exposeFeeds } from '../../engine/feeds/index.ts'
import type { FollowedReputation } from '../../engine/reputation/index.ts'
import type { Pack } from '../../engine/rules/index.ts'
import { feedRoutes, type RouteGroup } from '../../engine/serve/index.ts'
import type { Ground } from './ground.ts'
import { reputationNotReady } from './reputation.ts'

/**
 * The feeds for the network: what they publish of a party is what a switch that asks would be told.
 * @throws RingfenceError CONFIG_INVALID
 */
export async function openFeeds(
  { config, metrics }: Ground,
  { decide, reputation, pack }: { decide: Decide; reputation: FollowedReputation; pack: () => Pack },
): Promise<RouteGroup> {
  const feeds = await createFeeds(config.feeds, {
    view: reputation.view,
    pack,
    weigh: (from, nowMs) => decide({ from, kind: 'call' }, nowMs),
    notReady: () => reputationNotReady(reputation, config.serve.maxStaleSeconds),
    now: Date.now,
  })
  exposeFeeds(metrics, feeds.counters)
  return feedRoutes({ feeds })
}
