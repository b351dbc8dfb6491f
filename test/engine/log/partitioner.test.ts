import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { topics } from '../../../engine/activity/index.ts'
import { murmur2, partitionOf, partitionsOf } from '../../../engine/log/index.ts'

describe('Kafka’s murmur2', () => {
  // Vectors of Apache Kafka's own UtilsTest.testMurmur2.
  for (const [text, hash] of [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ] as const) {
    it(`gives ${hash} for ${text}`, () => assert.equal(murmur2(new TextEncoder().encode(text)), hash))
  }
})

describe('the partition of a key', () => {
  it('is the positive murmur2 of its UTF-8 bytes modulo the number of partitions, for short and long keys', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 600 }),
        fc.integer({ min: 1, max: 500 }),
        (key, partitions) => {
          const hash = murmur2(new TextEncoder().encode(key)) & 0x7fffffff
          assert.equal(partitionOf(key, partitions), hash % partitions)
        },
      ),
    )
  })

  it('is 0 without a key, and a topic without keys has one partition', () => {
    assert.equal(partitionOf(null, 12), 0)
    assert.equal(partitionsOf(topics.deadLetters, 12), 1)
    assert.equal(partitionsOf(topics.activity, 12), 12)
  })
})
