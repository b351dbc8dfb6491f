import type { TopicSpec } from '../../activity/index.ts'
import type { LogCounters } from '../counters.ts'
import type { KafkaConnection } from './client.ts'

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
