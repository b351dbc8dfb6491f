import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createLease } from '../../../engine/log/kafka/lease.ts'

/** Two clocks that the test moves. */
function clocks() {
  const time = { wall: 1_764_000_000_000, steady: 5000 }
  return { time, both: [() => time.wall, () => time.steady] }
}

describe('the lease of a member', () => {
  it('is not valid before the group has answered, nor after it was given up', () => {
    const { both } = clocks()
    const lease = createLease(30_000, both)
    assert.equal(lease.valid(), false)
    lease.renew(lease.moment())
    assert.equal(lease.valid(), true)
    lease.end()
    assert.equal(lease.valid(), false)
  })

  it('counts from the question, not from the answer', () => {
    const { time, both } = clocks()
    const lease = createLease(30_000, both)
    const asked = lease.moment()
    time.wall += 19_000
    time.steady += 19_000
    lease.renew(asked)
    assert.equal(lease.valid(), true)
    time.wall += 1000
    time.steady += 1000
    assert.equal(lease.valid(), false)
  })

  it('ends by the clock that has gone furthest: one may stand still while the machine sleeps, or be set back', () => {
    for (const name of ['wall', 'steady'] as const) {
      const { time, both } = clocks()
      const lease = createLease(3000, both)
      lease.renew(lease.moment())
      time[name] += 2000
      time[name === 'wall' ? 'steady' : 'wall'] -= 500
      assert.equal(lease.valid(), false)
    }
  })

  it('has always ended when the group may give the partitions away', () => {
    const event = fc.record({ waitMs: fc.nat(20_000), delayMs: fc.nat(20_000), answered: fc.boolean() })
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 60_000 }), fc.array(event), (sessionMs, events) => {
        const { time, both } = clocks()
        const pass = (ms: number) => {
          time.wall += ms
          time.steady += ms
        }
        const lease = createLease(sessionMs, both)
        // The group hears of a member when a request arrives, which is at its sending at the earliest.
        let givenAwayMs = Number.NEGATIVE_INFINITY
        for (const { waitMs, delayMs, answered } of events) {
          pass(waitMs)
          assert.ok(!lease.valid() || time.steady < givenAwayMs)
          const asked = lease.moment()
          if (answered) givenAwayMs = Math.max(givenAwayMs, time.steady + sessionMs)
          pass(delayMs)
          if (answered) lease.renew(asked)
          assert.ok(!lease.valid() || time.steady < givenAwayMs)
        }
      }),
    )
  })
})
