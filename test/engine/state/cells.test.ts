import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  cellCounts,
  distinctOf,
  hitCell,
  planRoll,
  rollCells,
  SURVEY,
  surveyCells,
  windowLengths,
  windowNames,
} from '../../../engine/state/index.ts'

const WORDS = 16
const CELLS = WORDS * 8

/** Cell that a hash hits, found by hitting an empty map. */
function cellOf(hash: number): number {
  const cells = new Uint32Array(WORDS)
  hitCell(cells, 0, WORDS, hash, 1e12, 1e12)
  const word = cells.findIndex(one => one !== 0)
  return word * 8 + Math.floor(Math.log2(cells[word]!) / 4)
}

test('cells know for every window whether they were hit in its current or previous bucket, as an oracle of times does', () => {
  const hits = fc.array(
    fc.record({
      stepMs: fc.oneof(
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 0, max: 4e6 }),
        fc.integer({ min: 0, max: 4e8 }),
      ),
      lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2e8 })),
      hash: fc.integer({ min: 0, max: 0xffffffff }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  fc.assert(
    fc.property(hits, fc.integer({ min: 0, max: 2e8 }), (list, readLaterMs) => {
      const cells = new Uint32Array(WORDS + 2)
      const lastHit = new Float64Array(CELLS).fill(-1)
      const survey = new Uint16Array(SURVEY)
      let frontier = 1_764_000_000_000
      for (const { stepMs, lateMs, hash } of list) {
        const now = frontier + stepMs
        planRoll(frontier, now)
        rollCells(cells, 1, WORDS)
        frontier = now
        hitCell(cells, 1, WORDS, hash, now - lateMs, frontier)
        const cell = cellOf(hash)
        lastHit[cell] = Math.max(lastHit[cell]!, now - lateMs)
      }
      const now = frontier + readLaterMs
      surveyCells(cells, 1, WORDS, frontier, now, survey)
      for (let w = 1; w < windowNames.length; w++) {
        const length = windowLengths[w]!
        const bucket = Math.floor(now / length)
        let current = 0
        let both = 0
        for (const time of lastHit) {
          if (time < 0) continue
          const age = bucket - Math.floor(time / length)
          if (age === 0) current++
          if (age <= 1) both++
        }
        const sum = (at: number) => survey.subarray(at, at + 4).reduce((a, b) => a + b, 0)
        assert.deepEqual([sum(8 * (w - 1)), sum(8 * (w - 1) + 4)], [current, both], windowNames[w])
      }
      assert.equal(cells[0], 0)
      assert.equal(cells[WORDS + 1], 0)
    }),
    { numRuns: 300 },
  )
})

test('the map estimates the number of different hits within its stated error', () => {
  const counts = cellCounts(WORDS)
  const survey = new Uint16Array(SURVEY)
  // Mean of 200 trials: within an eighth of the truth, spread as the documentation states.
  for (const [different, spread] of [
    [10, 0.1],
    [100, 0.11],
    [300, 0.17],
    [1000, 0.36],
    [3000, 0.3],
  ] as const) {
    let sum = 0
    let squares = 0
    for (let trial = 0; trial < 200; trial++) {
      const cells = new Uint32Array(WORDS)
      for (let n = 0; n < different; n++) {
        let hash = Math.imul(n + 1 + trial * 1000, 0x9e3779b1)
        hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
        hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
        hitCell(cells, 0, WORDS, (hash ^ (hash >>> 16)) >>> 0, 1e12, 1e12)
      }
      surveyCells(cells, 0, WORDS, 1e12, 1e12, survey)
      const estimate = distinctOf(survey, 1, counts, 0) / different
      sum += estimate
      squares += estimate * estimate
    }
    const mean = sum / 200
    const deviation = Math.sqrt(squares / 200 - mean * mean)
    assert.ok(Math.abs(mean - 1) < 0.12, `${different}: mean ${mean}`)
    assert.ok(deviation < spread, `${different}: deviation ${deviation}`)
  }
})
