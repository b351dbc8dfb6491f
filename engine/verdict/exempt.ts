import type { Activity } from '../activity/index.ts'
import type { Pack } from '../rules/index.ts'

/**
 * The list that exempts an activity, if one does: a call to or from an emergency service is never touched; what an allowed
 * party does, or what enters through a trusted peer, is let through whatever the rules found. Allow wins over every rule.
 */
export function exemption(activity: Activity, pack: Pack): string | undefined {
  const { lists, effects } = pack
  for (const [list, effect] of effects) {
    if (effect === 'none') continue
    if (lists.has(list, activity.from.party)) return list
    if (
      effect === 'emergency' ? lists.has(list, activity.to?.party ?? '') : lists.has(list, activity.route.peer ?? '')
    ) {
      return list
    }
  }
  return undefined
}
