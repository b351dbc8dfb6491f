import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Control } from '../../../engine/activity/index.ts'
import type { Scorer } from '../../../engine/scorer/index.ts'
import { openScorer } from '../../../models/serving/index.ts'
import { textWeightsFolder } from '../../../models/text/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-scorer-'))
const path = join(folder, 'model.bin')
let scorer: Scorer
before(async () => {
  copyFileSync(`${textWeightsFolder}model.bin`, path)
  scorer = await openScorer({ text: path, backend: 'wasm' })
})
after(async () => {
  await scorer.close()
  rmSync(folder, { recursive: true, force: true })
})

const SPAM =
  'URGENT! You have won a FREE prize of £1000 cash. Call 09061701461 now to claim or visit www.prize-claim.com'
const HAM = 'ok see you at home later, shall i buy some milk'
const control = (name: string, path_?: string): Control => ({
  kind: 'model',
  name,
  time: 0,
  ...(path_ === undefined ? {} : { path: path_ }),
})

test('texts are scored in order, spam with kind and reasons', async () => {
  const texts = Array.from({ length: 150 }, (_, i) => (i % 2 === 0 ? SPAM : HAM))
  const results = await scorer.score(texts.map(text => ({ about: 'text', text })))
  for (const [i, result] of results.entries()) {
    assert.ok(result.scored)
    assert.equal(result.version, scorer.version)
    if (i % 2 === 0) {
      assert.ok(result.probability > 0.5, `spam ${result.probability}`)
      assert.ok(result.reasons.length > 0)
    } else {
      assert.ok(result.probability < 0.5, `ham ${result.probability}`)
      assert.equal(result.spam, false)
    }
  }
  const counts = scorer.counts()
  assert.equal(counts.scored.text, 150)
  assert.ok(counts.batches >= 3)
  assert.ok(counts.drift.some(drift => drift.model === 'text' && drift.of === 'score' && drift.rows === 150))
})

test('a sort without a model is skipped and counted', async () => {
  assert.equal(scorer.accepts('behaviour'), false)
  const [result] = await scorer.score([{ about: 'behaviour', vector: new Float32Array(scorer.features.length) }])
  assert.deepEqual(result, { scored: false, reason: 'no-model' })
  assert.equal(scorer.counts().skipped['no-model'], 1)
})

test('an empty, corrupt or foreign model is refused in one line and the old one serves on', async () => {
  const before = scorer.version
  const bad = join(folder, 'bad.bin')
  const whole = readFileSync(path)
  const changed = Buffer.from(whole)
  changed[whole.length >> 1]! ^= 1
  for (const [bytes, why] of [
    [Buffer.alloc(0), /is empty/],
    [changed, /is corrupt/],
    [whole.subarray(0, 1000), /is corrupt/],
    [Buffer.from('not a model at all, but long enough to look at'), /is not a model file/],
  ] as const) {
    writeFileSync(bad, bytes)
    const result = await scorer.apply(control('text', bad))
    assert.ok(!result.swapped)
    assert.match(result.reason, why)
    assert.ok(!result.reason.includes('\n'))
  }
  const missing = await scorer.apply(control('text', join(folder, 'none.bin')))
  assert.ok(!missing.swapped && /cannot be read/.test(missing.reason))
  const unknown = await scorer.apply(control('voice', path))
  assert.ok(!unknown.swapped && /no model is named voice/.test(unknown.reason))
  assert.equal(scorer.version, before)
  const [result] = await scorer.score([{ about: 'text', text: HAM }])
  assert.ok(result?.scored)
  assert.equal(scorer.counts().refused, 6)
})

test('a swap and a shadow happen while rows are scored, and the shadow is compared', async () => {
  const running = scorer.score(Array.from({ length: 200 }, () => ({ about: 'text', text: SPAM })))
  const swapped = await scorer.apply(control('text', path))
  const shadow = await scorer.apply(control('text/shadow', path))
  assert.ok(swapped.swapped && shadow.swapped)
  assert.ok((await running).every(result => result.scored))
  await scorer.score([
    { about: 'text', text: SPAM },
    { about: 'text', text: HAM },
  ])
  const compared = scorer.counts().shadow!
  assert.equal(compared.rows, 2)
  assert.equal(compared.onlyLive + compared.onlyShadow, 0)
  assert.equal(compared.meanDifference, 0)
  await scorer.apply(control('text/shadow'))
  assert.equal(scorer.counts().shadow, undefined)
})

test('a full queue lets rules judge alone, or holds the caller when told to wait', async () => {
  const small = await openScorer({ text: path, backend: 'wasm', capacity: 8, batchRows: 4 })
  const requests = Array.from({ length: 100 }, () => ({ about: 'text', text: HAM }) as const)
  const results = await small.score(requests)
  const skipped = results.filter(result => !result.scored)
  assert.ok(skipped.length > 0)
  assert.ok(skipped.every(result => !result.scored && result.reason === 'queue-full'))
  assert.equal(small.counts().skipped['queue-full'], skipped.length)
  await small.close()
  const patient = await openScorer({ text: path, backend: 'wasm', capacity: 8, batchRows: 4, whenFull: 'wait' })
  assert.ok((await patient.score(requests)).every(result => result.scored))
  await patient.close()
  const [late] = await patient.score(requests)
  assert.deepEqual(late, { scored: false, reason: 'closed' })
})

test('a start with a bad model fails with the reason', async () => {
  const bad = join(folder, 'bad.bin')
  writeFileSync(bad, '')
  await assert.rejects(openScorer({ text: bad, backend: 'wasm' }), /is empty/)
})
