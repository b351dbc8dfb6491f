import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { createJudging } from '../../../cli/replay/judging.ts'
import type { Activity, Verdict } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition, judgeBatch } from '../../../engine/partition/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { noScorer, type ScoreRequest, type ScoreResult, type Scorer } from '../../../engine/scorer/index.ts'

const identity = createIdentity({ defaultCountry: 'FR' })
const pack = loadPacks([defaultPack], vocabulary)
const folder = mkdtempSync(join(tmpdir(), 'ringfence-partition-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const START_MS = Date.UTC(2026, 10, 21, 9)
const DAY_MS = 86_400_000

function message(i: number, text: string, more: { from?: string; timeMs?: number } = {}): Activity {
  return {
    id: `m${i}`,
    role: 'origin',
    kind: 'message',
    time: more.timeMs ?? START_MS + i * 1000,
    from: { party: more.from ?? '+33611000001' },
    to: { party: `+3362200${String(1000 + i)}` },
    route: { tap: 'test' },
    content: { type: 'text/plain', text },
  }
}

/** Calls whatever says "spam" spam, and whatever behaves spam when told to; remembers what it was asked. */
function fakeScorer(options: { skip?: boolean; behaviour?: boolean } = {}): Scorer & { asked: ScoreRequest[] } {
  const asked: ScoreRequest[] = []
  const answer = (request: ScoreRequest): ScoreResult => {
    if (options.skip === true) return { scored: false, reason: 'queue-full' }
    const spam = request.about === 'text' ? request.text.includes('spam') : true
    return {
      scored: true,
      model: request.about,
      version: `${request.about}-1`,
      probability: spam ? 0.99 : 0.01,
      spam,
      confidence: 1,
      reasons: [],
    }
  }
  return {
    ...noScorer(),
    version: 'text-1+behaviour-1',
    accepts: about => about === 'text' || options.behaviour === true,
    async score(requests) {
      asked.push(...requests)
      return requests.map(answer)
    },
    asked,
  }
}

async function verdictsOf(activities: readonly Activity[], scorer: Scorer, judgeBy = pack): Promise<Verdict[]> {
  const partition = createPartition({ pack: judgeBy, identity, scorer })
  const judged = await judgeBatch(partition, activities, scorer, 'live')
  return judged.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict]))
}

test('what a model finds stands in the verdict with its version, and weighs what the pack says', async () => {
  const [spam, ham] = await verdictsOf([message(1, 'spam spam'), message(2, 'hello', { from: '+336' })], fakeScorer())
  assert.equal(spam!.model, 'text-1+behaviour-1')
  assert.equal(spam!.modelSkipped, undefined)
  const reason = spam!.reasons.find(({ symbol }) => symbol === 'TEXT_MODEL')!
  assert.equal(reason.evidence.model, 'text-1')
  assert.equal(reason.score, pack.models.find(({ model }) => model === 'text')!.score)
  assert.equal(ham!.model, 'text-1+behaviour-1')
  assert.deepEqual(ham!.reasons, [])
})

test('a row that was skipped leaves the verdict to the rules, marked, under the same id', async () => {
  const [scored] = await verdictsOf([message(1, 'spam spam')], fakeScorer())
  const [skipped] = await verdictsOf([message(1, 'spam spam')], fakeScorer({ skip: true }))
  assert.equal(skipped!.modelSkipped, true)
  assert.equal(skipped!.action, 'allow')
  assert.equal(skipped!.id, scored!.id)
})

test("a pack states a model's weight and whether it counts at all", async () => {
  const layer = (name: string, model: string) => {
    const path = join(folder, name)
    mkdirSync(path)
    writeFileSync(join(path, 'pack.yaml'), `name: ${name}\nversion: 1\nmodels:\n  - symbol: TEXT_MODEL\n${model}`)
    return loadPacks([defaultPack, path], vocabulary)
  }
  const shadow = layer('shadow', '    state: shadow\n    score: 20\n')
  const [silent] = await verdictsOf([message(1, 'spam spam')], fakeScorer(), shadow)
  assert.equal(silent!.action, 'allow')
  assert.notEqual(silent!.shadowAction, undefined)
  const heavy = layer('heavy', '    score: 20\n')
  const [capped] = await verdictsOf([message(1, 'spam spam')], fakeScorer(), heavy)
  assert.equal(capped!.score, pack.groups.get('models'))
  const off = layer('off', '    state: off\n')
  const scorer = fakeScorer()
  await verdictsOf([message(1, 'spam spam')], scorer, off)
  assert.equal(scorer.asked.length, 0)
})

test('texts are asked about once, as their origin sent them; behaviour once a party is a day old', async () => {
  const scorer = fakeScorer({ behaviour: true })
  const partition = createPartition({ pack, identity, scorer })
  const young = message(1, 'hello')
  const copy: Activity = { ...message(2, 'hello'), role: 'target' }
  const old = message(3, 'hello again', { timeMs: START_MS + 2 * DAY_MS })
  await judgeBatch(partition, [young, young, copy, old], scorer, 'live')
  assert.deepEqual(
    scorer.asked.map(({ about }) => about),
    ['text', 'text', 'behaviour'],
  )
})

test('a recording is judged as one activity after another is, however scores lag behind', async () => {
  const texts = ['spam spam', 'hello', 'see you', 'more spam']
  const activities = Array.from({ length: 3_000 }, (_, i) =>
    message(i, `${texts[(i * 7) % 4]} ${i % 9}`, { from: `+336110000${String(i % 40).padStart(2, '0')}` }),
  )
  const slow = fakeScorer()
  const lagging: Scorer = {
    ...slow,
    async score(requests) {
      for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
      return slow.score(requests)
    },
  }
  const replayed: (Verdict | undefined)[] = []
  const partition = createPartition({ pack, identity, scorer: lagging })
  const judging = createJudging([partition], lagging, (_, [judged]) => replayed.push(judged!.verdict))
  for (const [i, activity] of activities.entries()) {
    judging.take(activity)
    if (i % 500 === 0) await judging.ready()
  }
  await judging.finish()
  const single = createPartition({ pack, identity, scorer: slow })
  const expected: (Verdict | undefined)[] = []
  for (const activity of activities) {
    const [judged] = await judgeBatch(single, [activity], slow, 'live')
    expected.push(judged!.verdict)
  }
  assert.deepEqual(replayed, expected)
  assert.ok(expected.some(verdict => verdict!.score > 0))
})

test('an explanation shows the same verdict as the judgement', async () => {
  const scorer = fakeScorer()
  const activity = message(1, 'spam spam')
  const [verdict] = await verdictsOf([activity], scorer)
  const partition = createPartition({ pack, identity, scorer })
  const taken = partition.takeToExplain(activity)
  const { standing } = partition.explain(taken, await scorer.score(taken.questions))
  assert.deepEqual(standing, verdict)
})
