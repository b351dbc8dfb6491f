import { mkdirSync } from 'node:fs'
import { type Topic, type TopicSpec, topicSpecs } from '../../activity/index.ts'
import { messageOf, RingfenceError } from '../../errors/index.ts'
import { assertPartition } from '../check.ts'
import { partitionsOf } from '../partitioner.ts'
import type { AppendRecord, Commit, EventLog, OffsetBounds, RecordBatch, TopicPartition } from '../port.ts'
import { type PreparedAppend, prepareAppend, writeAppends } from './append.ts'
import { createGroups } from './groups.ts'
import { lockDirectory } from './lock.ts'
import { partitionReader } from './read.ts'
import { openStore, type Store } from './store.ts'
import { sweepStore } from './sweep.ts'

export interface EmbeddedLogOptions {
  /** On a local disk; created when missing. */
  readonly directory: string
  /** Fixed when the log is created; without it an existing log keeps its number and a new one gets 8. */
  readonly partitions?: number
  /** Look at a log, perhaps while another process writes it; nothing can be appended, committed or subscribed to. */
  readonly readOnly?: boolean
  readonly topics?: readonly TopicSpec[]
  /** Time of appending, in milliseconds; retention goes by it. Default: the wall clock. */
  readonly now?: () => number
  /** Sweeps by itself this often; default 0, only when told. */
  readonly sweepEveryMs?: number
  /** Told when a sweep by itself failed. */
  readonly onSweepFailed?: (error: unknown) => void
}

/** An event log of one process, durable on local disk. */
export interface EmbeddedLog extends EventLog {
  /** Removes what retention has let go at `nowMs`, in small steps; gives the number of entries removed. */
  sweep(nowMs: number): Promise<number>
}

/** Appends go into one transaction up to this much; the rest waits for the next one. */
const TRANSACTION_BYTES = 4 * 1024 * 1024
const DEFAULT_MAX_BATCH_RECORDS = 4096

interface Waiting {
  readonly append: PreparedAppend
  resolve(): void
  reject(error: unknown): void
}

