import type { LogCounters } from '../counters.ts'
import type { RecordBatch, StoredRecord, TopicPartition } from '../port.ts'
import type { RunnerSource } from '../runner.ts'
import type { FetchTarget } from './fetcher.ts'

/** One partition between the fetcher and its runner: a buffer that is refilled while the handler works. */
export interface PartitionSource extends RunnerSource {
  readonly target: FetchTarget
}

export interface SourceOptions {
  readonly place: TopicPartition
  /** Topic on the wire. */
  readonly topic: string
  readonly maxBatchRecords: number
  readonly counters: LogCounters
  /** The committed position. */
  committed(): Promise<number | undefined>
  /** The oldest offset, and the end, as the broker has them. */
  bounds(): Promise<{ readonly earliest: number; readonly next: number }>
  /** There is something to read. */
  wake(): void
  /** There is room again. */
  kick(): void
  fail(error: unknown): void
}

/** Records and bytes in hand beyond which nothing more is fetched. */
const BUFFER_RECORDS = 16_384
const BUFFER_BYTES = 4 * 1024 * 1024

export function createSource(options: SourceOptions): PartitionSource {
  const { place, maxBatchRecords, counters } = options
  let buffer: StoredRecord[] = []
  let bytes = 0
  /** Where the handler is, and where the fetcher is; undefined until the handler has said where to start. */
  let readAt: number | undefined
  let fetchAt: number | undefined
  let moving = false
  let endOffset = 0

  const full = () => buffer.length >= BUFFER_RECORDS || bytes >= BUFFER_BYTES

  const target: FetchTarget = {
    topic: options.topic,
    partition: place.partition,
    position: () => (full() || moving ? undefined : fetchAt),
    deliver(offset, fetched) {
      if (offset !== fetchAt) return
      fetchAt = fetched.nextOffset
      endOffset = fetched.endOffset
      if (fetched.records.length === 0) return
      for (const record of fetched.records) {
        buffer.push(record)
        bytes += sizeOf(record)
        if (record.unreadable !== undefined) counters.unreadable++
      }
      if (full()) counters.pauses++
      options.wake()
    },
    outOfRange(offset) {
      if (offset !== fetchAt) return
      moving = true
      moveInside(offset)
        .catch(options.fail)
        .finally(() => {
          moving = false
          options.kick()
        })
    },
    fail: options.fail,
  }

  /** Retention has overtaken the reader, which goes on at the oldest record; a log shorter than the reader is broken. */
  async function moveInside(offset: number): Promise<void> {
    const { earliest, next } = await options.bounds()
    if (offset < earliest) fetchAt = earliest
    else if (offset > next) {
      throw new Error(`${place.topic} partition ${place.partition}: offset ${offset} is beyond the end ${next}`)
    }
  }

  return {
    target,
    async start() {
      return (await options.committed()) ?? 0
    },
    read(fromOffset): RecordBatch | undefined {
      if (readAt !== fromOffset) {
        buffer = []
        bytes = 0
        readAt = fetchAt = fromOffset
        options.kick()
        return undefined
      }
      if (buffer.length === 0) return undefined
      const wasFull = full()
      const records = buffer.splice(0, maxBatchRecords)
      for (const record of records) bytes -= sizeOf(record)
      readAt = records.at(-1)!.offset + 1
      if (wasFull && !full()) options.kick()
      // Not the spread first: V8 gives every object that begins with one a hidden class of its own.
      const { topic, partition } = place
      return { topic, partition, records, nextOffset: readAt, endOffset: Math.max(endOffset, readAt) }
    },
  }
}

function sizeOf(record: StoredRecord): number {
  return (record.value?.length ?? 0) + 64
}
