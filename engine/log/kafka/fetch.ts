import type { FetchedPartition } from 'kafkajs/src/broker/index.js'
import Batch from 'kafkajs/src/consumer/batch.js'
import type { StoredRecord } from '../port.ts'
import { TIME_HEADER } from './producer.ts'

/** What a fetch brought for one partition. */
export interface Fetched {
  readonly records: readonly StoredRecord[]
  /** Where to fetch next; past control records, aborted transactions and what compaction removed. */
  readonly nextOffset: number
  /** End of the partition as far as readers may see it. */
  readonly endOffset: number
  /** Nothing at all came although there is more: the response was full, or what stands here is an empty batch. */
  readonly starved: boolean
  /** Broker that wants to serve this partition to our rack; undefined for the leader. */
  readonly replica: number | undefined
}

/** Reads one partition of a fetch response that was asked for from `offset`. */
export function readFetched(topic: string, offset: number, partition: FetchedPartition): Fetched {
  const preferred = partition.preferredReadReplica ?? -1
  const batch = new Batch(topic, String(offset), partition)
  const endOffset = Number(partition.lastStableOffset ?? partition.highWatermark)
  if (batch.rawMessages.length === 0) {
    const redirected = preferred >= 0
    return {
      records: [],
      nextOffset: offset,
      endOffset,
      starved: !redirected && offset < endOffset,
      replica: redirected ? preferred : undefined,
    }
  }
  return {
    records: batch.messages.map(({ offset: at, key, value, timestamp, headers }) => ({
      offset: Number(at),
      key: key === null ? null : key.toString(),
      value,
      // Other producers have no header: theirs is the record's own time.
      timeMs: Number(headers?.[TIME_HEADER]?.toString() ?? timestamp),
    })),
    nextOffset: Math.max(offset, Number(batch.lastOffset()) + 1),
    endOffset,
    starved: false,
    replica: preferred >= 0 ? preferred : undefined,
  }
}

export const READ_COMMITTED = 1
/** Bytes of one partition in one fetch. */
export const PARTITION_BYTES = 1024 * 1024
/** Bytes of one fetch. */
export const FETCH_BYTES = 8 * 1024 * 1024
