import { mkdirSync, readFileSync } from 'node:fs'
import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../engine/activity/index.ts'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'
import { type EventLog, type KafkaLogOptions, logCounters, openEmbeddedLog, openKafkaLog } from '../engine/log/index.ts'
import type { Logger, Metrics } from '../engine/observe/index.ts'

const kafkaSchema = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^ ]+:[0-9]{1,5}$' }), {
      default: [],
      description: 'host:port of some brokers; the others are learned from them',
    }),
    clientId: Type.String({ default: 'ringfence', description: 'name in the brokers’ logs and quotas' }),
    topicPrefix: Type.String({
      default: '',
      description: 'before every topic’s name, for several installations on one cluster',
    }),
    createTopics: Type.Boolean({
      default: true,
      description: 'create topics that are missing; else they must be there',
    }),
    replication: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 32,
      description: 'replicas of topics that are created; 0 takes the broker’s default',
    }),
    compression: closed(['none', 'gzip'], 'of what is written', 'none'),
    rackId: Type.String({
      default: '',
      description: 'where this process stands (broker.rack): reads go to a replica there',
    }),
    tls: Type.Boolean({ default: false, description: 'TLS to the brokers' }),
    caFile: Type.String({ default: '', description: 'PEM authorities to believe; empty believes the system’s' }),
    certFile: Type.String({ default: '', description: 'PEM client certificate' }),
    keyFile: Type.String({ default: '', description: 'PEM key of the client certificate' }),
    saslMechanism: closed(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], 'how to log in', 'none'),
    username: Type.String({ default: '', description: 'SASL user' }),
    passwordFile: Type.String({
      default: '',
      description: 'file that holds the SASL password, such as a mounted secret',
    }),
  },
  { description: 'Apache Kafka, used with `log.kind: kafka`.' },
)

/** The `log` section of the configuration. */
export const logSchema = Type.Object(
  {
    kind: closed(['embedded', 'kafka'], 'embedded: one process, on local disk; kafka: many processes', 'embedded'),
    partitions: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 1024,
      description: 'partitions of each topic, fixed when the log is created',
    }),
    spillBytes: Type.Integer({
      default: 1_073_741_824,
      minimum: 0,
      description: 'local disk that a tap may fill while the log takes nothing; then the oldest is dropped and counted',
    }),
    kafka: kafkaSchema,
  },
  { description: 'The event log between taps, engine and serving.' },
)

export type LogConfig = Static<typeof logSchema>

/** Opens the configured event log. @throws RingfenceError LOG_UNAVAILABLE, CONFIG_INVALID, INPUT_UNREADABLE */
export async function openLog(
  config: LogConfig,
  data: string,
  logger: Logger,
  metrics: Pick<Metrics, 'expose'>,
): Promise<EventLog> {
  // Taps spill to local disk whatever the log is.
  mkdirSync(data, { recursive: true })
  if (config.kind === 'kafka') {
    const counters = logCounters()
    metrics.expose('ringfence_log_throttled_total', () => counters.throttled)
    metrics.expose('ringfence_log_throttled_seconds_total', () => counters.throttledMs / 1000)
    metrics.expose('ringfence_log_retries_total', () => counters.retries)
    metrics.expose('ringfence_log_paused_total', () => counters.pauses)
    metrics.expose('ringfence_log_partitions_lost_total', () => counters.lost)
    metrics.expose('ringfence_log_unreadable_batches_total', () => counters.unreadable)
    return openKafkaLog({ ...kafkaOptions(config, logger), counters })
  }
  return openEmbeddedLog({
    directory: data,
    partitions: config.partitions,
    sweepEveryMs: 60_000,
    onSweepFailed: error => logger.error({ reason: messageOf(error) }, 'retention sweep failed'),
  })
}

/** Configuration as the Kafka log takes it; passwords come from files, so that none stands in configuration. */
export function kafkaOptions({ partitions, kafka }: LogConfig, logger: Logger): KafkaLogOptions {
  if (kafka.brokers.length === 0) {
    throw new RingfenceError('CONFIG_INVALID', 'log.kafka.brokers: log.kind is kafka, but no broker is named', {
      hint: 'for example log.kafka.brokers: [kafka-0.example:9092]',
    })
  }
  const { caFile, certFile, keyFile, saslMechanism, username, passwordFile, rackId, replication } = kafka
  return {
    brokers: kafka.brokers,
    clientId: kafka.clientId,
    topicPrefix: kafka.topicPrefix,
    createTopics: kafka.createTopics,
    compression: kafka.compression,
    partitions,
    ...(replication === 0 ? {} : { replication }),
    ...(rackId === '' ? {} : { rackId }),
    ...(kafka.tls
      ? {
          tls: {
            ...(caFile === '' ? {} : { ca: secret(caFile, 'log.kafka.caFile') }),
            ...(certFile === '' ? {} : { cert: secret(certFile, 'log.kafka.certFile') }),
            ...(keyFile === '' ? {} : { key: secret(keyFile, 'log.kafka.keyFile') }),
          },
        }
      : {}),
    ...(saslMechanism === 'none'
      ? {}
      : {
          sasl: { mechanism: saslMechanism, username, password: secret(passwordFile, 'log.kafka.passwordFile').trim() },
        }),
    onTrouble: message => logger.warn({ reason: message }, 'kafka'),
  }
}

function secret(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `${key}: ${messageOf(error)}`, { cause: error })
  }
}
