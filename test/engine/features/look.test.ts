import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { catalogue, createBehaviour, featureIndex } from '../../../engine/features/index.ts'
import { START_MS, streams } from './traffic.ts'

const PARTY = '+33123456000'

test('looking a party up later gives what its next activity would see, and changes nothing', () => {
  const later = fc.oneof(
    fc.integer({ min: 0, max: 70_000 }),
    fc.integer({ min: 0, max: 8_000_000 }),
    fc.integer({ min: 0, max: 4e9 }),
  )
  fc.assert(
    fc.property(streams(60), later, (stream, laterMs) => {
      const behaviour = createBehaviour({ maxAheadMs: Number.POSITIVE_INFINITY, idleMs: 1e12 })
      let last = START_MS
      for (const activity of stream) last = Math.max(last, behaviour.observe(activity).lastMs)
      const now = last + laterMs
      const row = behaviour.look(PARTY, now)
      if (row === undefined) return
      const looked = catalogue.map(feature => feature.read(row))
      // A registration without agent or address moves the record on and counts nothing.
      behaviour.observe({
        id: 'next',
        role: 'origin',
        kind: 'registration',
        time: now,
        from: { party: PARTY },
        route: { tap: 't' },
        status: 200,
        outcome: 'accepted',
      })
      for (const [i, { name }] of catalogue.entries()) {
        // The campaign belongs to a message, not to the party.
        if (name.startsWith('campaign_')) continue
        const seen = behaviour.read(i)
        // Profiles are rounded to 32 bits when they fade.
        assert.ok(
          Math.abs(seen - looked[i]!) <= 1e-2 * Math.max(1, seen),
          `${name}: ${looked[i]} looked up, ${seen} seen`,
        )
      }
    }),
    { numRuns: 120 },
  )
})

test('a party looked up does not disturb the one under judgement', () => {
  const behaviour = createBehaviour()
  const attempt = (id: string, party: string) =>
    behaviour.observe({
      id,
      role: 'origin',
      kind: 'call.attempt',
      time: START_MS,
      from: { party },
      to: { party: '+33123450000' },
      route: { tap: 't' },
    })
  attempt('a', '+33611111111')
  attempt('b', '+33622222222')
  attempt('c', '+33622222222')
  const calls = featureIndex('calls_1h')!
  const row = behaviour.look('+33611111111', START_MS)!
  assert.equal(catalogue[calls]!.read(row), 1)
  assert.equal(behaviour.read(calls), 2)
})
