/**
 * What a tap counts. Plain numbers that the tap adds to in its hot path; the metrics registry reads them when scraped,
 * so that counting costs an addition and never a label look-up.
 */
export interface TapCounters {
  /** Packets, frames, PDUs or lines taken from the source. */
  received: number
  bytes: number
  /** Signals decoded from them. */
  decoded: number
  /** Activities emitted (each role copy counts). */
  activities: number
  /** Dialogs and transactions held at this moment, and given up so far because there were too many. */
  tracked: number
  evicted: number
  /** Dropped, by reason: a closed set of short names a tap, never data from the wire. */
  readonly dropped: Map<string, number>
}

/** What the queue between a tap and the event log counts. */
export interface QueueCounters {
  readonly queued: number
  readonly spilled: number
  readonly dropped: number
  /** Appends that failed and were tried again. */
  readonly failures?: number
  /** Bytes waiting on local disk. */
  readonly spilledBytes?: number
  /** Refused by the log for what they are. */
  readonly invalid?: number
}

/** Fresh counters, all zero. */
export function tapCounters(): TapCounters {
  return { received: 0, bytes: 0, decoded: 0, activities: 0, tracked: 0, evicted: 0, dropped: new Map() }
}

/** Counts one drop, or several at once. */
export function countDrop(counters: TapCounters, reason: string, drops = 1): void {
  counters.dropped.set(reason, (counters.dropped.get(reason) ?? 0) + drops)
}
