import type { EventLog } from '../port.ts'
import type { KafkaLogOptions } from './options.ts'

export type { KafkaConnection } from './client.ts'
export type { KafkaLogOptions } from './options.ts'

/**
 * Opens the event log on Apache Kafka 2.1 to 4.x. Records are durable when all in-sync replicas have them.
 * Throws LOG_UNAVAILABLE (unreachable, password, certificate, rights: one line each) and CONFIG_INVALID (partitions).
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  // kafkajs takes a tenth of a second to load: only those who use Kafka wait for it.
  return (await import('./log.ts')).openKafkaLog(options)
}

/** What differs between an operator's topics and what Ringfence needs, a line each; empty when all is well. */
export async function verifyKafkaTopics(options: KafkaLogOptions): Promise<string[]> {
  return (await import('./provision.ts')).verifyKafkaTopics(options)
}
