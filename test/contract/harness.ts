import type { Topic } from '../../engine/activity/index.ts'
import type { AppendRecord, EventLog, RecordBatch, StoredRecord, Subscription } from '../../engine/log/index.ts'

/** A log under test that can be closed and opened again on the same storage. */
export interface LogUnderTest {
  readonly log: EventLog
  /** Closes the log and opens what it stored. */
  reopen(): Promise<EventLog>
  /** Closes the log and takes its storage away. */
  release(): Promise<void>
}

export type OpenLog = (options: { readonly partitions: number }) => Promise<LogUnderTest>

export const text = (value: Uint8Array | null): string | null => (value === null ? null : Buffer.from(value).toString())

export function record(topic: Topic, key: string | null, value: string | null, more: Partial<AppendRecord> = {}) {
  return { topic, key, value: value === null ? null : Buffer.from(value), timeMs: 1_764_000_000_000, ...more }
}

/** Everything that stands in a partition from `fromOffset` on. */
export async function readAll(
  log: EventLog,
  topic: Topic,
  partition: number,
  fromOffset?: number,
): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for await (const batch of log.read({ topic, partition }, fromOffset)) records.push(...batch.records)
  return records
}

/** What happened to a member of a group, in order, and a way to wait for it without a clock. */
export interface Observed {
  readonly subscription: Subscription
  readonly events: string[]
  readonly batches: RecordBatch[]
  /** Values of all records handed over so far. */
  values(): (string | null)[]
  /** Resolves when `condition` holds; it is looked at after every event of the members that share the list. */
  until(condition: () => boolean): Promise<void>
}

export interface ObserveOptions {
  readonly group: string
  readonly topics: readonly Topic[]
  readonly maxBatchRecords?: number
  /** Where `assigned` says to start. */
  readonly from?: number
  readonly onBatch?: (batch: RecordBatch) => Promise<void> | void
  readonly onRevoked?: (partition: number) => Promise<void> | void
  /** A list shared by several members shows the order among them. */
  readonly events?: string[]
  readonly name?: string
}

/** Who waits for something to appear in a list of events, whichever member notes it. */
const waiting = new WeakMap<string[], Set<() => void>>()

function waitersOf(events: string[]): Set<() => void> {
  const waiters = waiting.get(events) ?? new Set()
  waiting.set(events, waiters)
  return waiters
}

/** Subscribes a member that notes what it is told. Each event is `NAME assigned|batch|revoked TOPIC/PARTITION`. */
export async function observe(log: EventLog, options: ObserveOptions): Promise<Observed> {
  const { group, topics, maxBatchRecords, events = [], name = 'member' } = options
  const batches: RecordBatch[] = []
  const waiters = waitersOf(events)
  const note = (what: string, topic: string, partition: number) => {
    events.push(`${name} ${what} ${topic}/${partition}`)
    for (const check of [...waiters]) check()
  }
  const subscription = await log.subscribe(
    { group, topics, ...(maxBatchRecords === undefined ? {} : { maxBatchRecords }) },
    {
      async assigned({ topic, partition }) {
        note('assigned', topic, partition)
        return options.from
      },
      async batch(batch) {
        batches.push(batch)
        await options.onBatch?.(batch)
        note('batch', batch.topic, batch.partition)
      },
      async revoked({ topic, partition }) {
        await options.onRevoked?.(partition)
        note('revoked', topic, partition)
      },
    },
  )
  return {
    subscription,
    events,
    batches,
    values: () => batches.flatMap(batch => batch.records.map(each => text(each.value))),
    until: condition =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition()) return
          waiters.delete(check)
          resolve()
        }
        waiters.add(check)
        subscription.ended.catch(reject)
        check()
      }),
  }
}

/** A promise and what settles it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}
