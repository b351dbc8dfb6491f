import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type Assignment,
  decide,
  decodeAssignment,
  decodeClaim,
  encodeAssignment,
  encodeClaim,
  type MemberClaim,
} from '../../../engine/log/kafka/assigner.ts'

const PARTITIONS = 7
const partitionsOf = (topic: string) => (topic === 'letters' ? 1 : PARTITIONS)

const topicSets: fc.Arbitrary<readonly string[]> = fc.constantFrom<readonly string[]>(
  ['activity'],
  ['activity', 'feedback'],
  ['activity', 'feedback', 'letters'],
)
const members = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), topics: topicSets }), {
  minLength: 1,
  maxLength: 5,
  selector: each => each.id,
})

type Members = readonly { readonly id: string; readonly topics: readonly string[] }[]

/** Lets a group join again and again until nobody has anything to let go of; checks every step. */
function settle(group: Members, held: Map<string, Assignment>): Map<string, Assignment> {
  let owned = held
  for (let round = 0; round < 4; round++) {
    const claims = group.map(
      ({ id, topics }): MemberClaim => ({ memberId: id, topics, owned: owned.get(id) ?? {}, generation: round }),
    )
    const decided = decide(claims, PARTITIONS, partitionsOf)
    const given = places(decided)
    assert.equal(new Set(given.values()).size <= group.length, true)
    for (const [place, member] of places(owned)) {
      // While its holder has it, a partition is given to nobody else.
      if (group.some(({ id }) => id === member)) assert.ok([member, undefined].includes(given.get(place)))
    }
    owned = decided
  }
  return owned
}

function places(owned: ReadonlyMap<string, Assignment>): Map<string, string> {
  const found = new Map<string, string>()
  for (const [member, assignment] of owned) {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        assert.equal(found.get(`${topic}/${partition}`), undefined, 'given twice')
        found.set(`${topic}/${partition}`, member)
      }
    }
  }
  return found
}

describe('sharing partitions among the members of a Kafka group', () => {
  it('gives every partition that somebody reads to one reader within a few rounds, whoever held what', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        const held = settle(before, new Map())
        const owned = places(settle(after, held))
        const topics = new Set(after.flatMap(each => each.topics))
        for (const topic of topics) {
          for (let partition = 0; partition < partitionsOf(topic); partition++) {
            const member = after.find(({ id }) => id === owned.get(`${topic}/${partition}`))
            assert.ok(member?.topics.includes(topic), `${topic}/${partition}`)
          }
        }
      }),
    )
  })

  it('gives a number to one member for all topics when all read the same, also after an upgrade that mixed them', () => {
    fc.assert(
      fc.property(members, members, (before, after) => {
        const alike = after.map(({ id }) => ({ id, topics: ['activity', 'feedback'] }))
        const owned = places(settle(alike, settle(before, new Map())))
        for (let partition = 0; partition < PARTITIONS; partition++) {
          assert.equal(owned.get(`activity/${partition}`), owned.get(`feedback/${partition}`))
        }
      }),
    )
  })

  it('reads back claims and assignments, and takes a member that says nothing sensible as holding nothing', () => {
    const claim = { topics: ['a', 'b'], owned: { a: [1, 2] }, generation: 7 }
    assert.deepEqual(decodeClaim('m', encodeClaim(claim)), { memberId: 'm', ...claim })
    assert.deepEqual(decodeAssignment(encodeAssignment({ a: [0, 3], b: [] })), { a: [0, 3], b: [] })
    const odd = encodeClaim({ ...claim, owned: { a: 'x' as never } })
    assert.deepEqual(decodeClaim('m', odd).owned, {})
  })
})
