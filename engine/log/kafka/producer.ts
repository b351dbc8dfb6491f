import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { TopicSpec } from '../../activity/index.ts'
import { placeOf } from '../check.ts'
import type { AppendRecord } from '../port.ts'
import type { Permission } from './member.ts'
import type { Sender } from './sender.ts'

/** Sends appends one request at a time, in order; what arrives meanwhile shares the next request. */
export interface AppendQueue {
  /** With `may`, which is asked again before every try, they are sent only when it says so. */
  append(records: readonly AppendRecord[], may?: () => Permission): Promise<void>
  /** Has nothing that is under way for an owner arrive any more, as far as that is in our hands. */
  cut(): void
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
  /** Resets the connections: what the other side does not have yet is thrown away. */
  reset(): void
  /** What those are told whose records came too late. */
  refusal(): Error
}

/** Under the megabyte that brokers take for one partition's batch, whatever the partition. */
const REQUEST_BYTES = 768 * 1024
const REQUEST_RECORDS = 8192
/** How often those who have to wait for their lease are looked at. */
const LATER_MS = 50

interface Waiting {
  /** Records still to be acknowledged. */
  left: number
  failed: boolean
  readonly may: () => Permission
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
  const { connect, disconnect, reset, refusal, specs, partitions, prefix, now } = options
  let queue: Unit[] = []
  let underway: readonly Unit[] = []
  let sending: Promise<void> | undefined
  let sender: Sender | undefined

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const units = takeAllowed()
      if (units.length === 0) {
        if (queue.length > 0) await delay(LATER_MS)
        continue
      }
      underway = units
      try {
        sender ??= await connect()
        // Retention goes by the records' own time, so that is the time of appending: a capture of last month that is
        // replayed must not be deleted at once. The event's time goes with the record.
        await sender.send(byPlace(units, prefix), now(), () => ownersOf(units).every(({ may }) => may() === 'now'))
        for (const { owner } of units) if (--owner.left === 0) owner.resolve()
      } catch (error) {
        sender = undefined
        fail(units, error)
      }
      underway = []
    }
    sending = undefined
  }

  function fail(units: readonly Unit[], error: unknown): void {
    for (const { owner } of units) {
      if (!owner.failed) owner.reject(error)
      owner.failed = true
    }
    // The rest of an append that failed must not arrive without its beginning.
    queue = queue.filter(({ owner }) => !owner.failed)
  }

  /**
   * The next request's worth of units, in order, without those that have to wait. What is written for a partition that is
   * somebody else's by now is not to arrive.
   */
  function takeAllowed(): readonly Unit[] {
    const barred = ownersOf(queue).filter(({ may }) => may() !== 'now')
    if (barred.length === 0) return queue.splice(0, requestLength(queue))
    const lost = barred.filter(({ may }) => may() === 'never')
    if (lost.length > 0)
      fail(
        queue.filter(({ owner }) => lost.includes(owner)),
        refusal(),
      )
    const allowed = queue.filter(({ owner }) => !barred.includes(owner))
    const taken = new Set(allowed.slice(0, requestLength(allowed)))
    queue = queue.filter(unit => !taken.has(unit))
    return [...taken]
  }

  return {
    append(records, may = ALWAYS) {
      return new Promise((resolve, reject) => {
        const owner: Waiting = { left: records.length, failed: false, may, resolve, reject }
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
    cut() {
      if (ownersOf(underway).some(({ may }) => may !== ALWAYS)) reset()
    },
    async close() {
      while (sending !== undefined) await sending
      await disconnect().catch(() => {})
    },
  }
}

const ALWAYS = (): Permission => 'now'

/** Who the units belong to, each once; those of one append follow each other. */
function ownersOf(units: readonly Unit[]): readonly Waiting[] {
  const owners: Waiting[] = []
  for (const { owner } of units) if (owner !== owners.at(-1)) owners.push(owner)
  return owners
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
