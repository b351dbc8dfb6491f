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
  const texts = Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? SPAM : HAM))
  const results = await scorer.score(
    texts.map(text => ({ about: 'text', text })),
    'patient',
  )
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
  assert.equal(counts.scored.text, texts.length)
  assert.ok(counts.batches >= 3)
  assert.ok(counts.drift.some(drift => drift.model === 'text' && drift.of === 'score' && drift.rows > 0))
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
  const [result] = await scorer.score([{ about: 'text', text: HAM }], 'patient')
  assert.ok(result?.scored)
  assert.equal(scorer.counts().refused, 6)
})

test('a swap and a shadow happen while rows are scored, and the shadow is compared', async () => {
  const running = scorer.score(
    Array.from({ length: 200 }, () => ({ about: 'text', text: SPAM })),
    'patient',
  )
  const swapped = await scorer.apply(control('text', path))
  const shadow = await scorer.apply(control('text/shadow', path))
  assert.ok(swapped.swapped && shadow.swapped)
  assert.ok((await running).every(result => result.scored))
  await scorer.score(
    [
      { about: 'text', text: SPAM },
      { about: 'text', text: HAM },
    ],
    'patient',
  )
  const compared = scorer.counts().shadows[0]!
  assert.equal(compared.model, 'text')
  assert.equal(compared.rows, 2)
  assert.equal(compared.onlyLive + compared.onlyShadow, 0)
  assert.equal(compared.meanDifference, 0)
  await scorer.apply(control('text/shadow'))
  assert.deepEqual(scorer.counts().shadows, [])
})

test('a full queue lets rules judge alone, unless the caller is patient', async () => {
  const small = await openScorer({ text: path, backend: 'wasm', capacity: 8, batchRows: 4, deadlineMs: 60_000 })
  const requests = Array.from({ length: 100 }, () => ({ about: 'text', text: HAM }) as const)
  const results = await small.score(requests)
  const skipped = results.filter(result => !result.scored)
  assert.ok(skipped.length > 0)
  assert.ok(skipped.every(result => !result.scored && result.reason === 'queue-full'))
  assert.equal(small.counts().skipped['queue-full'], skipped.length)
  assert.ok((await small.score(requests, 'patient')).every(result => result.scored))
  await small.close()
  const [closed] = await small.score(requests, 'patient')
  assert.deepEqual(closed, { scored: false, reason: 'closed' })
})

test('rows that are not scored in time are skipped, and the queue behind them is not worked off for nobody', async () => {
  const slow = await openScorer({ text: path, backend: 'wasm', deadlineMs: 0 })
  const results = await slow.score(Array.from({ length: 2_000 }, () => ({ about: 'text', text: HAM }) as const))
  const late = results.filter(result => !result.scored && result.reason === 'late').length
  assert.ok(late > 0)
  assert.equal(slow.counts().skipped.late, late)
  await slow.close()
  assert.ok(slow.counts().scored.text < 2_000)
})

test('a model record without a path brings the configured model back', async () => {
  const other = join(folder, 'other.bin')
  copyFileSync(path, other)
  assert.ok((await scorer.apply(control('text', other))).swapped)
  assert.deepEqual(await scorer.apply(control('text')), { swapped: true, version: scorer.version })
  const none = await scorer.apply(control('behaviour'))
  assert.ok(!none.swapped && /has no path/.test(none.reason))
})

test('a start with a bad model fails with the reason', async () => {
  const bad = join(folder, 'bad.bin')
  writeFileSync(bad, '')
  await assert.rejects(openScorer({ text: bad, backend: 'wasm' }), /is empty/)
})
