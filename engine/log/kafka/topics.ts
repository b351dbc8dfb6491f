import kafkajs, { type Admin } from 'kafkajs'
import type { TopicSpec } from '../../activity/index.ts'
import { RingfenceError } from '../../errors/index.ts'
import { partitionsOf } from '../partitioner.ts'
import { type KafkaClient, withAdmin } from './client.ts'
import { isHopeless } from './errors.ts'

/** What an operator's topics must be like for us; names on the wire are `prefix` + the topic's own. */
export interface TopicsWanted {
  readonly specs: readonly TopicSpec[]
  readonly prefix: string
  /** undefined: whatever the activity topic has. */
  readonly partitions: number | undefined
  /** Replicas of topics that are created; default -1, the broker's own default. */
  readonly replication?: number
}

/** The broker's own limit is a megabyte; a snapshot's step and a message with a picture need more. */
const MAX_MESSAGE_BYTES = 9 * 1024 * 1024
const LEAST_MESSAGE_BYTES = 1_000_000

interface TopicState {
  readonly partitions: number
  /** Of the partition that has the fewest. */
  readonly replicas: number
  readonly configuration: ReadonlyMap<string, string>
}

/** Makes the topics that are missing; gives the number of partitions of those with a key. Throws LOG_UNAVAILABLE, CONFIG_INVALID. */
export async function ensureTopics(client: KafkaClient, wanted: TopicsWanted): Promise<number> {
  return withAdmin(client, async admin => {
    const existing = new Set(await admin.listTopics())
    const keyed = wanted.specs.find(spec => spec.key !== 'none')
    let partitions = wanted.partitions
    if (keyed !== undefined && existing.has(wanted.prefix + keyed.topic)) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [wanted.prefix + keyed.topic] })
      const found = topics[0]!.partitions.length
      if (partitions !== undefined && partitions !== found) {
        throw new RingfenceError(
          'CONFIG_INVALID',
          `Kafka ${client.brokers}: ${wanted.prefix}${keyed.topic} has ${found} partitions, the configuration says ${partitions}`,
          { hint: `set log.partitions to ${found}; adding partitions would move parties away from their state` },
        )
      }
      partitions = found
    }
    const count = partitions ?? 8
    const missing = wanted.specs.filter(spec => !existing.has(wanted.prefix + spec.topic))
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: false,
        timeout: 30_000,
        topics: missing.map(spec => ({
          topic: wanted.prefix + spec.topic,
          numPartitions: partitionsOf(spec, count),
          replicationFactor: wanted.replication ?? -1,
          configEntries: Object.entries(configurationOf(spec, wanted.replication)).map(([name, value]) => ({
            name,
            value,
          })),
        })),
      })
      for (const spec of missing) await ready(admin, wanted.prefix + spec.topic)
    }
    return count
  })
}

const READY_ATTEMPTS = 150
const READY_RETRY_MS = 100

/** In KRaft a topic is created some moments before every partition has its leader; what is sent then partly fails. */
async function ready(admin: Admin, topic: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.fetchTopicOffsets(topic)
      return
    } catch (error) {
      if (isHopeless(error) || attempt >= READY_ATTEMPTS) throw error
      await new Promise(resolve => setTimeout(resolve, READY_RETRY_MS))
    }
  }
}

/** One line for each thing that differs from what we need; empty when all is well. For topics that an operator makes. */
export async function verifyTopics(client: KafkaClient, wanted: TopicsWanted): Promise<string[]> {
  const states = await describeTopics(client, wanted)
  const differences: string[] = []
  const keyed = wanted.specs.find(spec => spec.key !== 'none' && states.has(spec.topic))
  const partitions = wanted.partitions ?? (keyed && states.get(keyed.topic)?.partitions) ?? 0
  for (const spec of wanted.specs) {
    const name = wanted.prefix + spec.topic
    const state = states.get(spec.topic)
    if (state === undefined) differences.push(`${name}: is missing`)
    else differences.push(...differencesOf(spec, state, partitions, wanted).map(line => `${name}: ${line}`))
  }
  return differences
}

