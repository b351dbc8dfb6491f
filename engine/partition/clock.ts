import { blobState, type PagedState } from '../snapshot/index.ts'

/**
 * Event time must not follow one wild clock: a single record from the year 2100 would age every window and let go of
 * every party. A time that runs too far ahead of the latest is held back to the latest; when the records that follow
 * agree with it (a gap in the traffic, a recording of years), the clock moves there. Deterministic: event time only.
 */
export interface EventClock {
  /** The time to count an event at: its own, or the latest seen while its own is not believed. */
  admit(timeMs: number): number
  /** Times held back so far. */
  readonly clamped: number
  readonly state: PagedState
}

/**
 * A quiet night on a small network is believed at once; a broken clock is years off. Windows age by each party's own
 * activity, so a clock that is wrong by less than this harms no other party.
 */
const MAX_AHEAD_MS = 86_400_000
/** So many records in a row that agree move the clock: one broken source among many rarely owns three in a row. */
const WITNESSES = 3

export function createEventClock(): EventClock {
  let latestMs = -1
  let candidateMs = 0
  let witnesses = 0
  let clamped = 0

  function admit(timeMs: number): number {
    if (latestMs < 0 || timeMs <= latestMs + MAX_AHEAD_MS) {
      if (timeMs > latestMs) latestMs = timeMs
      witnesses = 0
      return timeMs
    }
    // At the candidate or after it: the gap is being confirmed.
    const agrees = witnesses > 0 && timeMs >= candidateMs - MAX_AHEAD_MS
    witnesses = agrees ? witnesses + 1 : 1
    if (!agrees) candidateMs = timeMs
    if (witnesses < WITNESSES) {
      clamped++
      return latestMs
    }
    witnesses = 0
    latestMs = timeMs
    return timeMs
  }

  const save = () => new Uint8Array(Float64Array.of(latestMs, candidateMs, witnesses, clamped).buffer)
  const load = (bytes: Uint8Array) => {
    ;[latestMs = -1, candidateMs = 0, witnesses = 0, clamped = 0] = new Float64Array(bytes.slice().buffer)
  }
  return {
    admit,
    get clamped() {
      return clamped
    },
    state: blobState('clock', 'latest,candidate,witnesses,clamped:f64', save, load),
  }
}
