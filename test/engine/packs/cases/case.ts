import type { NumberFacts } from '../../../../engine/features/index.ts'

/** A situation as a rule sees it: what is not said is 0, empty, or an unremarkable call. */
export interface Situation {
  readonly who: string
  readonly features?: Readonly<Record<string, number>>
  readonly activity?: Readonly<Record<string, unknown>>
  /** `range.spam_24h`, `route.volume_1h`, … */
  readonly crowds?: Readonly<Record<string, number>>
  readonly text?: Readonly<Record<string, number>>
  readonly from?: NumberFacts
  readonly to?: NumberFacts
  readonly neighbourDigits?: number
}

/** For every rule of the default pack: traffic that fires it, and the harmless traffic most like it that must not. */
export interface RuleCase {
  readonly fires: Situation
  readonly spares: Situation
}
