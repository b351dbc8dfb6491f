import { type Topic, type TopicSpec, topicSpecs } from '../../activity/index.ts'
import { RingfenceError } from '../../errors/index.ts'
import { assertPartition } from '../check.ts'
import { logCounters } from '../counters.ts'
import { partitionsOf } from '../partitioner.ts'
import type {
  AppendRecord,
  Commit,
  EventLog,
  GroupHandler,
  OffsetBounds,
  Ownership,
  SubscribeOptions,
  TopicPartition,
} from '../port.ts'
import { kafkaClient } from './client.ts'
import { createCommits } from './commits.ts'
import { isHopeless, kafkaFailure } from './errors.ts'
import { createFetcher } from './fetcher.ts'
import { createLanes } from './lanes.ts'
import { createLease } from './lease.ts'
import { type Member, type Permission, startMember } from './member.ts'
import type { KafkaLogOptions } from './options.ts'
import { createPositions } from './positions.ts'
import { topicsReady } from './provision.ts'
import { readRange } from './read.ts'
import { createSession } from './session.ts'
import { createSource } from './source.ts'

const DEFAULT_MAX_BATCH_RECORDS = 4096
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
  const lanes = createLanes({
    client,
    specs,
    partitions,
    prefix,
    now,
    counters,
    compression: options.compression ?? 'none',
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    refusal: () =>
      new RingfenceError('LOG_UNAVAILABLE', `Kafka ${client.brokers}: the partition has been given to another member`),
  })
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

  const reading = { client, wire, assertOpen, failure }

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
        lanes.cut()
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
      await lanes.append(batch, owner && (() => mayWrite(owner)))
      if (batch.length > 0) commits.follow(moved)
      else if (moved.length > 0) await positions.commit(moved)
    } catch (error) {
      throw failure(error)
    }
  }

  async function close(): Promise<void> {
    state = 'closing'
    await Promise.all([...members].map(member => member.close()))
    await lanes.close()
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
      return readRange(reading, place, fromOffset, ends)
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
