/** What a process counts of its dealings with the event log: plain numbers, read when metrics are scraped. */
export interface LogCounters {
  /** Answers in which a broker asked us to slow down, because a client quota is used up, and for how long in all. */
  throttled: number
  throttledMs: number
  /** Requests sent again because a broker was away, changed its role or lost an answer. */
  retries: number
  /** Times that a partition stopped to be read because the one who works on it was behind. */
  pauses: number
  /** Times that partitions were taken from us before we could let go: we were not heard of for too long. */
  lost: number
  /** Batches of records that could not be read. */
  unreadable: number
}

/** Fresh counters, all zero. */
export function logCounters(): LogCounters {
  return { throttled: 0, throttledMs: 0, retries: 0, pauses: 0, lost: 0, unreadable: 0 }
}
