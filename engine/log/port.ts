import type { Topic } from '../activity/index.ts'

/**
 * The event log: partitioned, ordered, durable. Two implementations, `embedded` and `kafka`, one contract-test suite.
 * Delivery: `append` resolves once the records are durable; a group reads every record at least once, and exactly once
 * in effect when it commits together with its output or restores from a snapshot that holds the next offset.
 */

export interface AppendRecord {
  readonly topic: Topic
  /** Decides the partition (Kafka's own murmur2, so that other producers agree); null goes to partition 0. */
  readonly key: string | null
  /** null is a tombstone: on a compacted topic it removes the key. */
  readonly value: Uint8Array | null
  /** Event time. Retention goes by the time of appending. */
  readonly timeMs: number
  /** Overrides the partition that the key would give. */
  readonly partition?: number
  /** W3C trace context (`traceparent`) of the trace that the record belongs to; a header beside the record on Kafka. */
  readonly traceParent?: string
}

export interface StoredRecord {
  readonly offset: number
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly timeMs: number
  /**
   * Why the log could not make records of these bytes (a damaged or foreign batch on Kafka, whose bytes are the value):
   * to be parked as a dead letter with this reason. No consumer finds anything in such a value.
   */
  readonly unreadable?: string
  readonly traceParent?: string
}

export interface RecordBatch {
  readonly topic: Topic
  readonly partition: number
  /** In offset order; offsets may have gaps where compaction or retention took records away. */
  readonly records: readonly StoredRecord[]
  /** The offset to read from after this batch: what a commit takes. */
  readonly nextOffset: number
  /** Where the partition ended when the batch was read: how far behind the reader is, without asking. */
  readonly endOffset: number
}

export interface TopicPartition {
  readonly topic: Topic
  readonly partition: number
}

export interface Commit extends Ownership {
  readonly nextOffset: number
}

/** A partition that a member of a group owns. */
export interface Ownership extends TopicPartition {
  readonly group: string
}

export interface OffsetBounds {
  /** Oldest offset that can still be read. */
  readonly earliest: number
  /** Offset that the next record will get. */
  readonly next: number
}

/**
 * What a member of a group does. Calls for one partition never overlap, those for different partitions may.
 * A rejected promise stops the subscription: `ended` rejects with it, `revoked` is not called, others take over.
 * A handler must not wait for the `close` of its own subscription.
 */
export interface GroupHandler {
  /**
   * The partition is now this member's. Restore state here.
   * Returns the offset to read from; undefined takes the committed one, else the earliest.
   */
  assigned(partition: TopicPartition): Promise<number | undefined>
  /** Records in order. The next batch of this partition comes after the promise resolves: that is the back-pressure. */
  batch(batch: RecordBatch): Promise<void>
  /** The partition is about to leave (rebalance or close): last chance for a snapshot and a commit. */
  revoked(partition: TopicPartition): Promise<void>
  /**
   * The partition is another member's already (this one was not heard of for too long): drop its state, write nothing.
   * The one call that may come while a batch is under way, which should then fail. `assigned` may come again for it
   * later, when that batch has ended. Never with the embedded log.
   */
  lost?(partition: TopicPartition): Promise<void>
}

export interface SubscribeOptions {
  readonly group: string
  readonly topics: readonly Topic[]
  /** Upper bound on records handed over at once; default 4,096. */
  readonly maxBatchRecords?: number
}

export interface Subscription {
  /** Resolves when the subscription has ended; rejects with what a handler threw or what the log broke on. Watch it. */
  readonly ended: Promise<void>
  /** Revokes its partitions, waits for the handlers, ends. Never rejects. */
  close(): Promise<void>
}

export interface EventLog {
  /** Number of partitions of every topic that has a key; a topic without one has a single partition. */
  readonly partitions: number
  /**
   * Appends in order, resolves when durable; with `commit` the group's position moves in the same step
   * (one transaction in the embedded log; on Kafka the commit follows the acknowledged append without being waited for:
   * `committed`, a revocation and `close` wait for it).
   * With `owner` (by default the first of `commit`) the records are written only while this process owns that partition:
   * they wait while it is not known, and are refused with LOG_UNAVAILABLE once somebody else has it.
   * Throws RECORD_INVALID for a record that no log takes (nothing is kept), LOG_UNAVAILABLE when it could not be written
   * (disk full, broker away: it can be tried again), LOG_CLOSED.
   */
  append(records: readonly AppendRecord[], commit?: readonly Commit[], owner?: Ownership): Promise<void>
  /** Batches of one partition from `fromOffset` (default: the earliest) up to what was its end when the call was made. */
  read(partition: TopicPartition, fromOffset?: number): AsyncIterable<RecordBatch>
  bounds(partition: TopicPartition): Promise<OffsetBounds>
  committed(group: string, partition: TopicPartition): Promise<number | undefined>
  /**
   * Joins a group; partitions are assigned soon after. Members share partition numbers evenly, and a member owns a
   * number for all its topics, so that records of one party from several topics meet in one place.
   */
  subscribe(options: SubscribeOptions, handler: GroupHandler): Promise<Subscription>
  /** Ends subscriptions, waits for pending appends, releases files and sockets. */
  close(): Promise<void>
}
