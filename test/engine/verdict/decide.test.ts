import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createJudge, loadPacks } from '../../../engine/rules/index.ts'
import { createDecider } from '../../../engine/verdict/index.ts'
import { activity, subject, vocabulary } from '../rules/support.ts'

const folder = join(fileURLToPath(new URL('.', import.meta.url)), '../../../../engine/packs/default')
const pack = loadPacks([folder], vocabulary)
const judge = createJudge(pack)

test('one strong finding flags, and the standing remembers it on the next call', () => {
  const decider = createDecider(pack)
  const first = activity()
  const hit = decider.decide({
    activity: first,
    findings: judge.judge(subject({ calls_10m: 20, sequential_ratio_10m: 1 }, first)),
  })
  assert.equal(hit?.verdict?.action, 'flag')
  assert.equal(hit?.reputation?.action, 'flag')
  const next = activity({ id: 'a2', time: first.time + 60_000 })
  const held = decider.decide({ activity: next, findings: [] })
  assert.equal(held?.verdict?.reasons[0]?.held, true)
  assert.ok((held?.verdict?.score ?? 0) < 4.5)
})
