import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createPending } from '../../../connectors/records/index.ts'

describe('pending ends of calls', () => {
  it('come out once each, by time and then by arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 200 }), times => {
        const out: number[] = []
        const pending = createPending<number>(1000, i => out.push(i))
        for (const [i, time] of times.entries()) pending.hold(time, i)
        pending.release(Number.POSITIVE_INFINITY)
        const expected = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b)
        assert.deepEqual(out, expected)
      }),
    )
  })

  it('leaves what is not yet due', () => {
    const out: string[] = []
    const pending = createPending<string>(10, item => out.push(item))
    pending.hold(20, 'late')
    pending.hold(10, 'early')
    pending.release(15)
    assert.deepEqual(out, ['early'])
    assert.equal(pending.size, 1)
  })

  it('gives the earliest out before its time when it is full', () => {
    const out: number[] = []
    const pending = createPending<number>(3, item => out.push(item))
    for (const time of [5, 3, 9, 7, 1]) pending.hold(time, time)
    assert.deepEqual(out, [3, 5])
    assert.equal(pending.size, 3)
  })
})
