/** Where the clock keeps its numbers: a place in a record that is saved. */
export interface ClockCells {
  readonly f64: Float64Array
  readonly at: number
}

export interface EventClock {
  /** Latest event time accepted. */
  readonly frontierMs: number
  /** A time that at least about half of the events have passed: safe to forget by. */
  readonly settledMs: number
  /** Takes an event's time; gives the time to count it at. */
  take(timeMs: number): number
}

/** Cells the clock needs. */
export const CLOCK_CELLS = 3
/** A jump of all the traffic is believed at this many events in a row. */
const JUMP_RUN = 3

/**
 * Event time without a wall clock. An event further ahead of the frontier than `maxAheadMs` is counted at the frontier
 * and does not move it, unless the events before it ran ahead too: then the world has moved on (a lull, a file with a
 * gap) and not one clock. `settled` follows the median of event times in bounded steps, so that no single bad clock can
 * make every party look idle.
 */
export function createEventClock(cells: ClockCells, maxAheadMs: number, stepMs: number): EventClock {
  const { f64, at } = cells
  return {
    get frontierMs() {
      return f64[at]!
    },
    get settledMs() {
      return f64[at + 1]!
    },
    take(timeMs) {
      const frontier = f64[at]!
      if (frontier === 0) {
        f64[at] = timeMs
        f64[at + 1] = timeMs
        return timeMs
      }
      const settled = f64[at + 1]!
      f64[at + 1] = settled + Math.max(-stepMs, Math.min(stepMs, timeMs - settled))
      if (timeMs <= frontier + maxAheadMs) {
        f64[at + 2] = 0
        if (timeMs > frontier) f64[at] = timeMs
        return timeMs
      }
      f64[at + 2]!++
      if (f64[at + 2]! < JUMP_RUN) return frontier
      f64[at + 2] = 0
      f64[at] = timeMs
      return timeMs
    },
  }
}
