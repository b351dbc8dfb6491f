/** Event time of a live tap, that goes on while nothing is captured. */
export interface EventClock {
  /** A signal captured at `timeMs` was received at `receivedMs`. */
  seen(timeMs: number, receivedMs: number): void
  /** Event time at the wall clock's `nowMs`; 0 before the first signal. */
  at(nowMs: number): number
}

/**
 * Event time is the latest capture time seen, plus the wall time since: a call whose BYE was lost must end although no
 * packet comes any more, and a replayed capture of last year must not end at once because today is later.
 */
export function createEventClock(): EventClock {
  let latestMs = 0
  let latestReceivedMs = 0
  return {
    seen(timeMs, receivedMs) {
      if (timeMs <= latestMs) return
      latestMs = timeMs
      latestReceivedMs = receivedMs
    },
    at: nowMs => (latestMs === 0 ? 0 : latestMs + Math.max(0, nowMs - latestReceivedMs)),
  }
}
