import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assignPartitions } from '../../../engine/log/index.ts'

const memberNames = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 7 })

describe('assigning partitions to the members of a group', () => {
  it('gives every partition an owner, shares that differ by one at most, whatever was before', () => {
    fc.assert(
      fc.property(
        memberNames,
        fc.nat(40),
        fc.array(fc.option(fc.string({ maxLength: 4 }), { nil: undefined })),
        (members, partitions, before) => {
          const owners = assignPartitions(members, partitions, before)
          assert.equal(owners.length, partitions)
          const counts = members.map(member => owners.filter(owner => owner === member).length)
          assert.equal(
            counts.reduce((a, b) => a + b, 0),
            partitions,
          )
          assert.ok(Math.max(...counts) - Math.min(...counts) <= 1)
        },
      ),
    )
  })

  it('moves nothing when nobody came or left, and only to the newcomer when one came', () => {
    fc.assert(
      fc.property(memberNames, fc.nat(40), (members, partitions) => {
        const before = assignPartitions(members, partitions, [])
        assert.deepEqual(assignPartitions([...members].reverse(), partitions, before), before)
        const after = assignPartitions([...members, 'newcomer'], partitions, before)
        after.forEach((owner, partition) => {
          if (owner !== before[partition]) assert.equal(owner, 'newcomer')
        })
      }),
    )
  })

  it('moves only the partitions of one who left', () => {
    fc.assert(
      fc.property(memberNames, fc.nat(40), (members, partitions) => {
        const before = assignPartitions([...members, 'leaver'], partitions, [])
        assignPartitions(members, partitions, before).forEach((owner, partition) => {
          if (before[partition] !== 'leaver') assert.equal(owner, before[partition])
        })
      }),
    )
  })

  it('gives nothing to nobody', () => {
    assert.deepEqual(assignPartitions([], 4, []), [])
  })
})
