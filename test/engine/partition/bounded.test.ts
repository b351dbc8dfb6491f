import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition, WARM } from '../../../engine/partition/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, vocabulary } from '../rules/support.ts'

const pack = loadPacks([defaultPack], vocabulary)
const MAX_PARTIES = 1_000

/** Parties that are seen once: each with a rare event, a text, a route and a range of its own. */
function oneShot(n: number): Activity {
  const from = { party: `+336${String(10_000_000 + n * 7)}`, display: `Nobody ${n}` }
  const common = {
    id: `one-${n}`,
    role: 'origin' as const,
    time: 1_764_000_000_000 + n * 20,
    from,
    agent: `agent-${n}`,
  }
  const to = { party: `+331${String(40_000_000 + n * 3)}` }
  const route = { tap: 'test', peer: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` }
  if (n % 3 === 0) return { ...common, to, route, kind: 'call.failed', status: 503, endedBy: 'network' }
  if (n % 3 === 1) return { ...common, to, route, kind: 'call.attempt' }
  const text = `Parcel ${n} of ${n * 31} waits for you at counter ${n * 17}, bring paper ${n * 13} and a pen please`
  return { ...common, to, route, kind: 'message', content: { type: 'text/plain', text } }
}

test('a flood of parties that are seen once grows nothing past the bound', () => {
  const partition = createPartition({ pack, identity: createIdentity(), behaviour: { maxParties: MAX_PARTIES } })
  for (let n = 0; n < 5 * MAX_PARTIES; n++) partition.apply(oneShot(n))
  const { stateBytes } = partition.figures()
  for (let n = 5 * MAX_PARTIES; n < 25 * MAX_PARTIES; n++) partition.apply(oneShot(n))
  const figures = partition.figures()
  assert.equal(figures.parties, MAX_PARTIES)
  assert.equal(figures.evicted, 24 * MAX_PARTIES)
  assert.equal(figures.stateBytes, stateBytes)
})

test('warming changes time and nothing else, whatever is foreseen', () => {
  const open = () =>
    createPartition({ pack, identity: createIdentity(), behaviour: { maxParties: 50 }, verdicts: 'all' })
  const activities = Array.from({ length: 600 }, (_, n) => oneShot(n % 200))
  const plain = open()
  const warmed = open()
  const expected = activities.map(plain.apply)
  const given: unknown[] = []
  for (let from = 0; from < activities.length; from += WARM) {
    const next = activities.slice(from, from + WARM)
    // Foreseen in another order than they come, and some that do not come.
    warmed.warm([...next.slice(3), oneShot(9_999), ...next.slice(0, 3)].slice(0, WARM))
    for (const activity of next) given.push(warmed.apply(activity))
  }
  assert.deepEqual(given, expected)
  assert.deepEqual(warmed.figures(), plain.figures())
})
