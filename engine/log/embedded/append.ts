import type { TopicSpec } from '../../activity/index.ts'
import { placeOf } from '../check.ts'
import type { AppendRecord, Commit } from '../port.ts'
import { encodeFrame, type FramedRecord, framedBytes } from './frame.ts'
import { commitKey, latestKey, offsetValue, recordKey, tombstoneKey } from './keys.ts'
import type { Store } from './store.ts'

/** A frame holds at most this much, unless one record alone is larger. */
const FRAME_BYTES = 64 * 1024
const FRAME_RECORDS = 1024

/** One call of append, checked and sorted by partition; written whole or not at all. */
export interface PreparedAppend {
  readonly partitions: readonly PartitionAppend[]
  readonly commits: readonly Commit[]
  readonly bytes: number
}

interface PartitionAppend {
  readonly spec: TopicSpec
  readonly topic: number
  readonly partition: number
  readonly records: FramedRecord[]
}

/** Sorts records by partition, in order; throws RECORD_INVALID for a record that no log would take. */
export function prepareAppend(
  store: Store,
  records: readonly AppendRecord[],
  commits: readonly Commit[],
): PreparedAppend {
  const partitions = new Map<number, PartitionAppend>()
  let bytes = 0
  for (const record of records) {
    const partition = placeOf(store.specs, record, store.partitions)
    const spec = store.specs.get(record.topic)!
    const framed: FramedRecord = {
      key: record.key === null ? null : Buffer.from(record.key),
      value: record.value,
      timeMs: record.timeMs,
      ...(record.traceParent === undefined ? {} : { traceParent: record.traceParent }),
    }
    bytes += framedBytes(framed)
    const topic = store.topicNumber(record.topic)
    const place = topic * 0x1_0000 + partition
    const list = partitions.get(place)
    if (list === undefined) partitions.set(place, { spec, topic, partition, records: [framed] })
    else list.records.push(framed)
  }
  for (const commit of commits) store.topicNumber(commit.topic)
  return { partitions: [...partitions.values()], commits, bytes }
}

/** A partition that an append moved on. */
export interface Advanced {
  readonly topic: number
  readonly partition: number
  next: number
}

/**
 * Writes prepared appends as one transaction and gives the partitions that moved on, which the caller makes known
 * once the transaction has committed. To be called inside `store.transact`.
 */
export function writeAppends(store: Store, appends: readonly PreparedAppend[], appendedMs: number): Advanced[] {
  const moved = new Map<number, Advanced>()
  for (const append of appends) {
    for (const part of append.partitions) {
      const place = part.topic * 0x1_0000 + part.partition
      let advanced = moved.get(place)
      if (advanced === undefined) {
        const next = store.next(part.topic, part.partition)
        advanced = { topic: part.topic, partition: part.partition, next }
        moved.set(place, advanced)
      }
      if (part.spec.keeping.policy === 'compact') writeCompacted(store, part, advanced, appendedMs)
      else writeFrames(store, part, advanced, appendedMs)
    }
    for (const { group, topic, partition, nextOffset } of append.commits) {
      void store.positions.put(commitKey(group, topic, partition), offsetValue(nextOffset))
    }
  }
  for (const { topic, partition, next } of moved.values()) {
    void store.positions.put(recordKey(topic, partition, 0), offsetValue(next))
  }
  return [...moved.values()]
}

function writeFrames(store: Store, part: PartitionAppend, advanced: Advanced, appendedMs: number): void {
  const { records } = part
  let start = 0
  while (start < records.length) {
    let end = start
    let bytes = 0
    while (end < records.length && end - start < FRAME_RECORDS && (end === start || bytes < FRAME_BYTES)) {
      bytes += framedBytes(records[end]!)
      end++
    }
    void store.records.put(
      recordKey(part.topic, part.partition, advanced.next),
      encodeFrame(records, start, end, appendedMs),
    )
    advanced.next += end - start
    start = end
  }
}

/** One entry a record; the record that it replaces goes in the same transaction, so that a key is there at most once. */
function writeCompacted(store: Store, part: PartitionAppend, advanced: Advanced, appendedMs: number): void {
  const { topic, partition, records } = part
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!
    const index = latestKey(topic, partition, record.key!)
    const before = store.latest.get(index)
    if (before !== undefined) void store.records.remove(recordKey(topic, partition, before.readDoubleLE(0)))
    const place = recordKey(topic, partition, advanced.next)
    void store.records.put(place, encodeFrame(records, i, i + 1, appendedMs))
    void store.latest.put(index, offsetValue(advanced.next))
    // The tombstone itself stays a day, so that readers that lag still see the deletion.
    if (record.value === null) void store.tombstones.put(tombstoneKey(appendedMs, place), index)
    advanced.next++
  }
}
