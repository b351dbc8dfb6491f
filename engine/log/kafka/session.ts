import type { KafkaJsBroker } from 'kafkajs/src/broker/index.js'
import type Cluster from 'kafkajs/src/cluster/index.js'
import {
  type Assignment,
  decide,
  decodeAssignment,
  decodeClaim,
  encodeAssignment,
  encodeClaim,
  PROTOCOL,
} from './assigner.ts'
import { findCoordinator } from './coordinator.ts'
import { kafkaType, refusedAt } from './errors.ts'
import type { Lease } from './lease.ts'

/** Membership of a group on the wire: join, synchronise, heartbeat, leave. Knows nothing of what partitions are for. */
export interface Session {
  readonly memberId: string
  readonly generation: number
  /** While it is valid nobody else has the partitions of this member. */
  readonly lease: Lease
  /** Joins (again) with what the member still holds; gives what it is to have now. Takes as long as the slowest member. */
  join(owned: Assignment): Promise<Assignment>
  /** 'fine', or that the group changes and `join` is to be called, or that the group has given our partitions away. */
  heartbeat(): Promise<'fine' | 'changing' | 'lost'>
  /** Gives up the membership without telling: the next join is a newcomer's. */
  forget(): void
  leave(): Promise<void>
}

export interface SessionOptions {
  readonly cluster: Cluster
  readonly groupId: string
  /** On the wire. */
  readonly topics: readonly string[]
  readonly partitions: number
  readonly partitionsOf: (topic: string) => number
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly lease: Lease
}

const CHANGING = new Set(['REBALANCE_IN_PROGRESS'])
const LOST = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'])
const MOVED = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS'])

export function createSession(options: SessionOptions): Session {
  const { cluster, groupId, topics, sessionTimeoutMs, rebalanceTimeoutMs, lease } = options
  let memberId = ''
  let generation = -1
  let coordinator: KafkaJsBroker | undefined

  async function find(): Promise<KafkaJsBroker> {
    coordinator ??= await findCoordinator(cluster, groupId)
    return coordinator
  }

  async function joinOnce(owned: Assignment): Promise<Assignment> {
    const broker = await find()
    const joined = await broker.joinGroup({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      memberId,
      groupProtocols: [{ name: PROTOCOL, metadata: encodeClaim({ topics, owned, generation }) }],
    })
    memberId = joined.memberId
    generation = joined.generationId
    const decided =
      joined.leaderId === memberId
        ? decide(
            joined.members.map(each => decodeClaim(each.memberId, each.memberMetadata)),
            options.partitions,
            options.partitionsOf,
          )
        : new Map<string, Assignment>()
    const asked = lease.moment()
    const { memberAssignment } = await broker.syncGroup({
      groupId,
      generationId: generation,
      memberId,
      groupAssignment: [...decided].map(([member, assignment]) => ({
        memberId: member,
        memberAssignment: encodeAssignment(assignment),
      })),
    })
    lease.renew(asked)
    return decodeAssignment(memberAssignment)
  }

  return {
    lease,
    get memberId() {
      return memberId
    },
    get generation() {
      return generation
    },
    async join(owned) {
      try {
        return await joinOnce(owned)
      } catch (error) {
        const type = kafkaType(error)
        if (type === undefined || MOVED.has(type)) coordinator = undefined
        if (type !== undefined && LOST.has(type)) {
          memberId = ''
          lease.end()
        }
        throw refusedAt(`group ${groupId}`, error)
      }
    },
    async heartbeat() {
      try {
        const broker = await find()
        const asked = lease.moment()
        await broker.heartbeat({ groupId, groupGenerationId: generation, memberId })
        lease.renew(asked)
        return 'fine'
      } catch (error) {
        const type = kafkaType(error)
        // Not a renewal: who is late to join is passed over, whatever its heartbeats.
        if (type !== undefined && CHANGING.has(type)) return 'changing'
        if (type !== undefined && LOST.has(type)) return 'lost'
        coordinator = undefined
        throw error
      }
    },
    forget() {
      lease.end()
      memberId = ''
      generation = -1
    },
    async leave() {
      lease.end()
      if (memberId === '') return
      const broker = await find()
      await broker.leaveGroup({ groupId, memberId })
      memberId = ''
    },
  }
}
