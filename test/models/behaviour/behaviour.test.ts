import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Activity } from '../../../engine/activity/index.ts'
import { vectorNames } from '../../../engine/features/index.ts'
import { openBackend } from '../../../models/backend/index.ts'
import {
  behaviourWeightsFolder,
  createBehaviourJudge,
  createCollector,
  evaluateBehaviour,
  fifthOf,
  parseLabels,
  readBehaviourWeights,
  TEST_FIFTH,
  trainBehaviour,
} from '../../../models/behaviour/index.ts'
import { randomOf } from '../../../models/training/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-behaviour-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const DAY_MS = 86_400_000
const START_MS = 1_764_000_000_000
const labels = new Map<string, 0 | 1>()
for (let i = 0; i < 120; i++) labels.set(`+3360000${String(i).padStart(4, '0')}`, i % 2 === 0 ? 1 : 0)

/** Half call strangers once each on three days, half talk to and fro with six friends for ten days. */
function activitiesOf(): Activity[] {
  const events: Activity[] = []
  const random = randomOf(5)
  let id = 0
  for (const [party, label] of labels) {
    const days = label === 1 ? 3 : 10
    for (let k = 0; k < 30; k++) {
      const time = START_MS + Math.floor(random() * days * DAY_MS)
      const peer = label === 1 ? `+44${Math.floor(random() * 1e9)}` : `+33700000${String(k % 6).padStart(3, '0')}`
      const out = label === 1 || k % 2 === 0
      const kind = k % 3 === 0 ? 'message' : 'call.attempt'
      const common = { id: `e${id++}`, role: out ? 'origin' : 'target', time, route: { tap: 't' } } as const
      const from = { party: out ? party : peer }
      events.push({ ...common, kind, from, to: { party: out ? peer : party } })
    }
  }
  return events.sort((a, b) => a.time - b.time)
}

const activities = async (take: (activity: Activity) => void): Promise<void> => {
  for (const activity of activitiesOf()) take(activity)
}

test('labelled parties are looked at several times, the last time at their last activity', () => {
  const collector = createCollector(labels, false)
  for (const activity of activitiesOf()) collector.observe(activity)
  const rows = collector.finish()
  assert.equal(rows.filter(row => row.last).length, labels.size)
  assert.ok(rows.some(row => !row.last && row.ageDays < 3))
  for (const row of rows) assert.equal(row.vector.length, vectorNames.length)
})

test('calls only leaves messages out of the features', () => {
  const collector = createCollector(labels, true)
  for (const activity of activitiesOf()) collector.observe(activity)
  const place = vectorNames.indexOf('messages_24h')
  for (const row of collector.finish()) assert.equal(row.vector[place], 0)
})

test('training learns what parts them, splits by party and evaluates on the fifth left out', async () => {
  const file = join(folder, 'labels.csv')
  writeFileSync(file, `party,label\n${[...labels].map(pair => pair.join(',')).join('\n')}\n`)
  const trained = await trainBehaviour({ activities, labels: file, out: join(folder, 'a'), epochs: 4 })
  assert.equal(trained.parties, 120)
  const evaluation = await evaluateBehaviour({
    activities,
    labels: file,
    model: trained.path,
    backend: 'wasm',
  })
  assert.equal(evaluation.parties, 120)
  assert.equal(evaluation.spam, 60)
  assert.ok(evaluation.auc! > 0.9, `auc ${evaluation.auc}`)
  assert.equal(evaluation.heldOut!.rows, [...labels.keys()].filter(party => fifthOf(party) === TEST_FIFTH).length)
})

test('the weights that come with the program load and give reasons and less confidence for the young', async () => {
  const { tf } = await openBackend('wasm')
  const judge = createBehaviourJudge(tf, readBehaviourWeights(`${behaviourWeightsFolder}model.bin`))
  const vectors = new Float32Array(2 * vectorNames.length)
  const [nothing] = judge.score(vectors, 1).confidence
  assert.equal(nothing, 0, 'of a party without calls it knows nothing')
  for (const row of [0, 1]) vectors[row * vectorNames.length + vectorNames.indexOf('calls_made_30d')] = 5
  vectors[vectorNames.indexOf('age_days')] = 0.5
  vectors[vectorNames.length + vectorNames.indexOf('age_days')] = 30
  const { probability, confidence } = judge.score(vectors, 2)
  for (const p of probability) assert.ok(p > 0 && p < 1)
  assert.ok(confidence[0]! < confidence[1]!, `${confidence[0]} ${confidence[1]}`)
  for (const { what } of judge.reasons(vectors, 1)) assert.ok(vectorNames.includes(what))
  vectors.fill(Number.NaN)
  for (const p of judge.score(vectors, 2).probability) assert.ok(p >= 0 && p <= 1)
  judge.close()
})

test('a training that was stopped goes on from its looks, of the same records alone', async () => {
  const file = join(folder, 'resumed.csv')
  writeFileSync(file, `party,label\n${[...labels].map(pair => pair.join(',')).join('\n')}\n`)
  const unread = () => Promise.reject(new Error('read again'))
  const common = { labels: file, out: join(folder, 'resumed'), epochs: 1 }
  const stop = () => {
    throw new Error('stopped')
  }
  const onProgress = ({ stage }: { stage: string }) => (stage === 'training' ? stop() : undefined)
  await assert.rejects(trainBehaviour({ ...common, activities, source: 'a', onProgress }), /stopped/)
  await assert.rejects(trainBehaviour({ ...common, activities: unread, source: 'b' }), /read again/)
  const trained = await trainBehaviour({ ...common, activities: unread, source: 'a' })
  assert.equal(trained.parties, 120)
  await assert.rejects(trainBehaviour({ ...common, activities: unread, source: 'a' }), /read again/, 'it is finished')
})

test('a party stays in its fifth: a model of before was not trained on those that a later one is tested on', () => {
  const parties = ['+8613700000000', '+8613700000001', '+33612345678', 'sip:a@b']
  assert.deepEqual(parties.map(fifthOf), [1, 2, 1, 3])
  const counts = new Array(5).fill(0)
  for (let i = 0; i < 5_000; i++) counts[fifthOf(`+336${i}`)]++
  for (const count of counts) assert.ok(Math.abs(count - 1_000) < 120, `${counts}`)
})

test('labels are refused with file and line', () => {
  assert.throws(() => parseLabels('party,label\n+33,2\n', 'l.csv'), /l\.csv:2: not party,label/)
  assert.equal(parseLabels('party,label\n+33,1\n', 'l.csv').get('+33'), 1)
})
