import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { configSchema } from '../../../cli/config.ts'
import { openModels } from '../../../cli/models.ts'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { type Activity, keyOf, topics, type Verdict } from '../../../engine/activity/index.ts'
import { loadConfig } from '../../../engine/config/index.ts'
import { hashBytes } from '../../../engine/hash/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger, createMetrics, engineCounters } from '../../../engine/observe/index.ts'
import { createPartition } from '../../../engine/partition/index.ts'
import { createPackHolder, loadPacks } from '../../../engine/rules/index.ts'
import { activityRecord, followControl, startEngine } from '../../../engine/runtime/index.ts'
import { shippedModel } from '../../../models/serving/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-service-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const SPAM =
  'URGENT! You have won a FREE prize of £1000 cash. Call 09061701461 now to claim or visit www.prize-claim.com'
const DEADLINE_MS = 30_000

/** The parts of the service that models go through: engine, control topic, scorer, metrics, on an embedded log. */
async function startParts() {
  const { models } = loadConfig(configSchema, {
    text: 'models: { behaviour: off, backend: wasm, deadlineMs: 30000 }',
    file: 'test',
    environment: {},
  })
  const logger = createLogger({ level: 'silent' })
  const log = await openEmbeddedLog({ directory: join(folder, 'log'), partitions: 1 })
  const scorer = await openModels(models, logger)
  const counters = engineCounters()
  const metrics = createMetrics(counters, 'test')
  metrics.addScorer(scorer)
  const packs = createPackHolder(() => loadPacks([defaultPack], vocabulary))
  const control = await followControl({ log, packs, scorer, instance: 'test', logger, onReload() {} })
  const identity = createIdentity({ defaultCountry: 'FR' })
  const verdicts: Verdict[] = []
  const engine = await startEngine({
    log,
    openPartition: pack => createPartition({ pack, identity, scorer }),
    packs,
    scorer,
    snapshotIntervalMs: 3_600_000,
    version: 'test',
    counters,
    metrics,
    logger,
    now: Date.now,
    onVerdict: verdict => verdicts.push(verdict),
  })
  return {
    log,
    scorer,
    metrics,
    verdicts,
    async close() {
      await engine.close()
      await control.close()
      await scorer.close()
      await log.close()
    },
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + DEADLINE_MS
  while (!holds()) {
    assert.ok(Date.now() < end, `not within ${DEADLINE_MS} ms: ${what}`)
    await turn()
  }
}

test('a model that cannot be used is refused through the control topic and the old one goes on in verdicts', async () => {
  const parts = await startParts()
  const { log, scorer, verdicts, metrics } = parts
  const shipped = scorer.version
  let i = 0
  const judge = async (): Promise<Verdict> => {
    const activity: Activity = {
      id: `m${i++}`,
      role: 'origin',
      kind: 'message',
      time: 1_764_000_000_000 + i * 60_000,
      from: { party: `+3361100000${i}` },
      to: { party: '+33622000000' },
      route: { tap: 'test' },
      content: { type: 'text/plain', text: SPAM },
    }
    const before = verdicts.length
    await log.append([activityRecord(activity, keyOf(activity))])
    await until(() => verdicts.length > before, 'a verdict')
    return verdicts.at(-1)!
  }
  const say = async (path: string) => {
    const { refused, swaps } = scorer.counts()
    const value = Buffer.from(JSON.stringify({ kind: 'model', name: 'text', time: 1, path }))
    await log.append([{ topic: topics.control.topic, key: 'text', value, timeMs: 1 }])
    await until(
      () => scorer.counts().refused > refused || scorer.counts().swaps > swaps,
      'an answer to the control record',
    )
  }
  const first = await judge()
  assert.equal(first.model, shipped)
  const found = first.reasons.find(({ symbol }) => symbol === 'TEXT_MODEL')!
  assert.ok(String(found.evidence.because).length > 0, 'pieces of the text that moved the score')

  const whole = readFileSync(shippedModel('text'))
  const headerBytes = whole.readUInt32LE(8)
  const header = whole.subarray(12, 12 + headerBytes).toString()
  const bad: Readonly<Record<string, Buffer>> = {
    empty: Buffer.alloc(0),
    corrupt: Buffer.concat([whole.subarray(0, 5_000), Buffer.from([0]), whole.subarray(5_001)]),
    'other-schema': reSealed(header.replace(/"schema":"[^"]+"/, '"schema":"000000000000"'), whole),
  }
  for (const [name, bytes] of Object.entries(bad)) {
    const path = join(folder, `${name}.bin`)
    writeFileSync(path, bytes)
    await say(path)
    assert.equal(scorer.version, shipped, name)
    const { model, modelSkipped, reasons } = await judge()
    assert.equal(model, shipped)
    assert.equal(modelSkipped, undefined)
    assert.ok(reasons.some(({ symbol }) => symbol === 'TEXT_MODEL'))
  }
  assert.equal(scorer.counts().refused, 3)

  const good = join(folder, 'good.bin')
  copyFileSync(shippedModel('text'), good)
  await say(good)
  assert.equal((await judge()).model, shipped)
  const { text } = await metrics.page(undefined)
  assert.match(text, /^ringfence_model_refused_total 3$/m)
  assert.match(text, /^ringfence_model_scored_total\{model="text"\} \d+$/m)
  assert.doesNotMatch(text, /^ringfence_model_drift_psi\{/m, 'a few rows tell nothing')
  await parts.close()
})

/** The same file with another header, its checksum right: only the schema stands between it and the verdicts. */
function reSealed(header: string, whole: Buffer): Buffer {
  const length = Buffer.alloc(4)
  const bytes = Buffer.from(header)
  length.writeUInt32LE(bytes.length)
  const body = Buffer.concat([whole.subarray(0, 8), length, bytes, whole.subarray(12 + whole.readUInt32LE(8), -16)])
  const hash = new Uint32Array(4)
  hashBytes(body, 0, body.length, 0, hash)
  return Buffer.concat([body, Buffer.from(hash.buffer)])
}