function configurationOf(spec: TopicSpec, replication = 0): Record<string, string> {
  const common = {
    'max.message.bytes': String(MAX_MESSAGE_BYTES),
    // What is acknowledged survives the loss of a broker, and one may be away.
    ...(replication >= 3 ? { 'min.insync.replicas': '2' } : {}),
  }
  if (spec.keeping.policy === 'delete') {
    return { ...common, 'cleanup.policy': 'delete', 'retention.ms': String(spec.keeping.retentionMs) }
  }
  // Compacted early and in segments that roll hourly: a restart reads what has not been compacted yet.
  return {
    ...common,
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.2',
    'segment.ms': '3600000',
    'segment.bytes': '268435456',
  }
}

async function describeTopics(client: KafkaClient, wanted: TopicsWanted): Promise<Map<string, TopicState>> {
  return withAdmin(client, async admin => {
    const existing = new Set(await admin.listTopics())
    const present = wanted.specs.filter(spec => existing.has(wanted.prefix + spec.topic))
    const states = new Map<string, TopicState>()
    if (present.length === 0) return states
    const names = present.map(spec => wanted.prefix + spec.topic)
    const { topics } = await admin.fetchTopicMetadata({ topics: names })
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map(name => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    })
    for (const spec of present) {
      const name = wanted.prefix + spec.topic
      const partitions = topics.find(each => each.name === name)?.partitions ?? []
      const entries = resources.find(each => each.resourceName === name)?.configEntries ?? []
      states.set(spec.topic, {
        partitions: partitions.length,
        replicas: Math.min(...partitions.map(each => each.replicas.length)),
        configuration: new Map(entries.map(each => [each.configName, each.configValue])),
      })
    }
    return states
  })
}

function differencesOf(spec: TopicSpec, state: TopicState, partitions: number, wanted: TopicsWanted): string[] {
  const lines: string[] = []
  const count = partitionsOf(spec, partitions)
  if (state.partitions !== count) lines.push(`has ${state.partitions} partitions, needs ${count}`)
  const policy = state.configuration.get('cleanup.policy')
  if (policy !== spec.keeping.policy) lines.push(`cleanup.policy is ${policy}, needs ${spec.keeping.policy}`)
  const retention = Number(state.configuration.get('retention.ms') ?? -1)
  if (spec.keeping.policy === 'delete' && retention >= 0 && retention < spec.keeping.retentionMs) {
    lines.push(`retention.ms is ${retention}, needs at least ${spec.keeping.retentionMs}`)
  }
  const largest = Number(state.configuration.get('max.message.bytes') ?? MAX_MESSAGE_BYTES)
  if (largest < LEAST_MESSAGE_BYTES)
    lines.push(`max.message.bytes is ${largest}, needs at least ${LEAST_MESSAGE_BYTES}`)
  return [...lines, ...safetyOf(state, wanted.replication)]
}

/** How many brokers may fail before records are lost, or before nothing can be written. */
function safetyOf({ replicas, configuration }: TopicState, replication: number | undefined): string[] {
  const lines: string[] = []
  const insync = Number(configuration.get('min.insync.replicas') ?? 1)
  if (replication !== undefined && replication > 0 && replicas < replication)
    lines.push(`has ${replicas} replicas, needs ${replication}`)
  if (insync > replicas)
    lines.push(`min.insync.replicas is ${insync}, with ${replicas} replicas nothing can be written`)
  else if (replicas >= 3 && insync < 2)
    lines.push(`min.insync.replicas is ${insync}, needs at least 2: one broker that fails would take records with it`)
  else if (replicas >= 2 && insync === replicas)
    lines.push(`min.insync.replicas is ${insync}, needs at most ${replicas - 1}: one broker away stops all writing`)
  if (configuration.get('unclean.leader.election.enable') === 'true')
    lines.push('unclean.leader.election.enable is true, needs false: a replica that is behind could become leader')
  return lines
}
