import type { EventLog, StoredRecord, TopicPartition } from '../log/index.ts'
import { partitionOf } from '../log/index.ts'

export interface HistoryOptions<T> {
  readonly topic: TopicPartition['topic']
  /** Only records of this key; all without. */
  readonly key?: string
  /** Undefined: not asked for, or cannot be read. */
  readonly read: (record: StoredRecord) => T | undefined
  readonly timeOf: (value: T) => number
  readonly limit: number
  /** Where the page before ended; the newest without. */
  readonly cursor?: string
}

export interface HistoryPage<T> {
  /** Newest first. */
  readonly items: readonly T[]
  /** Where the next page begins; undefined when there is nothing older. */
  readonly next: string | undefined
  /** Records that were looked at. */
  readonly scanned: number
}

/** Offsets looked at in a partition for one page: what a page may cost, whatever is asked for. */
const WINDOW = 5_000

/**
 * A page of a topic's past, newest first. The log has no index by party, so each page looks through a bounded window of the
 * partitions that can hold what is asked for; a page may be short or empty and still have a next one.
 * @throws RangeError when the cursor is none of ours
 */
export async function readHistory<T>(log: EventLog, options: HistoryOptions<T>): Promise<HistoryPage<T>> {
  const { topic, key, limit } = options
  const partitions = key === undefined ? [...Array(log.partitions).keys()] : [partitionOf(key, log.partitions)]
  const ends = options.cursor === undefined ? undefined : readCursor(options.cursor, partitions)
  const found: { value: T; partition: number; offset: number }[] = []
  const lows = new Map<number, { from: number; earliest: number }>()
  let scanned = 0
  for (const partition of partitions) {
    const { earliest, next } = await log.bounds({ topic, partition })
    const end = Math.min(next, ends?.get(partition) ?? next)
    const from = Math.max(earliest, end - WINDOW)
    lows.set(partition, { from, earliest })
    if (from >= end) continue
    scanned += end - from
    for (const record of await readRange(log, { topic, partition }, from, end)) {
      if (key !== undefined && record.key !== key) continue
      const value = options.read(record)
      if (value !== undefined) found.push({ value, partition, offset: record.offset })
    }
  }
  found.sort((a, b) => options.timeOf(b.value) - options.timeOf(a.value) || b.offset - a.offset)
  const page = found.slice(0, limit)
  // What was found and does not fit is for the next page: it begins above the newest of those.
  const left = new Map<number, number>()
  for (const { partition, offset } of found.slice(limit))
    left.set(partition, Math.max(left.get(partition) ?? 0, offset + 1))
  const starts = partitions.map(partition => [partition, left.get(partition) ?? lows.get(partition)!.from] as const)
  const hasMore = starts.some(([partition, start]) => left.has(partition) || start > lows.get(partition)!.earliest)
  return {
    items: page.map(({ value }) => value),
    next: hasMore ? starts.map(pair => pair.join(':')).join(',') : undefined,
    scanned,
  }
}

async function readRange(log: EventLog, place: TopicPartition, from: number, end: number): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  for await (const batch of log.read(place, from)) {
    for (const record of batch.records) if (record.offset < end) records.push(record)
    if (batch.nextOffset >= end) break
  }
  return records
}

function readCursor(cursor: string, partitions: readonly number[]): Map<number, number> {
  const ends = new Map<number, number>()
  for (const pair of cursor.split(',')) {
    const match = /^(\d{1,5}):(\d{1,16})$/.exec(pair)
    if (match === null || !partitions.includes(Number(match[1]))) throw new RangeError(`cursor: "${cursor}"`)
    ends.set(Number(match[1]), Number(match[2]))
  }
  return ends
}
