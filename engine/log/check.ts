import type { TopicSpec } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import { partitionOf, partitionsOf } from './partitioner.ts'
import type { AppendRecord } from './port.ts'

/** The most that key and value of a record may hold: the same on every log, so that no record fits one log only. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024

/**
 * The partition a record goes to. Throws RECORD_INVALID for what no log takes: a topic or partition that is not there,
 * a compacted topic's record without a key, a record that is too large.
 */
export function placeOf(specs: ReadonlyMap<string, TopicSpec>, record: AppendRecord, partitions: number): number {
  const { topic, key, value } = record
  const spec = specs.get(topic)
  if (spec === undefined) throw new RingfenceError('RECORD_INVALID', `no topic ${topic} in this log`)
  const count = partitionsOf(spec, partitions)
  const partition = record.partition ?? partitionOf(key, count)
  assertPartition(topic, partition, count)
  if (spec.keeping.policy === 'compact' && key === null) {
    throw new RingfenceError('RECORD_INVALID', `${topic}: a record of a compacted topic needs a key`)
  }
  const size = (key?.length ?? 0) + (value?.length ?? 0)
  if (size > MAX_RECORD_BYTES) {
    throw new RingfenceError('RECORD_INVALID', `${topic}: a record of ${size} bytes, the most is ${MAX_RECORD_BYTES}`)
  }
  return partition
}

/** Throws RECORD_INVALID when a topic of `count` partitions has no such one. */
export function assertPartition(topic: string, partition: number, count: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return
  throw new RingfenceError('RECORD_INVALID', `${topic}: no partition ${partition}, it has ${count}`)
}
