import type { TSchema } from '@sinclair/typebox'
import { type TopicSpec, topicSpecs } from './topics.ts'

/** What each topic is for, in the words of DESIGN §4. */
const purposes: Readonly<Record<string, string>> = {
  'ringfence.activity':
    'What parties did, as taps saw it: each attempt and message once under its origin and once under its target.',
  'ringfence.verdicts': 'What was found about an activity or a party, with score, action, reasons and evidence.',
  'ringfence.reputation': 'The standing of each party; the last record of a party holds, a null value removes it.',
  'ringfence.feedback': 'What subscribers, switches and analysts reported back.',
  'ringfence.control': 'Packs, lists and models in force, and appeals; the last record of a name holds.',
  'ringfence.snapshots': 'State of partitions, for restarts. Binary, of no use to other programs.',
  'ringfence.dead-letters': 'Records that could not be read, with their bytes, the reason and where they stood.',
}

const DAY_MS = 86_400_000

/**
 * The AsyncAPI 3.0 document of all topics, from the schemas that records are checked by: what operators' own producers
 * and consumers are written against. Plain JSON values; `version` is the program's.
 */
export function asyncApiDocument(version: string): Record<string, unknown> {
  const names = topicSpecs.map(({ topic }) => [nameOf(topic), topic] as const)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ringfence',
      version,
      description:
        'The topics of Ringfence on Apache Kafka. Keys are partitioned as Kafka’s default partitioner does (murmur2). ' +
        'Unknown fields are kept. The record header `time` holds the event time in milliseconds where it differs from ' +
        'the time of appending.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topicSpecs.map(spec => [nameOf(spec.topic), channelOf(spec)])),
    operations: Object.fromEntries(
      names.map(([name]) => [
        `${name}-records`,
        { action: name === 'feedback' ? 'receive' : 'send', channel: { $ref: `#/channels/${name}` } },
      ]),
    ),
    components: {
      messages: Object.fromEntries(topicSpecs.map(spec => [nameOf(spec.topic), messageOf(spec)])),
    },
  }
}

const nameOf = (topic: string) => topic.replace('ringfence.', '')

function channelOf(spec: TopicSpec): Record<string, unknown> {
  const { keeping, topic } = spec
  return {
    address: topic,
    description: purposes[topic],
    messages: { record: { $ref: `#/components/messages/${nameOf(topic)}` } },
    bindings: {
      kafka: {
        topic,
        ...(spec.key === 'none' ? { partitions: 1 } : {}),
        topicConfiguration:
          keeping.policy === 'compact'
            ? { 'cleanup.policy': ['compact'] }
            : { 'cleanup.policy': ['delete'], 'retention.ms': keeping.retentionMs },
        bindingVersion: '0.5.0',
      },
    },
    'x-kept': keeping.policy === 'compact' ? 'compacted' : `${keeping.retentionMs / DAY_MS} days`,
  }
}

function messageOf(spec: TopicSpec): Record<string, unknown> {
  return {
    name: nameOf(spec.topic),
    contentType: spec.schema === undefined ? 'application/octet-stream' : 'application/json',
    ...(spec.schema === undefined ? {} : { payload: plain(spec.schema) }),
    bindings: {
      kafka: spec.key === 'none' ? {} : { key: { type: 'string', description: spec.key }, bindingVersion: '0.5.0' },
    },
  }
}

/** The JSON Schema without the marks that the schema library leaves on its objects. */
function plain(schema: TSchema): unknown {
  return JSON.parse(JSON.stringify(schema, (name, value: unknown) => (name === '$id' ? undefined : value)))
}
