import type Cluster from 'kafkajs/src/cluster/index.js'
import type { OffsetBounds, RecordBatch, TopicPartition } from '../port.ts'
import type { KafkaClient } from './client.ts'
import { FETCH_BYTES, PARTITION_BYTES, readFetched } from './fetch.ts'
import { fetch } from './wire.ts'

/** What a reader takes from the log that it reads for. */
export interface Reading {
  readonly client: KafkaClient
  /** Name of a topic on the wire. */
  readonly wire: (topic: string) => string
  /** @throws RingfenceError LOG_CLOSED */
  readonly assertOpen: () => void
  readonly failure: (error: unknown) => unknown
}

/**
 * Reads a partition from an offset to the end that it had, with connections of its own, so that several readers and the
 * members do not wait for each other.
 */
export async function* readRange(
  { client, wire, assertOpen, failure }: Reading,
  place: TopicPartition,
  from: number,
  ends: Promise<OffsetBounds>,
): AsyncGenerator<RecordBatch> {
  const { earliest, next: end } = await ends
  let offset = Math.max(from, earliest)
  if (offset >= end) return
  const reader = client.cluster()
  try {
    await reader.connect()
    await reader.addMultipleTargetTopics([wire(place.topic)])
    let starved = 0
    let coming = fetchOne(reader, wire(place.topic), place, offset)
    while (offset < end) {
      assertOpen()
      const fetched = await coming
      starved = fetched.starved ? starved + 1 : 0
      // Nothing where there is something, thrice: an empty batch that compaction left.
      offset = starved >= 3 ? offset + 1 : fetched.nextOffset
      if (offset < end) {
        // The broker works on the next one while this one is used.
        coming = fetchOne(reader, wire(place.topic), place, offset)
        coming.catch(() => {})
      }
      const records = fetched.records.filter(record => record.offset < end)
      if (records.length > 0) {
        const { topic, partition } = place
        yield { topic, partition, records, nextOffset: Math.min(offset, end), endOffset: end }
      }
    }
  } catch (error) {
    throw failure(error)
  } finally {
    await reader.disconnect().catch(() => {})
  }
}

async function fetchOne(reader: Cluster, topic: string, { partition }: TopicPartition, offset: number) {
  const [nodeId] = Object.keys(reader.findLeaderForPartitions(topic, [partition]))
  const broker = await reader.findBroker({ nodeId: nodeId! })
  const [fetched] = await fetch(broker, {
    maxWaitMs: 100,
    maxBytes: FETCH_BYTES,
    // A follower may be behind the end that was asked for: the leader never is.
    rackId: '',
    partitions: [{ topic, partition, offset, maxBytes: PARTITION_BYTES * 4 }],
  })
  if (fetched!.error !== undefined) throw fetched!.error
  return readFetched(offset, fetched!)
}
