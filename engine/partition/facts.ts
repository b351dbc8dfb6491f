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
  return new FactsOnDemand(identity)
}

/**
 * A class, since a literal's getters are functions of its own: V8 holds such objects as hash tables from the second one on,
 * and a partition is seldom alone. Getters of a prototype are everybody's.
 */
class FactsOnDemand implements LazyFacts {
  readonly #identity: Identity
  #activity: Activity | undefined
  #from: NumberFacts | undefined
  #to: NumberFacts | undefined
  #knowsFrom = false
  #knowsTo = false

  constructor(identity: Identity) {
    this.#identity = identity
  }

  of(activity: Activity): void {
    this.#activity = activity
    this.#knowsFrom = false
    this.#knowsTo = false
  }

  get from(): NumberFacts | undefined {
    if (!this.#knowsFrom) this.#from = numberOf(this.#activity?.from.party, this.#identity)
    this.#knowsFrom = true
    return this.#from
  }

  get to(): NumberFacts | undefined {
    if (!this.#knowsTo) this.#to = numberOf(this.#activity?.to?.party, this.#identity)
    this.#knowsTo = true
    return this.#to
  }

  get neighbourDigits(): number {
    const { from, to } = this.#activity ?? {}
    return from === undefined || to === undefined ? 0 : neighbourDigits(from.party, to.party)
  }
}

function numberOf(party: string | undefined, identity: Identity): NumberFacts | undefined {
  const facts = party === undefined ? undefined : identity.numberFacts(party)
  return facts?.isNumber ? facts : undefined
}
