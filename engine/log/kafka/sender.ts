import type Cluster from 'kafkajs/src/cluster/index.js'
import { type Arena, createArena } from './arena.ts'
import { isHopeless, kafkaType, refusedAt, rootOf } from './errors.ts'
import { encodeBatch, type OutRecord } from './records/index.ts'
import { type Produced, produce } from './wire.ts'

/** Sends record batches to the leaders of their partitions, as an idempotent producer. One `send` at a time. */
export interface Sender {
  /**
   * Resolves when all in-sync replicas have every record; topics as on the wire. Rejects when that could not be reached in
   * about three seconds, or never will be, or when it `mayGo` no longer; some of it may have arrived. The sender must not
   * be used again then.
   */
  send(
    records: ReadonlyMap<string, ReadonlyMap<number, readonly OutRecord[]>>,
    nowMs: number,
    mayGo: () => boolean,
  ): Promise<void>
}

export interface SenderOptions {
  /** Connected, and told of the topics. */
  readonly cluster: Cluster
  readonly compression: 'none' | 'gzip'
  readonly requestTimeoutMs: number
  /** Told of every request that is sent again. */
  readonly onRetry: () => void
  /** What is thrown when it may go no longer. */
  readonly refusal: () => Error
}

interface Part {
  readonly topic: string
  readonly partition: number
  readonly batch: Buffer
}

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 1000
const RETRIES = 5
/** The broker has this batch already: an answer of an earlier try was lost. */
const ALREADY_THERE = 'DUPLICATE_SEQUENCE_NUMBER'

/** Makes a producer, which asks the brokers for its number when it first sends. */
export function createSender(options: SenderOptions): Sender {
  const { cluster, compression, requestTimeoutMs, onRetry, refusal } = options
  const sequences = new Map<string, number>()
  let arena: Arena = createArena()
  let producer: { readonly producerId: string; readonly producerEpoch: number } | undefined

  async function identify(topics: Iterable<string>) {
    const broker = await cluster.findControllerBroker()
    try {
      return await broker.initProducerId({ transactionTimeout: 60_000 })
    } catch (error) {
      // Given to whoever may write to any topic at all: who may not hears of the cluster.
      throw refusedAt(`writing ${[...topics].join(', ')}`, error)
    }
  }

  /** The next sequence number of a partition, which moves on by `count`; it wraps at 2^31. */
  function sequence(topic: string, partition: number, count: number): number {
    const key = `${topic}/${partition}`
    const first = sequences.get(key) ?? 0
    sequences.set(key, (first + count) % 2 ** 31)
    return first
  }

  /** Once for each `send`: what is sent again must be the same bytes under the same numbers. */
  function encode(
    records: Parameters<Sender['send']>[0],
    timestampMs: number,
    { producerId, producerEpoch }: NonNullable<typeof producer>,
  ): Part[] {
    const id = BigInt(producerId)
    const allocate = arena.take
    return [...records].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, list]) => {
        const first = sequence(topic, partition, list.length)
        const options = { timestampMs, producerId: id, producerEpoch, sequence: first, compression, allocate }
        return { topic, partition, batch: encodeBatch(list, options) }
      }),
    )
  }

  function leaderOf({ topic, partition }: Part): string {
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    if (leader === undefined || Number(leader) < 0) throw new Error(`${topic} partition ${partition} has no leader`)
    return leader
  }

  /** Sends each part to its leader; gives what has to be sent again, and what went wrong with it. */
  async function attempt(parts: readonly Part[]): Promise<{ again: Part[]; error: unknown }> {
    const byLeader = new Map<string, Part[]>()
    for (const part of parts) {
      const leader = leaderOf(part)
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), part])
    }
    const again: Part[] = []
    let failure: unknown
    await Promise.all(
      [...byLeader].map(async ([nodeId, mine]) => {
        let produced: readonly Produced[]
        try {
          const broker = await cluster.findBroker({ nodeId })
          produced = await produce(broker, { timeoutMs: requestTimeoutMs, topics: byTopic(mine), allocate: arena.take })
        } catch (error) {
          again.push(...mine)
          failure = error
          return
        }
        for (const { topic, partition, error } of produced) {
          if (error === undefined || kafkaType(error) === ALREADY_THERE) continue
          again.push(...mine.filter(part => part.topic === topic && part.partition === partition))
          failure = error
        }
      }),
    )
    return { again, error: failure }
  }

  /** Who leads what may have changed, or a connection is gone. Never rejects: the next attempt says what is wrong. */
  async function recover(error: unknown): Promise<void> {
    try {
      const { name, host, port } = rootOf(error) as { name?: string; host?: string; port?: number }
      if (name === 'KafkaJSConnectionClosedError' && host !== undefined && port !== undefined)
        cluster.removeBroker({ host, port })
      if (!cluster.isConnected()) await cluster.connect()
      await cluster.refreshMetadata()
    } catch {}
  }

  return {
    async send(records, nowMs, mayGo) {
      let parts: Part[] | undefined
      let delayMs = FIRST_RETRY_MS
      for (let retry = 0; ; retry++) {
        let failure: unknown
        try {
          producer ??= await identify(records.keys())
          parts ??= encode(records, nowMs, producer)
          await cluster.refreshMetadataIfNecessary()
          // A lease may have ended while a connection or an answer was waited for.
          if (!mayGo()) throw refusal()
          const { again, error } = await attempt(parts)
          if (again.length === 0) {
            // What was sent more than once may still be on its way over a connection that nobody reads any more.
            if (retry === 0) arena.reset()
            else arena = createArena()
            return
          }
          parts = again
          failure = error
        } catch (error) {
          failure = error
        }
        if (retry >= RETRIES || !mayPass(failure) || !mayGo()) throw failure
        onRetry()
        await new Promise(resolve => setTimeout(resolve, delayMs))
        delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)
        await recover(failure)
      }
    },
  }
}

/** An error that a broker sent says itself whether to try again; all others are of the connection. */
function mayPass(error: unknown): boolean {
  if (isHopeless(error)) return false
  const { type, retriable } = rootOf(error) as { type?: string; retriable?: boolean }
  return type === undefined || retriable === true
}

function byTopic(parts: readonly Part[]): Map<string, Map<number, Buffer>> {
  const topics = new Map<string, Map<number, Buffer>>()
  for (const { topic, partition, batch } of parts) {
    const partitions = topics.get(topic) ?? new Map<number, Buffer>()
    topics.set(topic, partitions.set(partition, batch))
  }
  return topics
}
