import { RingfenceError } from '../errors/index.ts'
import type { AppendRecord, EventLog } from './port.ts'
import { openSpill, type Spill, type SpillOptions } from './spill.ts'

export interface OutboxOptions {
  readonly log: Pick<EventLog, 'append'>
  /** The longest a record waits for company, in milliseconds; default 3. */
  readonly batchMs?: number
  /** A batch of this many bytes goes at once; default 256 KiB. */
  readonly batchBytes?: number
  /** Bytes waiting in memory at the most; default 32 MiB. */
  readonly queueBytes?: number
  /** Where records go when memory is full; without it the oldest are dropped then. */
  readonly spill?: SpillOptions
  /** Told when the log does not take a batch, and when the spill does not take a record. */
  readonly onTrouble?: (error: unknown) => void
  readonly timers?: OutboxTimers
}

export interface OutboxTimers {
  /** Calls back once after `delayMs`; what it returns cancels. */
  after(delayMs: number, call: () => void): () => void
}

/** Plain numbers, read when scraped. */
export interface OutboxCounters {
  emitted: number
  appended: number
  /** Records waiting in memory. */
  queued: number
  queuedBytes: number
  /** Records waiting on disk. */
  spilled: number
  spilledBytes: number
  /** Lost for want of room, oldest first. */
  dropped: number
  /** Refused by the log for what they are. */
  invalid: number
  /** Appends that failed and were tried again. */
  failures: number
}

/**
 * The queue between a tap and the event log, bounded in memory and on disk.
 *
 *   emit ─► memory ─► batch (3 ms or 256 KiB) ─► log
 *             │ full                              ▲
 *             └► spill on local disk ─► memory ───┘     full: the oldest file is dropped and counted
 *
 * Order is kept: once there is something on disk, new records go there too until it has been read back.
 */
export interface Outbox {
  /** Takes a record. Never throws, never waits. */
  emit(record: AppendRecord): void
  /** Resolves when everything emitted before is durable in the log, or was dropped and counted. */
  durable(): Promise<void>
  /** True while less than a quarter of the memory is free, or something is on disk: a tap that can pause should. */
  congested(): boolean
  readonly counters: Readonly<OutboxCounters>
  /** Sends what waits; what the log does not take goes to the spill, or is dropped and counted. Takes nothing more. */
  close(): Promise<void>
}

interface Entry {
  readonly record: AppendRecord
  readonly bytes: number
  /** Counts the records taken. */
  readonly number: number
}

interface Waiter {
  readonly number: number
  resolve(): void
}

const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 5000
/** Bookkeeping of a record beside its bytes. */
const RECORD_BYTES = 64

