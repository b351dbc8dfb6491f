import type { Activity } from '../activity/index.ts'
import type { ActivityFacts, NumberFacts } from '../features/index.ts'
import { type Identity, neighbourDigits } from '../identity/index.ts'

/** Facts of an activity's numbers, looked up when they are first asked for: most activities never need them. */
export interface LazyFacts extends ActivityFacts {
  /** Moves on to the next activity. */
  of(activity: Activity): void
}

/** Reading a number's facts for the first time costs 10 µs (libphonenumber), twice the rest of an activity. */
export function createFacts(identity: Identity): LazyFacts {
  let activity: Activity
  let from: NumberFacts | undefined
  let to: NumberFacts | undefined
  let knowsFrom = false
  let knowsTo = false
  return {
    of(next) {
      activity = next
      knowsFrom = false
      knowsTo = false
    },
    get from() {
      if (!knowsFrom) from = numberOf(activity.from.party, identity)
      knowsFrom = true
      return from
    },
    get to() {
      if (!knowsTo) to = activity.to === undefined ? undefined : numberOf(activity.to.party, identity)
      knowsTo = true
      return to
    },
    get neighbourDigits() {
      return activity.to === undefined ? 0 : neighbourDigits(activity.from.party, activity.to.party)
    },
  }
}

function numberOf(party: string, identity: Identity): NumberFacts | undefined {
  const facts = identity.numberFacts(party)
  return facts.isNumber ? facts : undefined
}
