import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'
import { type Behaviour, catalogue, createBehaviour } from '../../../engine/features/index.ts'
import { streams } from './traffic.ts'

const options = { maxParties: 9, seenIds: 600, idleMs: 40 * 3_600_000 }

/** Everything that comes out of one activity, to the last bit. */
function outcome(behaviour: Behaviour, activity: Activity): readonly unknown[] {
  const seen = behaviour.observe(activity)
  return [
    seen.duplicate,
    seen.late,
    seen.clamped,
    seen.timeMs,
    seen.firstMs,
    seen.lastMs,
    seen.activities,
    ...catalogue.map((_, i) => behaviour.read(i)),
  ]
}

/** Copies the state of one behaviour into another, page by page, as a snapshot would; the source goes on in between. */
function snapshotInto(from: Behaviour, to: Behaviour, meanwhile: () => void, full = true): void {
  const frozen = from.states.map(state => state.freeze(full))
  meanwhile()
  frozen.forEach((pages, i) => {
    const target = to.states[i]!
    assert.equal(target.layout, from.states[i]!.layout)
    for (let page = pages.next(); page !== undefined; page = pages.next()) target.load(page.page, page.bytes)
    pages.release()
  })
  for (const state of to.states) state.restored()
}

test('replaying all equals prefix, snapshot, restore and the rest, bit for bit, at any cut', () => {
  fc.assert(
    fc.property(streams(120), fc.double({ min: 0, max: 1, noNaN: true }), (stream, where) => {
      const cut = Math.floor(where * stream.length)
      const whole = createBehaviour(options)
      const restored = createBehaviour(options)
      for (const activity of stream.slice(0, cut)) whole.observe(activity)
      const rest = stream.slice(cut)
      const expected: unknown[] = []
      // The snapshot is written while the partition goes on: what it holds must be the cut, not what came after.
      snapshotInto(whole, restored, () => {
        for (const activity of rest) expected.push(outcome(whole, activity))
      })
      const actual = rest.map(activity => outcome(restored, activity))
      assert.deepEqual(actual, expected)
      assert.deepEqual(restored.counts(), whole.counts())
    }),
    { numRuns: 150 },
  )
})

test('a full snapshot and the changed pages since it restore to the same state', () => {
  fc.assert(
    fc.property(streams(90), stream => {
      const third = Math.ceil(stream.length / 3)
      const whole = createBehaviour(options)
      const restored = createBehaviour(options)
      for (const activity of stream.slice(0, third)) whole.observe(activity)
      snapshotInto(whole, restored, () => {})
      for (const activity of stream.slice(third, 2 * third)) whole.observe(activity)
      snapshotInto(whole, restored, () => {}, false)
      for (const activity of stream.slice(2 * third))
        assert.deepEqual(outcome(restored, activity), outcome(whole, activity))
    }),
    { numRuns: 60 },
  )
})
