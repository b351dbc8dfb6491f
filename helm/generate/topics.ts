import { topicSpecs } from '../../engine/activity/index.ts'

/** files/topics.json: what the chart makes KafkaTopics of. */
export function chartTopics(): readonly unknown[] {
  return topicSpecs.map(({ topic, key, keeping }) => ({
    topic,
    keyed: key !== 'none',
    config:
      keeping.policy === 'compact'
        ? { 'cleanup.policy': 'compact' }
        : { 'cleanup.policy': 'delete', 'retention.ms': keeping.retentionMs },
  }))
}
