/** Where the clock keeps its numbers: `CLOCK_CELLS` places of a record that is saved. */
export interface ClockCells {
  readonly f64: Float64Array
  readonly at: number
}

export interface EventClock {
  /** Latest event time accepted. */
  readonly frontierMs: number
  /** A time that about half of the events have passed: safe to forget by. */
  readonly settledMs: number
  /** Takes an event's time; gives the time to count it at. */
  take(timeMs: number): number
}

export const CLOCK_CELLS = 5
const FRONTIER = 0
const SETTLED = 1
const RUN = 2
const GAP = 3
const TAKEN = 4
/** A jump of all the traffic is believed at this many events in a row. */
const JUMP_RUN = 3
/** Events before a clock can be doubted, and how many mean gaps a jump must exceed: a sparse stream jumps by nature. */
const ACQUAINTANCE = 100
const GAPS = 1000
const GAP_WEIGHT = 1 / 1024

/**
 * Event time without a wall clock. In a dense stream, an event further ahead of the frontier than `maxAheadMs` is counted
 * at the frontier and does not move it, unless the events before it ran ahead too: then the world has moved on (a lull, a
 * file with a gap) and not one clock. `settled` follows the median of event times in steps of at most `stepMs`, so that no
 * single bad clock can make every party look idle.
 */
export function createEventClock(cells: ClockCells, maxAheadMs: number, stepMs: number): EventClock {
  const { f64, at } = cells

  function accept(timeMs: number): number {
    const advance = Math.max(0, timeMs - f64[at + FRONTIER]!)
    f64[at + GAP]! += Math.max(GAP_WEIGHT, 1 / f64[at + TAKEN]!) * (advance - f64[at + GAP]!)
    f64[at + FRONTIER]! += advance
    f64[at + RUN] = 0
    return timeMs
  }

  return {
    get frontierMs() {
      return f64[at + FRONTIER]!
    },
    get settledMs() {
      return f64[at + SETTLED]!
    },
    take(timeMs) {
      const taken = f64[at + TAKEN]!++
      if (taken === 0) {
        f64[at + FRONTIER] = timeMs
        f64[at + SETTLED] = timeMs
        return timeMs
      }
      f64[at + SETTLED]! += Math.max(-stepMs, Math.min(stepMs, timeMs - f64[at + SETTLED]!))
      const ahead = timeMs - f64[at + FRONTIER]!
      if (ahead <= maxAheadMs || taken < ACQUAINTANCE || ahead <= GAPS * f64[at + GAP]!) return accept(timeMs)
      f64[at + RUN]!++
      return f64[at + RUN]! < JUMP_RUN ? f64[at + FRONTIER]! : accept(timeMs)
    },
  }
}
