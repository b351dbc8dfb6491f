import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJudge, loadPacks } from '../../../engine/rules/index.ts'
import { createDecider } from '../../../engine/verdict/index.ts'
import { activity, defaultPack, subject, vocabulary } from '../rules/support.ts'

const pack = loadPacks([defaultPack], vocabulary)
const judge = createJudge(pack)

test('one strong finding flags, and the standing remembers it on the next call', () => {
  const decider = createDecider(pack)
  const first = activity()
  const hit = decider.decide({
    activity: first,
    findings: judge.judge(subject({ calls_10m: 20, sequential_ratio_10m: 1, distinct_targets_10m: 20 }, first)),
  })
  assert.equal(hit?.verdict?.action, 'flag')
  assert.equal(hit?.reputation?.action, 'flag')
  const next = activity({ id: 'a2', time: first.time + 60_000 })
  const held = decider.decide({ activity: next, findings: [] })
  assert.equal(held?.verdict?.reasons[0]?.held, true)
  assert.ok((held?.verdict?.score ?? 0) < 5)
})
