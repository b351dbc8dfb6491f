import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createJudge, loadPacks } from '../../../engine/rules/index.ts'
import { activity, defaultPack, subject, vocabulary } from '../rules/support.ts'

const fr = fileURLToPath(new URL('../../../../engine/packs/fr', import.meta.url))
const pack = loadPacks([defaultPack, fr], vocabulary)
const judge = createJudge(pack)
const many = { calls_1h: 30, distinct_targets_1h: 30, distinct_ratio_1h: 1 }
const symbolsAt = (time: string) =>
  judge.judge(subject(many, activity({ time: Date.parse(time) }))).map(({ spec }) => `${spec.symbol} ${spec.state}`)

test('the French pack adds to the emergency numbers, and keeps those below', () => {
  for (const number of ['15', '17', '18', '115', '116117', '112', '911'])
    assert.ok(pack.lists.has('emergency', number), number)
  assert.equal(pack.effects.get('emergency'), 'emergency')
})

test('it enforces calls at night in the time of Paris, winter and summer', () => {
  assert.ok(symbolsAt('2026-03-03T19:30:00Z').includes('NIGHT_CALLS enforce'), 'Tuesday 20:30, winter')
  assert.ok(!symbolsAt('2026-07-07T17:30:00Z').includes('NIGHT_CALLS enforce'), 'Tuesday 19:30, summer')
  assert.ok(symbolsAt('2026-07-07T18:30:00Z').includes('NIGHT_CALLS enforce'), 'Tuesday 20:30, summer')
})

test('it knows the weekend, and a weekend call alone is no flag', () => {
  assert.ok(symbolsAt('2026-03-07T14:00:00Z').includes('WEEKEND_CALLS enforce'))
  assert.ok(!symbolsAt('2026-03-06T14:00:00Z').includes('WEEKEND_CALLS enforce'))
  assert.ok((pack.groups.get('rate') ?? 99) < pack.thresholds.flag)
})