const nodeTimers: OutboxTimers = {
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Makes the queue of one tap (or of one process). Throws what the file system says when the spill cannot be opened. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { log, batchMs = 3, batchBytes = 256 * 1024, queueBytes = 32 * 1024 * 1024, timers = nodeTimers } = options
  const trouble = options.onTrouble ?? (() => {})
  const spill: Spill | undefined = options.spill && openSpill(options.spill)
  const counters: OutboxCounters = {
    emitted: 0,
    appended: 0,
    queued: 0,
    queuedBytes: 0,
    spilled: spill?.records ?? 0,
    spilledBytes: spill?.bytes ?? 0,
    dropped: 0,
    invalid: 0,
    failures: 0,
  }
  let queue: Entry[] = []
  /** Entries at the head of `queue` that are being appended. */
  let inFlight = 0
  /** Entries at the head of `queue` that came from the oldest file on disk, which goes when they are done. */
  let fromSpill = 0
  /** Records in that file. */
  let inOldestFile = 0
  /** Number of the last record taken. What is on disk alone are always the last ones taken. */
  let taken = counters.spilled
  let waiters: Waiter[] = []
  let sending: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined
  let wakeRetry: (() => void) | undefined
  let retryMs = FIRST_RETRY_MS
  let closing = false

  /** Number of the last record before which, itself included, none is outstanding. */
  const settled = () => (queue.length > 0 ? queue[0]!.number - 1 : taken - (spill?.records ?? 0))

  /** To be called after every change of `queue` or of the disk. */
  function changed(): void {
    counters.queued = queue.length
    counters.spilled = spill?.records ?? 0
    counters.spilledBytes = spill?.bytes ?? 0
    if (waiters.length === 0) return
    const upTo = settled()
    for (const waiter of waiters) if (waiter.number <= upTo) waiter.resolve()
    waiters = waiters.filter(waiter => waiter.number > upTo)
  }

  function emit(record: AppendRecord): void {
    counters.emitted++
    const bytes = sizeOf(record)
    if (closing) {
      counters.dropped++
    } else if (counters.spilled > fromSpill || counters.queuedBytes + bytes > queueBytes) {
      if (spill === undefined) makeRoom(record, bytes)
      else pushToDisk(spill, record)
      changed()
    } else {
      enqueue(record, bytes, ++taken)
      counters.queued = queue.length
    }
    schedule()
  }

  function enqueue(record: AppendRecord, bytes: number, number: number): void {
    queue.push({ record, bytes, number })
    counters.queuedBytes += bytes
  }

  function pushToDisk(disk: Spill, record: AppendRecord): void {
    try {
      const removed = disk.push(record)
      taken++
      if (removed === 0) return
      // The oldest file went. When it is the one being sent from memory, nothing of it is lost.
      counters.dropped += removed - (fromSpill > 0 ? inOldestFile : 0)
      fromSpill = 0
    } catch (error) {
      trouble(error)
      counters.dropped++
    }
  }

  /** Without a disk the oldest records behind the batch under way make room. */
  function makeRoom(record: AppendRecord, bytes: number): void {
    let end = inFlight
    while (end < queue.length && counters.queuedBytes + bytes > queueBytes) {
      counters.queuedBytes -= queue[end]!.bytes
      end++
    }
    counters.dropped += end - inFlight
    queue.splice(inFlight, end - inFlight)
    if (counters.queuedBytes + bytes > queueBytes) counters.dropped++
    else enqueue(record, bytes, ++taken)
  }

  function schedule(): void {
    if (sending !== undefined || closing) return
    if (counters.queuedBytes >= batchBytes) start()
    else if (cancelTimer === undefined && (queue.length > 0 || counters.spilled > 0)) {
      cancelTimer = timers.after(batchMs, start)
    }
  }

  function start(): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (sending !== undefined) return
    sending = send().finally(() => {
      sending = undefined
      // Not at once: under load every append of a few records costs the log as much as one of many.
      schedule()
    })
  }

  /** Sends one batch. Never rejects. */
  async function send(): Promise<void> {
    if (queue.length === 0) refill()
    inFlight = batchLength(queue, batchBytes)
    if (inFlight === 0) return
    const delivered = await deliver(queue.slice(0, inFlight).map(({ record }) => record))
    if (delivered) advance(inFlight)
    inFlight = 0
  }

  /** Appends until the log takes the records; false when there is no use in trying on. */
  async function deliver(records: readonly AppendRecord[]): Promise<boolean> {
    for (;;) {
      try {
        await log.append(records)
        counters.appended += records.length
        retryMs = FIRST_RETRY_MS
        return true
      } catch (error) {
        trouble(error)
        const code = error instanceof RingfenceError ? error.code : undefined
        if (code === 'RECORD_INVALID') return deliverOneByOne(records)
        if (code === 'LOG_CLOSED') closing = true
        if (closing) return false
        counters.failures++
        await pause()
      }
    }
  }

  /** One of them will never be taken: the others must not go with it. */
  async function deliverOneByOne(records: readonly AppendRecord[]): Promise<boolean> {
    if (records.length === 1) {
      counters.invalid++
      return true
    }
    for (const record of records) if (!(await deliver([record]))) return false
    return true
  }

  /** The first entries of the queue are done with. */
  function advance(entries: number): void {
    for (let i = 0; i < entries; i++) counters.queuedBytes -= queue[i]!.bytes
    queue = queue.slice(entries)
    if (fromSpill > 0) {
      fromSpill = Math.max(0, fromSpill - entries)
      if (fromSpill === 0) spill?.done()
    }
    changed()
  }

  /** Memory is empty: what stands on disk comes next. */
  function refill(): void {
    if (spill === undefined || spill.records === 0) return
    try {
      let number = taken - spill.records
      for (const record of spill.oldest()) enqueue(record, sizeOf(record), ++number)
      fromSpill = queue.length
      inOldestFile = queue.length
    } catch (error) {
      trouble(error)
    }
    if (queue.length > 0) return
    const before = spill.records
    spill.done()
    counters.dropped += before - spill.records
    changed()
  }

  function pause(): Promise<void> {
    const delayMs = retryMs
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    return new Promise(resolve => {
      const cancel = timers.after(delayMs, resolve)
      wakeRetry = () => {
        cancel()
        resolve()
      }
    })
  }

  async function close(): Promise<void> {
    closing = true
    cancelTimer?.()
    wakeRetry?.()
    await sending
    for (let before = -1; queue.length + counters.spilled > 0 && before !== counters.appended; ) {
      before = counters.appended
      start()
      await sending
    }
    leave(queue.slice(fromSpill).map(({ record }) => record))
    queue = []
    counters.queuedBytes = 0
    changed()
    for (const waiter of waiters) waiter.resolve()
    waiters = []
  }

  /** What memory still holds goes to disk for the next process, in its place: before what was never read back. */
  function leave(records: readonly AppendRecord[]): void {
    try {
      if (spill === undefined) counters.dropped += records.length
      else spill.insert(records, fromSpill > 0 ? 'second' : 'first')
    } catch (error) {
      trouble(error)
      counters.dropped += records.length
    }
    spill?.close()
  }

  if (counters.spilled > 0) schedule()
  let closed: Promise<void> | undefined
  return {
    emit,
    counters,
    durable: () =>
      settled() >= taken
        ? Promise.resolve()
        : new Promise(resolve => {
            waiters.push({ number: taken, resolve })
          }),
    congested: () => counters.spilled > 0 || counters.queuedBytes > queueBytes * 0.75,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

function sizeOf(record: AppendRecord): number {
  return RECORD_BYTES + (record.key?.length ?? 0) + (record.value?.length ?? 0)
}

function batchLength(queue: readonly Entry[], batchBytes: number): number {
  let bytes = 0
  let count = 0
  while (count < queue.length && bytes < batchBytes) bytes += queue[count++]!.bytes
  return count
}
