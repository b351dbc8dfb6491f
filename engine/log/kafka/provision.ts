import { topicSpecs } from '../../activity/index.ts'
import { RingfenceError } from '../../errors/index.ts'
import { kafkaClient } from './client.ts'
import type { KafkaLogOptions } from './options.ts'
import { ensureTopics, type TopicsWanted, verifyTopics } from './topics.ts'

/** What differs between an operator's topics and what Ringfence needs, a line each; empty when all is well. */
export async function verifyKafkaTopics(options: KafkaLogOptions): Promise<string[]> {
  return verifyTopics(kafkaClient(options), wantedBy(options))
}

/** Makes or verifies the topics, as the options say; gives the number of partitions. */
export async function topicsReady(options: KafkaLogOptions): Promise<number> {
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
