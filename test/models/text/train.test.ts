import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Feedback } from '../../../engine/activity/index.ts'
import { openBackend } from '../../../models/backend/index.ts'
import { createTextJudge, evaluateText, readTextWeights, trainText } from '../../../models/text/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-text-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const PRIZES = ['holiday', 'phone', 'car', 'voucher', 'tablet', 'cruise', 'watch', 'laptop']
const PLACES = ['home', 'school', 'the station', 'work', 'grandma', 'the park', 'town', 'the gym']
const rows = ['label\tkind\ttext']
for (let i = 0; i < 160; i++) {
  rows.push(
    `spam\tspam\tYou have won a free ${PRIZES[i % 8]} number ${i} claim it at www.prize${i}.com today ${PLACES[(i >> 3) % 8]}`,
  )
  rows.push(
    `ham\tham\tsee you at ${PLACES[i % 8]} later, i am bringing the ${PRIZES[(i >> 3) % 8]} ok ${'x'.repeat(i % 13)} ${i}`,
  )
}
const data = join(folder, 'small.tsv')
writeFileSync(data, rows.join('\n'))

test('training is reproducible, calibrated, and evaluates by file', async () => {
  const stages = new Set<string>()
  const first = await trainText({
    data: [data],
    out: join(folder, 'a'),
    epochs: 3,
    onProgress: p => stages.add(p.stage),
  })
  const second = await trainText({ data: [data], out: join(folder, 'b'), epochs: 3 })
  assert.deepEqual(readFileSync(first.path), readFileSync(second.path))
  assert.ok(stages.has('training') && stages.has('calibrating'))
  assert.equal(first.heldOut.rows, 320, 'of few texts each is held out once')
  assert.ok(first.heldOut.recall! > 0.5, `the threshold is out of reach: recall ${first.heldOut.recall}`)
  assert.deepEqual(readdirSync(join(folder, 'a')), ['model.bin'])
  const evaluation = await evaluateText({ files: [data], model: first.path, backend: 'wasm' })
  const figures = evaluation.files['small.tsv']!
  assert.equal(figures.rows, 320)
  assert.ok(figures.auc! > 0.99, `auc ${figures.auc}`)
  assert.ok(figures.kinds.spam!.calledSpam > 0.8)
})

test('an interrupted training goes on to the same weights', async () => {
  // Only data too large to hold out each fifth of writes checkpoints; short texts keep it quick.
  const large = join(folder, 'large.tsv')
  const word = (i: number) => String(i).replace(/\d/g, digit => 'abcdefghij'[Number(digit)]!)
  const texts = Array.from(
    { length: 8_100 },
    (_, i) => `${i % 9 === 0 ? 'spam\tspam\twin' : 'ham\tham\tsee'} ${word(i)}`,
  )
  writeFileSync(large, ['label\tkind\ttext', ...texts].join('\n'))
  const whole = await trainText({ data: [large], out: join(folder, 'a'), epochs: 3 })
  let epochs = 0
  let checkpoints = 0
  const stopped = trainText({
    data: [large],
    out: join(folder, 'c'),
    epochs: 3,
    onProgress(p) {
      // Thrown at the first word after the second checkpoint was written.
      if (epochs >= 2) {
        checkpoints = readdirSync(join(folder, 'c')).length
        throw new Error('interrupted')
      }
      if (p.validation !== undefined) epochs++
    },
  })
  await assert.rejects(stopped, /interrupted/)
  assert.ok(checkpoints > 0)
  const resumed = await trainText({ data: [large], out: join(folder, 'c'), epochs: 3 })
  assert.equal(resumed.version, whole.version)
})

test('the pieces of the text that made it spam are named', async () => {
  const { path } = await trainText({ data: [data], out: join(folder, 'a'), epochs: 3 })
  const { tf } = await openBackend('wasm')
  const judge = createTextJudge(tf, readTextWeights(path))
  const text = 'You have won a free holiday claim it at www.prize7.com'
  const [probability] = judge.score([text]).probability
  assert.ok(probability! > 0.5, `probability ${probability}`)
  const reasons = judge.reasons(text)
  assert.ok(reasons.length > 0 && reasons.length <= 5)
  for (const { what } of reasons) assert.ok(what.length > 0)
  assert.ok(reasons.some(reason => reason.weight > 0 && (text.includes(reason.what) || /^[a-z_]+$/.test(reason.what))))
  judge.close()
})

test('too little data is refused in one line', async () => {
  const few = join(folder, 'few.tsv')
  writeFileSync(few, rows.slice(0, 11).join('\n'))
  await assert.rejects(trainText({ data: [few], out: join(folder, 'd') }), /too few to train on/)
})

test('neither one reporter nor one campaign of reports moves what the model says of other texts beyond a bound', async () => {
  const clean = await trainText({ data: [data], out: join(folder, 'clean'), epochs: 2 })
  const report = (i: number, reporter: string, text: string): Feedback => ({
    id: `f${i}`,
    time: i,
    party: '+33100',
    reporter,
    source: 'report',
    opinion: 'ham',
    text,
  })
  const prize = (i: number) => `You have won a free ${PRIZES[i % 8]} number claim it at www.prize.com today my friend`
  const one = Array.from({ length: 500 }, (_, i) => report(i, 'mallory', `${prize(i)} ${PLACES[i % 8]}`))
  const alone = await trainText({ data: [data], out: join(folder, 'one'), epochs: 2, feedback: one })
  assert.equal(alone.feedback?.rows, 0)
  assert.equal(alone.version, clean.version, 'one reporter changes nothing at all')

  const campaign = Array.from({ length: 300 }, (_, i) => report(i, `sock puppet ${i}`, prize(1)))
  const crowd = await trainText({ data: [data], out: join(folder, 'crowd'), epochs: 2, feedback: campaign })
  assert.equal(crowd.feedback?.rows, 1, 'three hundred copies are one row')
  const { tf } = await openBackend('wasm')
  const texts = Array.from(
    { length: 40 },
    (_, i) => `You have won a free ${PRIZES[i % 8]} claim it at www.prize${i}.com`,
  )
  const scoreBy = (path: string) => {
    const judge = createTextJudge(tf, readTextWeights(path))
    const { probability } = judge.score(texts)
    judge.close()
    return probability
  }
  const before = scoreBy(clean.path)
  const after = scoreBy(crowd.path)
  for (const [i, p] of before.entries()) assert.ok(Math.abs(after[i]! - p) < 0.25, `${p} became ${after[i]}`)
})
