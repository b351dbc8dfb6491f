import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import type { Verdict } from '../../../engine/activity/index.ts'
import { type ArchiveStore, openDuck } from '../../../engine/archive/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition } from '../../../engine/partition/index.ts'
import { mergeStudies, readInputs, readSigningKey, signFolder, verifyFolder } from '../../../engine/report/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { traffic } from '../packs/traffic.ts'
import { simulateCountry } from './country.ts'
import { archiveOperator, inputsFor, type Made, makeReport, packFolder } from './support.ts'

const FROM = '2026-03-05'
const TO = '2026-03-09'

describe('the study', () => {
  let root = ''
  let store: ArchiveStore
  let made: Made
  const options = { from: FROM, to: TO, inputs: inputsFor('Alpha') }

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'ringfence-study-'))
    const [operator] = simulateCountry({ seed: 3, firstDay: '2026-03-01', days: 8, ordinaryPerDay: 120 }).operators
    const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
    store = await archiveOperator(duck, root, { ...operator!, feedback: operator!.complaints }, 'part-1')
    duck.close()
    made = await makeReport(store, root, options)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  it('gives the same bytes for the same inputs', async () => {
    const again = await makeReport(store, root, { ...options, out: join(root, 'again') })
    const files = readdirSync(made.folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    assert.ok(files.length > 40)
    for (const { parentPath, name } of files) {
      const file = join(parentPath, name)
      assert.deepEqual(readFileSync(file), readFileSync(file.replace(made.folder, again.folder)), file)
    }
  })

  it('counts a record that was archived twice once', async () => {
    const twice = join(root, 'twice')
    const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
    const [operator] = simulateCountry({ seed: 3, firstDay: '2026-03-01', days: 8, ordinaryPerDay: 120 }).operators
    const doubled = await archiveOperator(duck, twice, { ...operator!, feedback: [] }, 'part-1')
    await archiveOperator(duck, twice, { ...operator!, activities: [], feedback: [] }, 'part-2')
    duck.close()
    const { study } = await makeReport(doubled, twice, options)
    assert.equal(study.volume.events, made.study.volume.events)
    assert.equal(study.volume.spam, made.study.volume.spam)
    assert.equal(study.coverage.repeated, made.study.volume.events)
  })

  it('definitions count the same traffic differently, and account for every event', () => {
    const { definitions, volume } = made.study
    assert.ok(new Set(definitions.map(({ spam }) => spam)).size >= 2, JSON.stringify(definitions))
    for (const { spam, left } of definitions)
      assert.equal(spam + Object.values(left).reduce((sum, n) => sum + n, 0), volume.spam)
    const optOut = definitions.find(({ name }) => name === 'commercial-opt-out')!
    assert.ok(optOut.left['nobody-objected'] > 0)
  })

  it('losses are measured quantities times assumptions, and add up', () => {
    const { lines, total } = made.study.losses
    for (const { quantity, assumptions, low, mid, high } of lines) {
      const times = (end: 'low' | 'mid' | 'high') => assumptions.reduce((n, { range }) => n * range[end], quantity)
      for (const [value, expected] of [
        [low, times('low')],
        [mid, times('mid')],
        [high, times('high')],
      ] as const)
        assert.ok(Math.abs(value - expected) < 1e-9 * Math.max(1, expected))
    }
    assert.ok(Math.abs(total.mid - lines.reduce((sum, { mid }) => sum + mid, 0)) < 1e-9)
  })

  it('keeps investment made and to be made apart, with where the figures come from', () => {
    const { investment } = made.study
    assert.deepEqual(
      investment.made.map(({ source }) => source),
      ['purchase orders 2025'],
    )
    assert.equal(investment.plannedTotal.high, 90000)
    const page = readFileSync(join(made.folder, 'report.html'), 'utf8')
    assert.match(page, /Investment made/)
    assert.match(page, /Investment to be made/)
  })

  it('says so where nobody reviewed, and asks for it', () => {
    assert.equal(made.study.volume.estimate, undefined)
    assert.ok(made.study.recommendations.some(({ rule }) => rule === 'not-reviewed'))
  })

  it('compares with as many days before', () => {
    const { before, period } = made.study
    assert.equal(before?.from, '2026-03-01')
    assert.equal(before?.to, period.from)
    assert.ok((before?.spam ?? 0) > 0)
  })

  it('refuses inputs that are not in order, by name', () => {
    assert.throws(
      () => readInputs('prices: { cpuCoreHour: { low: 3, mid: 2, high: 4, source: x } }', 'in.yaml'),
      /in\.yaml: prices\.cpuCoreHour: low 3, mid 2, high 4 are not in order/,
    )
    assert.throws(
      () => readInputs('operatr: {}', 'in.yaml'),
      /in\.yaml:1: operatr: unknown key; did you mean 'operator'\?/,
    )
  })

  it('is signed, and any change after that is found', () => {
    const key = readSigningKey(join(root, 'keys', 'study.pem'))
    const fingerprint = signFolder(made.folder, key)
    assert.match(fingerprint, /^[0-9a-f]{64}$/)
    assert.equal(verifyFolder(made.folder, fingerprint), fingerprint)
    assert.throws(() => verifyFolder(made.folder, 'ab'.repeat(32)), /not with the one expected/)
    const csv = join(made.folder, 'csv', 'routes.csv')
    const before = readFileSync(csv)
    writeFileSync(csv, Buffer.concat([before, Buffer.from('x')]))
    assert.throws(() => verifyFolder(made.folder, fingerprint), /a file was changed, added or removed/)
    writeFileSync(csv, before)
    assert.equal(verifyFolder(made.folder, fingerprint), fingerprint)
  })

  it('of operators without a shared key is a plain sum, and says that it may count twice', async () => {
    const key = Buffer.from('a key that nobody else has at all')
    const other = join(root, 'other')
    const [, beta] = simulateCountry({ seed: 3, firstDay: '2026-03-01', days: 8, ordinaryPerDay: 120 }).operators
    const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
    const theirs = await archiveOperator(duck, other, { ...beta!, feedback: [] }, 'part-1', key)
    const { study, folder } = await makeReport(theirs, other, { ...options, inputs: inputsFor('Beta'), key })
    const inputs = readInputs('report: { suppressBelow: 40 }', 'inputs.yaml')
    const merged = await mergeStudies({ duck, folders: [made.folder, folder], inputs, software: 'test' })
    duck.close()
    assert.equal(merged.merged?.deduplicated, false)
    assert.equal(merged.volume.events, made.study.volume.events + study.volume.events)
    assert.ok((merged.merged?.suppressed ?? 0) > 0)
    const tables = [merged.features.ranges, merged.features.originCountries, merged.features.trunks, merged.categories]
    for (const rows of tables)
      for (const { name, spam } of rows) assert.ok(name === '*' || spam === 0 || spam >= 40, `${name}: ${spam}`)
  })

  it('of one traffic under two jurisdiction packs gives different counts, and says why', async () => {
    const [french, american] = await Promise.all(['fr', 'us'].map(name => reportUnder(root, name)))
    assert.notEqual(french!.study.features.outsideHours.calls, american!.study.features.outsideHours.calls)
    const flags = ({ study }: Made) =>
      study.definitions.find(({ name }) => name === study.jurisdiction.definition)!.spam
    assert.notEqual(flags(french!), flags(american!))
    assert.match(readFileSync(join(french!.folder, 'report.html'), 'utf8'), /sur consentement préalable/)
    assert.match(readFileSync(join(american!.folder, 'report.html'), 'utf8'), /until the recipient objects/)
    assert.notDeepEqual(french!.study.coverage.versions, american!.study.coverage.versions)
  })
})

/** Judges the same calls, an evening of unasked sales, with the rules of a pack, and reports under its jurisdiction. */
async function reportUnder(root: string, name: string): Promise<Made> {
  const pack = loadPacks([defaultPack, packFolder(name)], vocabulary)
  const partition = createPartition({ pack, identity: createIdentity({ defaultCountry: 'FR' }) })
  const played = traffic()
  const startMs = Date.parse('2026-03-06T19:20:00Z')
  for (let n = 0; n < 160; n++)
    played.call('+33142000001', `+336${String(20_000_000 + n * 7919)}`, startMs + n * 12_000, {
      status: 487,
      ringS: 9,
      by: 'target',
    })
  const verdicts: Verdict[] = []
  const activities = [...played.activities].sort((a, b) => a.time - b.time)
  for (const activity of activities) {
    const { verdict } = partition.apply(activity)
    if (verdict !== undefined) verdicts.push(verdict)
  }
  const place = join(root, `under-${name}`)
  const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
  const store = await archiveOperator(duck, place, { verdicts, activities, feedback: [] }, 'part-1')
  duck.close()
  const language = name === 'fr' ? 'fr' : 'en'
  return makeReport(store, place, { from: FROM, to: TO, packs: [packFolder(name)], language })
}
