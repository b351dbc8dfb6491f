import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TopicSpec } from '../../activity/index.ts'
import { placeOf } from '../check.ts'
import type { AppendRecord } from '../port.ts'
import type { Sender } from './sender.ts'

/** Sends appends one request at a time, in order; what arrives meanwhile shares the next request. */
export interface AppendQueue {
  append(records: readonly AppendRecord[]): Promise<void>
  /** Waits until nothing waits any more, disconnects. */
  close(): Promise<void>
}

export interface AppendQueueOptions {
  /** A fresh idempotent producer. */
  connect(): Promise<Sender>
  readonly specs: ReadonlyMap<string, TopicSpec>
  readonly partitions: number
  readonly prefix: string
  readonly now: () => number
  /** Connections are no longer needed. */
  disconnect(): Promise<void>
}

/** Under the megabyte that brokers take for one partition's batch, whatever the partition. */
const REQUEST_BYTES = 768 * 1024
const REQUEST_RECORDS = 8192

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
 * One request in flight keeps the order of records, retries included. The producer is idempotent: what is sent again
 * because an answer was lost is known to the broker by its sequence number. After an error that retries did not mend
 * nobody can say what the broker has, so that producer and its numbers are thrown away. What was then appended twice is
 * found by its ids (DESIGN §5).
 */
export function createAppendQueue(options: AppendQueueOptions): AppendQueue {
  const { connect, disconnect, specs, partitions, prefix, now } = options
  let queue: Unit[] = []
  let sending: Promise<void> | undefined
  let sender: Sender | undefined

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const units = queue.splice(0, requestLength(queue))
      try {
        sender ??= await connect()
        // Retention goes by the records' own time, so that is the time of appending: a capture of last month that is
        // replayed must not be deleted at once. The event's time goes with the record.
        await sender.send(byPlace(units, prefix), now())
        for (const { owner } of units) if (--owner.left === 0) owner.resolve()
      } catch (error) {
        sender = undefined
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
        // A fetch wakes several partitions in one turn: what comes of all of them shares a request.
        sending ??= nextTurn().then(drain)
      })
    },
    async close() {
      while (sending !== undefined) await sending
      await disconnect().catch(() => {})
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

/** Topic on the wire → partition → records, in order. */
function byPlace(units: readonly Unit[], prefix: string): Map<string, Map<number, AppendRecord[]>> {
  const topics = new Map<string, Map<number, AppendRecord[]>>()
  for (const { record, partition } of units) {
    const wire = prefix + record.topic
    const partitions = topics.get(wire) ?? new Map<number, AppendRecord[]>()
    if (partitions.size === 0) topics.set(wire, partitions)
    const records = partitions.get(partition)
    if (records === undefined) partitions.set(partition, [record])
    else records.push(record)
  }
  return topics
}
