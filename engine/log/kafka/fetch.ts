import type { StoredRecord } from '../port.ts'
import { decodeRecords } from './records/index.ts'
import type { FetchedPartition } from './wire.ts'

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
export function readFetched(offset: number, partition: FetchedPartition): Fetched {
  const { preferredReadReplica, lastStableOffset: endOffset } = partition
  const replica = preferredReadReplica >= 0 ? preferredReadReplica : undefined
  const { records, nextOffset } = decodeRecords(partition.records, offset, partition.aborted)
  // A leader that sends us elsewhere brings nothing itself.
  const starved = nextOffset === offset && offset < endOffset && replica === undefined
  return { records, nextOffset, endOffset, starved, replica }
}

/** Bytes of one partition in one fetch. */
export const PARTITION_BYTES = 1024 * 1024
/** Bytes of one fetch. */
export const FETCH_BYTES = 8 * 1024 * 1024
