import type { Socket } from 'node:net'
import { type Topic, type TopicSpec, topicSpecs, topics } from '../../activity/index.ts'
import { RingfenceError } from '../../errors/index.ts'
import { assertPartition } from '../check.ts'
import { type LogCounters, logCounters } from '../counters.ts'
import { partitionsOf } from '../partitioner.ts'
import type {
  AppendRecord,
  Commit,
  EventLog,
  GroupHandler,
  OffsetBounds,
  Ownership,
  RecordBatch,
  SubscribeOptions,
  TopicPartition,
} from '../port.ts'
import { type KafkaConnection, kafkaClient, resetAll } from './client.ts'
import { createCommits } from './commits.ts'
import { isHopeless, kafkaFailure } from './errors.ts'
import { FETCH_BYTES, PARTITION_BYTES, readFetched } from './fetch.ts'
import { createFetcher } from './fetcher.ts'
import { createLease } from './lease.ts'
import { type Member, type Permission, startMember } from './member.ts'
import { createPositions } from './positions.ts'
import { createAppendQueue } from './producer.ts'
import { createSender } from './sender.ts'
import { createSession } from './session.ts'
import { createSource } from './source.ts'
import { ensureTopics, type TopicsWanted, verifyTopics } from './topics.ts'
import { fetch } from './wire.ts'

export interface KafkaLogOptions extends KafkaConnection {
  /** Partitions of topics that are created; without it those that exist decide, else 8. */
  readonly partitions?: number
  /** Replicas of topics that are created; default the broker's. */
  readonly replication?: number
  /** Creates topics that are missing; default true. Otherwise they must be there as `verifyKafkaTopics` wants them. */
  readonly createTopics?: boolean
  /** Before every topic's name, for several installations on one cluster; default none. */
  readonly topicPrefix?: string
  readonly topics?: readonly TopicSpec[]
  /** Default none. */
  readonly compression?: 'none' | 'gzip'
  /** A member that is not heard of for so long loses its partitions; default 30 s. */
  readonly sessionTimeoutMs?: number
  /** How often a member is heard of, and learns that the group changes; default 3 s. */
  readonly heartbeatMs?: number
  readonly now?: () => number
  /** Counted here from now on. */
  readonly counters?: LogCounters
}

const DEFAULT_MAX_BATCH_RECORDS = 4096
/** Topics that have connections and a queue of their own. */
const laneOf = (topic: string) =>
  topic === topics.snapshots.topic || topic === topics.deadLetters.topic ? topic : 'others'

/** Records by lane, in order; nearly always all of one. */
function groupByLane(records: readonly AppendRecord[]): Map<string, readonly AppendRecord[]> {
  const first = records[0] === undefined ? 'others' : laneOf(records[0].topic)
  if (records.every(({ topic }) => laneOf(topic) === first)) return new Map([[first, records]])
  const lanes = new Map<string, AppendRecord[]>()
  for (const record of records) {
    const name = laneOf(record.topic)
    lanes.set(name, [...(lanes.get(name) ?? []), record])
  }
  return lanes
}
const REBALANCE_TIMEOUT_MS = 60_000

