import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition } from '../../../engine/partition/index.ts'
import { createPackHolder, loadPacks, type Pack } from '../../../engine/rules/index.ts'
import { defaultPack, packFolder, vocabulary } from '../rules/support.ts'
import { MINUTE, MONDAY, mobile, office, randomOf, SECOND, traffic } from './traffic.ts'

test('a thousand reloads between activities lose no verdict and change no count', () => {
  const random = randomOf(31)
  const on = traffic()
  for (let i = 0; i < 250; i++) {
    on.call(office(1), mobile(i * 3), MONDAY + i * 4 * SECOND, { status: 480, ringS: 9 })
    on.call(mobile(random.whole(0, 60)), mobile(random.whole(0, 60)), MONDAY + i * 4 * SECOND, { talkS: 40 })
  }
  const activities = on.activities.toSorted((a, b) => a.time - b.time)
  assert.ok(activities.length > 1_000)
  const packs = ['1', '2'].map((version): Pack => {
    const operator = packFolder({ 'pack.yaml': `name: operator\nversion: ${version}\n` })
    return loadPacks([defaultPack, operator], vocabulary)
  })
  let turn = 0
  const holder = createPackHolder(() => packs[turn++ % 2]!)
  const identity = createIdentity()
  const still = createPartition({ pack: packs[0]!, identity })
  const moved = createPartition({ pack: holder.current, identity })
  for (const activity of activities) {
    if (holder.counts.reloads < 1_000) holder.reload()
    moved.usePack(holder.current)
    const [expected, got] = [still.apply(activity), moved.apply(activity)]
    const withoutPack = (judged: typeof expected) =>
      JSON.stringify([
        judged.verdict && { ...judged.verdict, id: '', pack: '' },
        judged.reputation && { ...judged.reputation, pack: '' },
      ])
    assert.equal(withoutPack(got), withoutPack(expected))
    if (got.verdict !== undefined) assert.equal(got.verdict.pack, holder.current.version)
  }
  assert.equal(holder.counts.reloads, 1_000)
  assert.deepEqual(moved.figures(), still.figures())
  assert.ok(activities.at(-1)!.time > MONDAY + 16 * MINUTE)
})
