import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createTally, createTopTally } from '../../../engine/observe/index.ts'

const sum = (samples: Iterable<readonly [number, ...string[]]>) => [...samples].reduce((all, [value]) => all + value, 0)

describe('a tally', () => {
  it('counts each combination of labels', () => {
    const tally = createTally(2)
    tally.add('call.attempt', 'origin')
    tally.add('call.attempt', 'origin')
    tally.add('call.attempt', 'target')
    assert.deepEqual(
      [...tally.samples()],
      [
        [2, 'call.attempt', 'origin'],
        [1, 'call.attempt', 'target'],
      ],
    )
  })

  it('keeps its bound whatever comes, and loses no count', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string(), fc.string()), { maxLength: 500 }), adds => {
        const tally = createTally(3, 20)
        for (const [a, b, c] of adds) tally.add(a, b, c)
        assert.ok([...tally.samples()].length <= 21)
        assert.equal(tally.total(), adds.length)
      }),
    )
  })
})

describe('a tally of the busiest', () => {
  it('shows at most its limit by name and loses no count while nobody changes places', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 2000 }), keys => {
        const top = createTopTally({ limit: 10, columns: ['clear', 'spam'], period: 10_000 })
        for (const key of keys) top.add(`route-${key}`, key % 2)
        assert.ok([...top.samples()].length <= 22)
        assert.equal(sum(top.samples()), keys.length)
      }),
    )
  })

  it('gives a key that became busy the place of an idle one', () => {
    const top = createTopTally({ limit: 2, columns: ['all'], period: 100 })
    top.add('early-1', 0)
    top.add('early-2', 0)
    for (let i = 0; i < 300; i++) top.add('late', 0)
    const shown = [...top.samples()].map(([, key]) => key)
    assert.ok(shown.includes('late'), shown.join())
    assert.ok(shown.includes('other'))
  })

  it('never lets a series that stays go backwards', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 3000 }), keys => {
        const top = createTopTally({ limit: 5, columns: ['all'], period: 64 })
        let before = new Map<string, number>()
        for (const [i, key] of keys.entries()) {
          top.add(String(key), 0)
          if (i % 50 !== 0) continue
          const now = new Map([...top.samples()].map(([value, name]) => [name!, value]))
          // One that left and came back begins again, as after a restart: it was absent in between or is small.
          assert.ok((now.get('other') ?? 0) >= (before.get('other') ?? 0))
          before = now
        }
      }),
    )
  })
})
