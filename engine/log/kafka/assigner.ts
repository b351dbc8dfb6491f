import kafkajs from 'kafkajs'
import { assignPartitions } from '../assignment.ts'

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol

/** Name under which members agree on how partitions are shared; members of another protocol cannot join the group. */
export const PROTOCOL = 'ringfence-sticky'

/** What a member tells when it joins: its topics, and the partitions of each that it still holds. */
export interface MemberClaim {
  readonly memberId: string
  /** On the wire. */
  readonly topics: readonly string[]
  readonly owned: Assignment
  /** Generation in which it got them: of two that claim one partition, the later is right. */
  readonly generation: number
}

/** Topic on the wire → partitions. */
export type Assignment = Readonly<Record<string, number[]>>

export function encodeClaim(claim: Omit<MemberClaim, 'memberId'>): Buffer {
  const { topics, owned, generation } = claim
  return MemberMetadata.encode({
    version: 1,
    topics: [...topics],
    userData: Buffer.from(JSON.stringify({ owned, generation })),
  })
}

/** A member that says nothing we understand of its partitions holds none. */
export function decodeClaim(memberId: string, metadata: Buffer): MemberClaim {
  const decoded = MemberMetadata.decode(metadata)
  const topics = decoded?.topics ?? []
  try {
    const { owned, generation } = JSON.parse((decoded?.userData ?? Buffer.alloc(0)).toString()) as MemberClaim
    const valid = Object.values(owned).every(list => Array.isArray(list) && list.every(Number.isInteger))
    if (valid) return { memberId, topics, owned, generation: Number(generation) }
  } catch {}
  return { memberId, topics, owned: {}, generation: -1 }
}

export function encodeAssignment(assignment: Assignment): Buffer {
  return MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) })
}

export function decodeAssignment(bytes: Buffer): Assignment {
  return MemberAssignment.decode(bytes)?.assignment ?? {}
}

/**
 * What the leader of a group decides, in the manner of KIP-429: a partition that has to move is given to nobody until
 * its owner has let go of it and joined again without it; all others go on undisturbed.
 *
 * Numbers are shared out once, by who holds the topic that all members read, and go with all topics, so that one party's
 * records from several topics meet. During an upgrade, when some members do not read a topic yet, those who do take its
 * partitions. `partitionsOf` gives the number of partitions of a topic on the wire, at most `partitions`. Deterministic.
 */
export function decide(
  claims: readonly MemberClaim[],
  partitions: number,
  partitionsOf: (topic: string) => number,
): Map<string, Record<string, number[]>> {
  const sorted = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const topics = [...new Set(sorted.flatMap(claim => claim.topics))].sort()
  const common = topics.find(topic => sorted.every(claim => claim.topics.includes(topic)))
  const members = sorted.map(({ memberId }) => memberId)
  const owners = assignPartitions(
    members,
    partitions,
    common === undefined ? [] : holdersOf(sorted, common, partitions),
  )
  const decided = new Map<string, Record<string, number[]>>(members.map(memberId => [memberId, {}]))
  for (const topic of topics) {
    const holders = holdersOf(sorted, topic, partitions)
    const readers = sorted.filter(claim => claim.topics.includes(topic))
    for (let partition = 0; partition < partitionsOf(topic); partition++) {
      const { memberId } = readers.find(claim => claim.memberId === owners[partition]) ?? readers[0]!
      if (holders[partition] !== undefined && holders[partition] !== memberId) continue
      const assignment = decided.get(memberId)!
      assignment[topic] = [...(assignment[topic] ?? []), partition]
    }
  }
  return decided
}

/** Who holds each partition of a topic; of two that say so, the one that got it later. */
function holdersOf(claims: readonly MemberClaim[], topic: string, partitions: number): (string | undefined)[] {
  const holders = new Array<MemberClaim | undefined>(partitions).fill(undefined)
  for (const claim of claims) {
    for (const partition of claim.owned[topic] ?? []) {
      if (partition < 0 || partition >= partitions) continue
      const other = holders[partition]
      if (other === undefined || other.generation < claim.generation) holders[partition] = claim
    }
  }
  return holders.map(claim => claim?.memberId)
}
