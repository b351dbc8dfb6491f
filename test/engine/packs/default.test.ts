import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createJudge, loadPacks } from '../../../engine/rules/index.ts'
import { activity, subject, vocabulary } from '../rules/support.ts'

const folder = join(fileURLToPath(new URL('.', import.meta.url)), '../../../../engine/packs/default')

test('the default pack loads and every rule runs as closures', () => {
  const pack = loadPacks([folder], vocabulary)
  assert.deepEqual(
    pack.rules.filter(rule => !rule.condition.closures).map(rule => rule.symbol),
    [],
  )
  assert.match(pack.version, /^default-1\./)
})

test('sequential dialling is found with the features that show it', () => {
  const pack = loadPacks([folder], vocabulary)
  const judge = createJudge(pack)
  const found = judge.judge(subject({ calls_10m: 20, sequential_ratio_10m: 0.9 }, activity()))
  assert.deepEqual(
    found.map(({ spec, evidence }) => [spec.symbol, evidence]),
    [['SEQUENTIAL_DIALLING', { 'origin.calls_10m': 20, 'origin.sequential_ratio_10m': 0.9 }]],
  )
})
