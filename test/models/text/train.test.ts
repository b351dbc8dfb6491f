import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
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
  assert.deepEqual(readdirSync(join(folder, 'a')), ['model.bin'])
  const evaluation = await evaluateText({ files: [data], model: first.path, backend: 'wasm' })
  const figures = evaluation.files['small.tsv']!
  assert.equal(figures.rows, 320)
  assert.ok(figures.auc! > 0.99, `auc ${figures.auc}`)
  assert.ok(figures.kinds.spam!.calledSpam > 0.8)
})

test('an interrupted training goes on to the same weights', async () => {
  const whole = await trainText({ data: [data], out: join(folder, 'a'), epochs: 3 })
  let epochs = 0
  const stopped = trainText({
    data: [data],
    out: join(folder, 'c'),
    epochs: 3,
    onProgress(p) {
      // Thrown at the first word after the second checkpoint was written.
      if (epochs >= 2) throw new Error('interrupted')
      if (p.validation !== undefined) epochs++
    },
  })
  await assert.rejects(stopped, /interrupted/)
  const resumed = await trainText({ data: [data], out: join(folder, 'c'), epochs: 3 })
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
