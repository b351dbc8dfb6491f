import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition, WARM } from '../../../engine/partition/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { oneShot } from '../../support/one-shot.ts'
import { defaultPack, vocabulary } from '../rules/support.ts'

const pack = loadPacks([defaultPack], vocabulary)
const MAX_PARTIES = 1_000

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
