/** Something that is to be looked at again at an event time. Fields belong to the wheel; owners read `deadlineMs` only. */
export interface Timed {
  deadlineMs: number
  firesMs: number
  timerPrevious: Timed | undefined
  timerNext: Timed | undefined
  bucket: number
}

/** Event-time timers: driven by the times of the messages, never by a clock. */
export interface TimerWheel {
  /**
   * Sets or puts off the item's deadline: `afterMs` after `timeMs`, or after the wheel's own time where that is later. Capture
   * agents' clocks differ, and the calls of one that is behind must not be over before they have begun.
   */
  schedule(item: Timed, timeMs: number, afterMs: number): void
  cancel(item: Timed): void
  /** Fires what is due up to `timeMs`, in order of deadline. Time never goes back. */
  advance(timeMs: number): void
}

const TICK_MS = 1000
const BUCKETS = 1024
const NEVER = Number.NEGATIVE_INFINITY

/**
 * A hashed timing wheel (Varghese and Lauck 1987, scheme 6): O(1) to set and to put off. A deadline that only moves later
 * stays where it is and moves on when it fires early: a dialog's every message puts its idle limit off.
 */
export function createTimerWheel(fire: (item: Timed) => void): TimerWheel {
  const heads: (Timed | undefined)[] = new Array(BUCKETS).fill(undefined)
  let tick = NEVER

  function link(item: Timed, wantedMs: number): void {
    // What was due in a second that has been looked at already is due in this one.
    const atMs = tick === NEVER ? wantedMs : Math.max(wantedMs, tick * TICK_MS)
    const bucket = Math.floor(atMs / TICK_MS) & (BUCKETS - 1)
    const head = heads[bucket]
    item.firesMs = atMs
    item.bucket = bucket
    item.timerPrevious = undefined
    item.timerNext = head
    if (head !== undefined) head.timerPrevious = item
    heads[bucket] = item
  }
  function cancel(item: Timed): void {
    if (item.bucket < 0) return
    const { timerPrevious, timerNext } = item
    if (timerPrevious === undefined) heads[item.bucket] = timerNext
    else timerPrevious.timerNext = timerNext
    if (timerNext !== undefined) timerNext.timerPrevious = timerPrevious
    item.timerPrevious = undefined
    item.timerNext = undefined
    item.bucket = -1
  }
  function collect(bucket: number, timeMs: number, due: Timed[]): void {
    let item = heads[bucket]
    while (item !== undefined) {
      const next = item.timerNext
      if (item.firesMs <= timeMs) {
        cancel(item)
        if (item.deadlineMs <= timeMs) due.push(item)
        else link(item, item.deadlineMs)
      }
      item = next
    }
  }
  return {
    schedule(item, timeMs, afterMs) {
      const deadlineMs = (tick === NEVER ? timeMs : Math.max(timeMs, tick * TICK_MS)) + afterMs
      item.deadlineMs = deadlineMs
      if (item.bucket >= 0) {
        if (deadlineMs >= item.firesMs) return
        cancel(item)
      }
      link(item, deadlineMs)
    },
    cancel,
    advance(timeMs) {
      const to = Math.floor(timeMs / TICK_MS)
      if (to <= tick) return
      // What is due within the current second waits for the next one: a tick is looked at once it is over.
      const from = tick === NEVER ? to : tick
      tick = to
      const due: Timed[] = []
      const buckets = Math.min(to - from, BUCKETS)
      for (let i = 0; i < buckets; i++) collect((to - 1 - i) & (BUCKETS - 1), to * TICK_MS - 1, due)
      if (due.length > 1) due.sort((a, b) => a.deadlineMs - b.deadlineMs)
      for (const item of due) if (item.bucket < 0) fire(item)
    },
  }
}