/**
 * Opens the event log on Apache Kafka 2.1 to 4.x. Records are durable when all in-sync replicas have them.
 * Throws LOG_UNAVAILABLE (unreachable, password, certificate, rights: one line each) and CONFIG_INVALID (partitions).
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const { topicPrefix: prefix = '', sessionTimeoutMs = 30_000, heartbeatMs = 3000, now = Date.now } = options
  const specs = new Map<string, TopicSpec>((options.topics ?? topicSpecs).map(spec => [spec.topic, spec]))
  const counters = options.counters ?? logCounters()
  const client = kafkaClient({ ...options, counters })
  const partitions = await topicsReady(options)
  const cluster = client.cluster()
  try {
    await cluster.connect()
    await cluster.addMultipleTargetTopics([...specs.keys()].map(topic => prefix + topic))
  } catch (error) {
    await cluster.disconnect().catch(() => {})
    throw kafkaFailure(client.brokers, error)
  }

  const wire = (topic: string) => prefix + topic
  const refusal = () =>
    new RingfenceError('LOG_UNAVAILABLE', `Kafka ${client.brokers}: the partition has been given to another member`)
  /** Connections and a queue for some of the topics, so that what one topic carries does not hold up another. */
  const lane = (topics: readonly string[]) => {
    const open = new Set<Socket>()
    const own = client.cluster(open)
    return createAppendQueue({
      specs,
      partitions,
      prefix,
      now,
      async connect() {
        await own.connect()
        await own.addMultipleTargetTopics(topics.map(wire))
        return createSender({
          cluster: own,
          compression: options.compression ?? 'none',
          requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
          onRetry: () => counters.retries++,
          refusal,
        })
      },
      disconnect: () => own.disconnect(),
      reset: () => resetAll(open),
      refusal,
    })
  }
  // A snapshot's pages are megabytes: verdicts must not wait behind them. And dead letters that are not taken hold up the
  // partitions that they come from, not the others.
  const names = [...specs.keys()]
  const queues = new Map(
    [...new Set([...names.map(laneOf), 'others'])].map(name => [
      name,
      lane(names.filter(topic => laneOf(topic) === name)),
    ]),
  )
  const members = new Set<Member>()
  const joined = new Set<string>()
  const positions = createPositions({
    cluster,
    wire,
    wireGroup: wire,
    member(group, place) {
      const here = [...members].filter(member => member.group === group)
      const holder = here.find(member => member.holds(place))
      const { session } = holder ?? here[0] ?? {}
      return session && { memberId: session.memberId, generation: session.generation, holds: holder !== undefined }
    },
  })
  const commits = createCommits(positions, error => options.onTrouble?.(failure(error).message))
  let state: 'open' | 'closing' | 'closed' = 'open'
  let closing: Promise<void> | undefined

  const failure = (error: unknown) => kafkaFailure(client.brokers, error)
  const countOf = (topic: string) => {
    const spec = specs.get(topic)
    if (spec === undefined) throw new RingfenceError('LOG_UNAVAILABLE', `no topic ${topic} in this log`)
    return partitionsOf(spec, partitions)
  }

  function assertOpen(): void {
    if (state === 'closed') throw new RingfenceError('LOG_CLOSED', `Kafka ${client.brokers}: the log is closed`)
  }

  /** Runs a request; leaders move and brokers restart, so a failure is followed by some more tries over three seconds. */
  async function ask<T>(request: () => Promise<T>): Promise<T> {
    for (let delayMs = 100; ; delayMs *= 2) {
      assertOpen()
      try {
        return await request()
      } catch (error) {
        if (isHopeless(error) || delayMs > 1600) throw failure(error)
        await new Promise(resolve => setTimeout(resolve, delayMs))
        await cluster.refreshMetadata().catch(() => {})
      }
    }
  }

  async function bounds({ topic, partition }: TopicPartition): Promise<OffsetBounds> {
    assertOpen()
    assertPartition(topic, partition, countOf(topic))
    const one = async (fromBeginning: boolean) => {
      const [found] = await cluster.fetchTopicsOffset([
        { topic: wire(topic), partitions: [{ partition }], fromBeginning },
      ])
      return Number(found!.partitions[0]!.offset)
    }
    return ask(async () => {
      const [earliest, next] = await Promise.all([one(true), one(false)])
      return { earliest, next }
    })
  }

  /** Reads with connections of its own, so that several readers and the members do not wait for each other. */
  async function* read(place: TopicPartition, from: number, ends: Promise<OffsetBounds>): AsyncGenerator<RecordBatch> {
    const { earliest, next: end } = await ends
    let offset = Math.max(from, earliest)
    if (offset >= end) return
    const reader = client.cluster()
    try {
      await reader.connect()
      await reader.addMultipleTargetTopics([wire(place.topic)])
      let starved = 0
      let coming = fetchOne(reader, place, offset)
      while (offset < end) {
        assertOpen()
        const fetched = await coming
        starved = fetched.starved ? starved + 1 : 0
        // Nothing where there is something, thrice: an empty batch that compaction left.
        offset = starved >= 3 ? offset + 1 : fetched.nextOffset
        if (offset < end) {
          // The broker works on the next one while this one is used.
          coming = fetchOne(reader, place, offset)
          coming.catch(() => {})
        }
        const records = fetched.records.filter(record => record.offset < end)
        if (records.length > 0) yield { ...place, records, nextOffset: Math.min(offset, end), endOffset: end }
      }
    } catch (error) {
      throw failure(error)
    } finally {
      await reader.disconnect().catch(() => {})
    }
  }

  async function fetchOne(reader: ReturnType<typeof client.cluster>, place: TopicPartition, offset: number) {
    const [nodeId] = Object.keys(reader.findLeaderForPartitions(wire(place.topic), [place.partition]))
    const broker = await reader.findBroker({ nodeId: nodeId! })
    const [fetched] = await fetch(broker, {
      maxWaitMs: 100,
      maxBytes: FETCH_BYTES,
      // A follower may be behind the end that was asked for: the leader never is.
      rackId: '',
      partitions: [{ topic: wire(place.topic), partition: place.partition, offset, maxBytes: PARTITION_BYTES * 4 }],
    })
    if (fetched!.error !== undefined) throw fetched!.error
    return readFetched(offset, fetched!)
  }

  /** Before a partition is let go its position must have arrived: the next owner asks for it. */
  const settling = (handler: GroupHandler): GroupHandler => ({
    assigned: place => handler.assigned(place),
    batch: batch => handler.batch(batch),
    async revoked(place) {
      await handler.revoked(place)
      await commits.settled()
    },
    async lost(place) {
      counters.lost++
      await handler.lost?.(place)
    },
  })

  async function subscribe(subscription: SubscribeOptions, handler: GroupHandler) {
    if (state !== 'open') throw new RingfenceError('LOG_CLOSED', `Kafka ${client.brokers}: the log is closed`)
    const { group, topics, maxBatchRecords = DEFAULT_MAX_BATCH_RECORDS } = subscription
    for (const topic of topics) countOf(topic)
    const own = client.cluster()
    try {
      await own.connect()
      await own.addMultipleTargetTopics(topics.map(wire))
    } catch (error) {
      await own.disconnect().catch(() => {})
      throw failure(error)
    }
    const fetcher = createFetcher(own, client.rackId, now)
    const member = startMember({
      subscribe: subscription,
      handler: settling(handler),
      heartbeatMs,
      sessionTimeoutMs,
      now,
      wire,
      topic: name => name.slice(prefix.length) as Topic,
      failure,
      fetcher,
      session: createSession({
        cluster: own,
        // Installations that share a cluster have groups of their own too.
        groupId: wire(group),
        topics: topics.map(wire),
        partitions,
        partitionsOf: name => countOf(name.slice(prefix.length)),
        sessionTimeoutMs,
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        // A machine that was asleep has a steady clock that stood still.
        lease: createLease(sessionTimeoutMs, [now, () => performance.now()]),
      }),
      source: (place, wake, fail) =>
        createSource({
          place,
          topic: wire(place.topic),
          maxBatchRecords,
          counters,
          committed: () => positions.committed(group, place),
          bounds: () => bounds(place),
          wake,
          kick: () => fetcher.kick(),
          fail,
        }),
      disconnect: () => own.disconnect(),
      lapsed() {
        options.onTrouble?.(`group ${group} has not been heard of for too long: nothing is written for its partitions`)
        for (const queue of queues.values()) queue.cut()
      },
    })
    members.add(member)
    joined.add(group)
    member.ended.then(
      () => members.delete(member),
      () => members.delete(member),
    )
    return member
  }

  /** Whether something may be written in the name of who owns a partition. */
  function mayWrite(owner: Ownership): Permission {
    // Without a member there is no group that could give its partitions to others: tools, and tests.
    if (!joined.has(owner.group)) return 'now'
    const holder = [...members].find(member => member.group === owner.group && member.holds(owner))
    return holder?.mayWrite(owner) ?? 'never'
  }

  async function append(
    batch: readonly AppendRecord[],
    moved: readonly Commit[] = [],
    owner: Ownership | undefined = moved[0],
  ): Promise<void> {
    assertOpen()
    for (const { topic } of moved) countOf(topic)
    try {
      const byLane = groupByLane(batch)
      const may = owner && (() => mayWrite(owner))
      await Promise.all([...byLane].map(([name, list]) => queues.get(name)!.append(list, may)))
      if (batch.length > 0) commits.follow(moved)
      else if (moved.length > 0) await positions.commit(moved)
    } catch (error) {
      throw failure(error)
    }
  }

  async function close(): Promise<void> {
    state = 'closing'
    await Promise.all([...members].map(member => member.close()))
    await Promise.all([...queues.values()].map(queue => queue.close()))
    await commits.settled()
    state = 'closed'
    await cluster.disconnect().catch(() => {})
  }

  return {
    partitions,
    append,
    read(place, fromOffset = 0) {
      const ends = bounds(place)
      // Read or not, the failure is told by the iteration.
      ends.catch(() => {})
      return read(place, fromOffset, ends)
    },
    bounds,
    async committed(group, place) {
      await commits.settled()
      return ask(() => positions.committed(group, place))
    },
    subscribe,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** What differs between an operator's topics and what Ringfence needs, a line each; empty when all is well. */
export async function verifyKafkaTopics(options: KafkaLogOptions): Promise<string[]> {
  return verifyTopics(kafkaClient(options), wantedBy(options))
}

async function topicsReady(options: KafkaLogOptions): Promise<number> {
  const wanted = wantedBy(options)
  if (options.createTopics !== false) return ensureTopics(kafkaClient(options), wanted)
  const differences = await verifyTopics(kafkaClient(options), wanted)
  if (differences.length > 0) {
    throw new RingfenceError('CONFIG_INVALID', `Kafka ${options.brokers.join(', ')}: ${differences.join('; ')}`, {
      hint: 'ringfence check --kafka lists what the topics must be like',
    })
  }
  return ensureTopics(kafkaClient(options), wanted)
}

function wantedBy(options: KafkaLogOptions): TopicsWanted {
  return {
    specs: options.topics ?? topicSpecs,
    prefix: options.topicPrefix ?? '',
    partitions: options.partitions,
    ...(options.replication === undefined ? {} : { replication: options.replication }),
  }
}
