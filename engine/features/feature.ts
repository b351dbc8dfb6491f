import type { WindowName } from '../state/index.ts'
import type { Reader } from './row.ts'

/** `acting`: what the party does; `acted-upon`: what is done to it; `both`. */
export type Side = 'acting' | 'acted-upon' | 'both'

/** A named number about one party at an event time. */
export interface Feature {
  readonly name: string
  readonly meaning: string
  readonly unit: 'count' | 'share' | 'ratio' | 'seconds' | 'days' | 'hours' | 'bits' | 'flag'
  /** Absent: state at this moment. */
  readonly window: WindowName | undefined
  readonly side: Side
  /** How it is computed. */
  readonly computed: string
  readonly errorBound: string
  readonly read: Reader
}
