import type { Activity } from '../activity/index.ts'
import type { Pack } from '../rules/index.ts'

/** Why an activity is let through: the list, and whether it speaks of the origin itself or of this one activity. */
export interface Exemption {
  readonly list: string
  readonly of: 'origin' | 'activity'
}

/**
 * What exempts an activity, if anything does: a call to an emergency service is never touched, nor is one back from it
 * where the network vouches for the number (whoever only writes 112 into From gets no free pass); what an allowed party
 * does, or what enters through a trusted peer, is let through whatever the rules found.
 */
export function exemption(activity: Activity, pack: Pack): Exemption | undefined {
  const { lists, effects } = pack
  const { from, to, route } = activity
  for (const [list, effect] of effects) {
    if (effect === 'none') continue
    if (effect === 'emergency') {
      if (lists.has(list, to?.party ?? '') || (vouchedFor(from) && lists.has(list, from.party))) {
        return { list, of: 'activity' }
      }
    } else if (lists.has(list, from.party)) return { list, of: 'origin' }
    else if (lists.has(list, route.peer ?? '')) return { list, of: 'activity' }
  }
  return undefined
}

/** RFC 3325, RFC 8224: asserted by the network or signed, not merely claimed. */
function vouchedFor({ asserted }: Activity['from']): boolean {
  return asserted === 'passport' || asserted === 'pai'
}