/**
 * Opens the embedded log: LMDB in `directory`, one writing process.
 * Records can be read as soon as they are committed and `append` resolves when they are flushed to the disk: appends that
 * arrive during a flush share the next one. Throws LOG_UNAVAILABLE (in use, unreadable, no log), CONFIG_INVALID
 * (another number of partitions), LOG_CORRUPT (another format).
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, readOnly = false, now = Date.now } = options
  const unlock = readOnly ? () => {} : claim(directory)
  let store: Store
  try {
    store = openStore({ directory, partitions: options.partitions, specs: options.topics ?? topicSpecs, readOnly })
  } catch (error) {
    unlock()
    throw error
  }

  let state: 'open' | 'closing' | 'closed' = 'open'
  let closing: Promise<void> | undefined
  const waiting: Waiting[] = []
  let pump: Promise<void> | undefined

  const countOf = (topic: Topic) => {
    store.topicNumber(topic)
    return partitionsOf(store.specs.get(topic)!, store.partitions)
  }
  const groups = createGroups({
    partitions: store.partitions,
    partitionsOf: countOf,
    source(place, { group, maxBatchRecords = DEFAULT_MAX_BATCH_RECORDS }) {
      const number = store.topicNumber(place.topic)
      const reader = partitionReader(store, place.topic, place.partition)
      return {
        start: () => store.committed(group, place.topic, place.partition) ?? 0,
        read: from => reader(from, store.next(number, place.partition), maxBatchRecords),
      }
    },
  })

  /** Writes what waits, transaction after transaction, until nothing does. Never rejects. */
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const taken = takeSome(waiting)
      try {
        await write(taken.map(({ append }) => append))
        await store.sync()
        for (const each of taken) each.resolve()
      } catch (error) {
        const failure = unavailable(directory, error)
        for (const each of taken) each.reject(failure)
      }
    }
    pump = undefined
  }

  async function write(appends: readonly PreparedAppend[]): Promise<void> {
    let moved: ReturnType<typeof writeAppends> = []
    await store.transact(() => {
      moved = writeAppends(store, appends, now())
    })
    for (const { topic, partition, next } of moved) {
      store.setNext(topic, partition, next)
      groups.wake(store.topicName(topic), partition)
    }
  }

  function append(records: readonly AppendRecord[], commits: readonly Commit[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      assertOpen()
      if (readOnly) throw new RingfenceError('LOG_UNAVAILABLE', `${directory}: opened for reading only`)
      waiting.push({ append: prepareAppend(store, records, commits), resolve, reject })
      // A microtask later, so that appends of one turn share a transaction.
      pump ??= Promise.resolve().then(drain)
    })
  }

  function assertOpen(): void {
    if (state === 'closed') throw new RingfenceError('LOG_CLOSED', `${directory}: the log is closed`)
  }

  function bounds({ topic, partition }: TopicPartition): OffsetBounds {
    assertOpen()
    if (readOnly) store.refresh()
    assertPartition(topic, partition, countOf(topic))
    const number = store.topicNumber(topic)
    return { earliest: store.earliest(number, partition), next: store.next(number, partition) }
  }

  function* read(place: TopicPartition, from: number, end: number): Generator<RecordBatch> {
    const reader = partitionReader(store, place.topic, place.partition)
    let offset = from
    while (offset < end) {
      assertOpen()
      const batch = reader(offset, end, DEFAULT_MAX_BATCH_RECORDS)
      if (batch === undefined) return
      yield batch
      offset = batch.nextOffset
    }
  }

  async function close(): Promise<void> {
    state = 'closing'
    clearInterval(timer)
    await groups.close()
    while (pump !== undefined) await pump
    state = 'closed'
    await store.close()
    unlock()
  }

  const sweep = (nowMs: number) => sweepStore(store, nowMs, () => state !== 'open')
  const timer =
    options.sweepEveryMs === undefined || options.sweepEveryMs <= 0 || readOnly
      ? undefined
      : setInterval(() => void sweep(now()).catch(options.onSweepFailed ?? (() => {})), options.sweepEveryMs).unref()

  return {
    partitions: store.partitions,
    append,
    read(place, fromOffset = 0) {
      const batches = read(place, fromOffset, bounds(place).next)
      return {
        async *[Symbol.asyncIterator]() {
          yield* batches
        },
      }
    },
    bounds: async place => bounds(place),
    async committed(group, { topic, partition }) {
      assertOpen()
      if (readOnly) store.refresh()
      return store.committed(group, topic, partition)
    },
    async subscribe(subscription, handler) {
      if (state !== 'open') throw new RingfenceError('LOG_CLOSED', `${directory}: the log is closed`)
      if (readOnly) throw new RingfenceError('LOG_UNAVAILABLE', `${directory}: opened for reading only`)
      for (const topic of subscription.topics) store.topicNumber(topic)
      return groups.join(subscription, handler)
    },
    sweep,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function claim(directory: string): () => void {
  try {
    mkdirSync(directory, { recursive: true })
    return lockDirectory(directory)
  } catch (error) {
    if (error instanceof RingfenceError) throw error
    throw new RingfenceError('LOG_UNAVAILABLE', `${directory}: cannot open the log: ${messageOf(error)}`, {
      cause: error,
      hint: 'the directory must be on a local disk and writable',
    })
  }
}

function takeSome(waiting: Waiting[]): Waiting[] {
  let bytes = 0
  let count = 0
  while (count < waiting.length && (count === 0 || bytes < TRANSACTION_BYTES)) bytes += waiting[count++]!.append.bytes
  return waiting.splice(0, count)
}

function unavailable(directory: string, error: unknown): RingfenceError {
  if (error instanceof RingfenceError) return error
  return new RingfenceError('LOG_UNAVAILABLE', `${directory}: cannot write: ${messageOf(error)}`, {
    cause: error,
    hint: 'free space on the disk; nothing of the append was kept and it can be tried again',
  })
}
