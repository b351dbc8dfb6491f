import type { KafkaJsBroker } from 'kafkajs/src/broker/index.js'
import type Cluster from 'kafkajs/src/cluster/index.js'
import { RingfenceError } from '../../errors/index.ts'
import type { Commit, TopicPartition } from '../port.ts'
import { findCoordinator } from './coordinator.ts'
import { kafkaType, refusedAt } from './errors.ts'

/** Committed positions of groups, kept by the brokers. */
export interface Positions {
  commit(commits: readonly Commit[]): Promise<void>
  committed(group: string, place: TopicPartition): Promise<number | undefined>
}

export interface PositionsOptions {
  readonly cluster: Cluster
  wire(topic: string): string
  /** A group's name on the wire. */
  wireGroup(group: string): string
  /** As whom to commit: a broker takes positions of a living group from its members only; undefined when none is here. */
  member(group: string, place: TopicPartition): Committer | undefined
}

export interface Committer {
  readonly memberId: string
  readonly generation: number
  /** False when the group has given the partition to somebody else, whose position must not be overwritten. */
  readonly holds: boolean
}

/** The group is between two generations, or its coordinator moves: soon over. */
const PASSING = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
])
const NOBODY: Committer = { memberId: '', generation: -1, holds: true }
const ATTEMPTS = 40
const RETRY_MS = 100

export function createPositions(options: PositionsOptions): Positions {
  const { cluster } = options
  const coordinators = new Map<string, KafkaJsBroker>()

  async function withCoordinator<T>(group: string, use: (broker: KafkaJsBroker) => Promise<T>): Promise<T> {
    const groupId = options.wireGroup(group)
    for (let attempt = 1; ; attempt++) {
      try {
        const broker = coordinators.get(groupId) ?? (await findCoordinator(cluster, groupId))
        coordinators.set(groupId, broker)
        return await use(broker)
      } catch (error) {
        if (error instanceof RingfenceError) throw error
        coordinators.delete(groupId)
        const type = kafkaType(error)
        // An error that no broker sent is a connection's: it is made anew on the next attempt, a few times.
        const passing = type === undefined ? attempt < 4 : PASSING.has(type)
        if (!passing || attempt >= ATTEMPTS) throw refusedAt(`group ${groupId}`, error)
        await new Promise(resolve => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  function commitGroup(group: string, commits: readonly Commit[]): Promise<unknown> {
    return withCoordinator(group, async broker => {
      // Asked anew at every attempt: the generation may have passed.
      const byMember = new Map<string, { readonly generation: number; readonly commits: Commit[] }>()
      for (const commit of commits) {
        const { memberId, generation, holds } = options.member(group, commit) ?? NOBODY
        if (!holds) {
          throw new RingfenceError(
            'LOG_UNAVAILABLE',
            `${commit.topic} partition ${commit.partition}: group ${group} has given it to another member`,
          )
        }
        const entry = byMember.get(memberId) ?? { generation, commits: [] }
        byMember.set(memberId, entry)
        entry.commits.push(commit)
      }
      for (const [memberId, entry] of byMember) {
        await broker.offsetCommit({
          groupId: options.wireGroup(group),
          memberId,
          groupGenerationId: entry.generation,
          topics: entry.commits.map(({ topic, partition, nextOffset }) => ({
            topic: options.wire(topic),
            partitions: [{ partition, offset: String(nextOffset), metadata: null }],
          })),
        })
      }
    })
  }

  return {
    async commit(commits) {
      const groups = new Map<string, Commit[]>()
      for (const commit of commits) groups.set(commit.group, [...(groups.get(commit.group) ?? []), commit])
      await Promise.all([...groups].map(([group, list]) => commitGroup(group, list)))
    },
    async committed(group, { topic, partition }) {
      const { responses } = await withCoordinator(group, broker =>
        broker.offsetFetch({
          groupId: options.wireGroup(group),
          topics: [{ topic: options.wire(topic), partitions: [{ partition }] }],
        }),
      )
      const offset = Number(responses[0]?.partitions[0]?.offset ?? -1)
      return offset < 0 ? undefined : offset
    },
  }
}
