import kafkajs, { type Message, type Producer } from 'kafkajs'
import type { TopicSpec } from '../../activity/index.ts'
import { placeOf } from '../check.ts'
import type { AppendRecord } from '../port.ts'

/** Sends appends one request at a time, in order; what arrives meanwhile shares the next request. */
export interface AppendQueue {
  append(records: readonly AppendRecord[]): Promise<void>
  /** Waits until nothing waits any more, disconnects. */
  close(): Promise<void>
}

export interface AppendQueueOptions {
  /** A connected idempotent producer. */
  connect(): Promise<Producer>
  readonly specs: ReadonlyMap<string, TopicSpec>
  readonly partitions: number
  readonly prefix: string
  readonly compression: 'none' | 'gzip'
  readonly now: () => number
}

/** Under the megabyte that brokers take for one partition's batch, whatever the partition. */
const REQUEST_BYTES = 768 * 1024
const REQUEST_RECORDS = 8192
/** Event time in milliseconds, as decimal digits. */
export const TIME_HEADER = 'time'
/** All in-sync replicas. */
const ACKS = -1

interface Waiting {
  /** Records still to be acknowledged. */
  left: number
  failed: boolean
  resolve(): void
  reject(error: unknown): void
}

interface Unit {
  readonly record: AppendRecord
  readonly partition: number
  readonly owner: Waiting
}

/**
 * One request in flight keeps the order of records, retries included. When one partition of a request fails kafkajs sends
 * all of it again, so the producer is idempotent: the broker knows what it has by sequence number. After an error that
 * retries did not mend, kafkajs takes the numbers back although the broker may have them, and would pass other records
 * off as those; so that producer is thrown away. What was then appended twice is found by its ids (DESIGN §5).
 */
export function createAppendQueue(options: AppendQueueOptions): AppendQueue {
  const { connect, specs, partitions, prefix, now } = options
  const compression = kafkajs.CompressionTypes[options.compression === 'gzip' ? 'GZIP' : 'None']
  let queue: Unit[] = []
  let sending: Promise<void> | undefined
  let producer: Producer | undefined

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const units = queue.splice(0, requestLength(queue))
      try {
        producer ??= await connect()
        await producer.sendBatch({ acks: ACKS, compression, topicMessages: byTopic(units, prefix, now()) })
        for (const { owner } of units) if (--owner.left === 0) owner.resolve()
      } catch (error) {
        void producer?.disconnect().catch(() => {})
        producer = undefined
        for (const { owner } of units) {
          if (!owner.failed) owner.reject(error)
          owner.failed = true
        }
        // The rest of an append that failed must not arrive without its beginning.
        queue = queue.filter(({ owner }) => !owner.failed)
      }
    }
    sending = undefined
  }

  return {
    append(records) {
      return new Promise((resolve, reject) => {
        const owner: Waiting = { left: records.length, failed: false, resolve, reject }
        const units = records.map(record => ({ record, partition: placeOf(specs, record, partitions), owner }))
        if (units.length === 0) {
          resolve()
          return
        }
        for (const unit of units) queue.push(unit)
        sending ??= Promise.resolve().then(drain)
      })
    },
    async close() {
      while (sending !== undefined) await sending
      await producer?.disconnect().catch(() => {})
    },
  }
}

function requestLength(queue: readonly Unit[]): number {
  let bytes = 0
  let count = 0
  while (count < queue.length && count < REQUEST_RECORDS) {
    const { key, value } = queue[count]!.record
    bytes += (key?.length ?? 0) + (value?.length ?? 0) + 24
    if (count > 0 && bytes > REQUEST_BYTES) break
    count++
  }
  return count
}

/**
 * Kafka's retention goes by the timestamp of records, so that is the time of appending: a capture of last month that is
 * replayed must not be deleted at once. The event's own time goes with the record as a header.
 */
function byTopic(units: readonly Unit[], prefix: string, nowMs: number) {
  const timestamp = String(nowMs)
  const topics = new Map<string, Message[]>()
  for (const { record, partition } of units) {
    const { topic, key, value, timeMs } = record
    const message = {
      key,
      value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.length),
      partition,
      timestamp,
      headers: { [TIME_HEADER]: String(timeMs) },
    }
    const messages = topics.get(topic)
    if (messages === undefined) topics.set(topic, [message])
    else messages.push(message)
  }
  return [...topics].map(([topic, messages]) => ({ topic: prefix + topic, messages }))
}
