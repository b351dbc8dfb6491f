import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ActivityOf } from '../../../engine/activity/index.ts'
import { createCallPatterns, MIN_CALLS } from '../../../engine/features/call-patterns.ts'
import { randomOf, SECOND } from '../packs/traffic.ts'

const START = 1_764_000_000_000

function call(from: string, to: string, fields: object = {}): ActivityOf<'call.attempt'> {
  return {
    id: 'c',
    role: 'origin',
    kind: 'call.attempt',
    time: START,
    from: { party: from },
    to: { party: to },
    route: { tap: 'hep', trunk: 'ix-1' },
    agent: 'Dialler/2',
    ...fields,
  }
}

const number = (prefix: string, n: number) => `${prefix}${String(n).padStart(4, '0')}`
/** Any 32-bit value of a party, as the table's hash would be. */
const hashOf = (party: string) => Math.imul(Number(party.slice(-6)), 0x9e3779b1) >>> 0

describe('call patterns', () => {
  it('see one dialler behind many numbers that takes its targets one after another', () => {
    const patterns = createCallPatterns(1)
    const random = randomOf(1)
    let found = 0
    let after = 0
    for (let n = 0; n < 40 && found === 0; n++, after++) {
      const from = number('+3368000', Math.floor(random.unit() * 5000))
      const to = number('+3314200', 100 + n)
      found = patterns.observe(call(from, to), hashOf(from), hashOf(to), START + random.gap(30) * SECOND + n * 30_000)
    }
    assert.ok(found > 0, 'a campaign')
    assert.ok(after <= MIN_CALLS + 2, `after ${after} calls`)
    const { origins, targets, messages, firstSeen, sample } = patterns.describe(found)
    assert.ok(origins >= MIN_CALLS - 2 && targets >= MIN_CALLS - 2, `${origins} origins, ${targets} targets`)
    assert.equal(messages, after)
    assert.ok(firstSeen >= START)
    assert.equal(sample, 'Dialler/2 +3368000xxxx')
  })

  it('see changing numbers that all call one list of targets', () => {
    const patterns = createCallPatterns(1)
    const targets = ['+33142000001', '+33155501234', '+33187654321']
    const found = Array.from({ length: 30 }, (_, n) => {
      const from = number('+3368000', n * 37)
      const to = targets[n % 3]!
      return patterns.observe(call(from, to), hashOf(from), hashOf(to), START + n * n * 1_000)
    })
    assert.ok(found.at(-1)! > 0)
  })

  it('see changing numbers that call by the clock', () => {
    const patterns = createCallPatterns(1)
    const random = randomOf(3)
    let found = 0
    for (let n = 0; n < 120; n++) {
      const from = number('+3368000', n * 37)
      const to = `+331${random.whole(10_000_000, 99_999_999)}`
      found = patterns.observe(call(from, to), hashOf(from), hashOf(to), START + n * 20_000)
    }
    assert.ok(found > 0)
  })

  it('see none in a company whose people share program, trunk and block of numbers', () => {
    const patterns = createCallPatterns(1)
    const random = randomOf(4)
    let timeMs = START
    for (let n = 0; n < 3_000; n++) {
      const from = number('+3314455', random.whole(0, 400))
      // A tenth of the calls go to the reception, as they do.
      const to = random.chance(0.1) ? '+33144550000' : `+336${random.whole(10_000_000, 99_999_999)}`
      timeMs += random.gap(20) * SECOND
      assert.equal(patterns.observe(call(from, to), hashOf(from), hashOf(to), timeMs), 0, `call ${n}`)
    }
  })

  it('see none in an office whose few people call each other all day', () => {
    const patterns = createCallPatterns(1)
    const random = randomOf(5)
    let timeMs = START
    for (let n = 0; n < 500; n++) {
      const from = number('+3314455', random.whole(10, 30))
      const to = number('+3314455', random.whole(10, 30))
      timeMs += random.gap(60) * SECOND
      assert.equal(patterns.observe(call(from, to), hashOf(from), hashOf(to), timeMs), 0, `call ${n}`)
    }
  })

  it('see none in two dozen clerks who each work through the same list from a telephone of their own', () => {
    const patterns = createCallPatterns(1)
    const random = randomOf(6)
    let late = 0
    for (let n = 0; n < 600; n++) {
      const from = number('+3314455', n % 24)
      const to = number('+3361190', Math.floor(n / 2))
      const found = patterns.observe(
        call(from, to),
        hashOf(from),
        hashOf(to),
        START + (n * 40 + random.whole(0, 30)) * SECOND,
      )
      if (n > 130 && found !== 0) late++
    }
    assert.equal(late, 0)
  })

  it('tell two diallers apart, and begin anew after a pause', () => {
    const patterns = createCallPatterns(1)
    const run = (agent: string, startMs: number): string => {
      let id = ''
      for (let n = 0; n < 40; n++) {
        const from = number('+3368000', n * 37)
        const to = number('+3314200', n)
        const found = patterns.observe(call(from, to, { agent }), hashOf(from), hashOf(to), startMs + n * 5_000)
        if (found > 0) id = patterns.describe(found).id
      }
      return id
    }
    const ids = [run('A/1', START), run('B/1', START), run('A/1', START + 24 * 3_600_000)]
    assert.equal(new Set(ids).size, 3)
    assert.ok(ids.every(id => id !== ''))
  })
})
