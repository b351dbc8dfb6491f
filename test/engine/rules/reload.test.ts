import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { createChangeDetector, createListFiles, createPackHolder, loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, packFolder, vocabulary } from './support.ts'

const override = (score: number | string) => `- { symbol: WANGIRI, score: ${score} }\n`
const wangiriScore = (pack: ReturnType<typeof loadPacks>) => pack.rules.find(rule => rule.symbol === 'WANGIRI')?.score

function holderOver(operator: string) {
  const listFiles = createListFiles()
  return createPackHolder(() => loadPacks([defaultPack, operator], vocabulary, listFiles))
}

test('a reload takes the new pack; a bad one is refused with its place and the old one stays', () => {
  const operator = packFolder({ 'pack.yaml': 'name: o\nversion: 1\n', 'rules/r.yaml': override(1) })
  const holder = holderOver(operator)
  assert.equal(wangiriScore(holder.current), 1)
  writeFileSync(join(operator, 'rules/r.yaml'), override(2))
  assert.equal(holder.reload().ok, true)
  assert.equal(wangiriScore(holder.current), 2)
  const inForce = holder.current
  writeFileSync(join(operator, 'rules/r.yaml'), override('two'))
  const refused = holder.reload()
  assert.ok(!refused.ok && refused.reason.includes('rules/r.yaml:1:29: WANGIRI.score: must be a number'))
  assert.equal(holder.current, inForce)
  assert.deepEqual(holder.counts, { reloads: 1, refused: 1 })
})

test('a reload of what has not changed keeps the very pack, so that nothing is rebuilt', () => {
  const operator = packFolder({ 'pack.yaml': 'name: o\nversion: 1\n' })
  const holder = holderOver(operator)
  const before = holder.current
  assert.deepEqual(holder.reload(), { ok: true, version: before.version, changed: false })
  assert.equal(holder.current, before)
})

test('there is no holder without a first pack', () => {
  assert.throws(() => createPackHolder(() => loadPacks(['/nowhere'], vocabulary)), RingfenceError)
})

test('entries set at run time join a list, change the version, outlive reloads and go again', () => {
  const operator = packFolder({
    'pack.yaml': 'name: o\nversion: 1\nlists: { deny: { kind: numbers, entries: ["+33162000001"] } }\n',
  })
  const holder = holderOver(operator)
  const version = holder.current.version
  assert.equal(holder.setEntries('deny', ['+33162000002', '+33162000003']).ok, true)
  assert.notEqual(holder.current.version, version)
  for (const number of ['+33162000001', '+33162000002', '+33162000003'])
    assert.ok(holder.current.lists.has('deny', number))
  writeFileSync(join(operator, 'pack.yaml'), 'name: o\nversion: 2\n')
  assert.equal(holder.reload().ok, true)
  assert.ok(!holder.current.lists.has('deny', '+33162000001') && holder.current.lists.has('deny', '+33162000002'))
  holder.setEntries('deny', [])
  assert.ok(!holder.current.lists.has('deny', '+33162000002'))
})

test('entries that are none, or for a list that is none, are refused', () => {
  const holder = holderOver(packFolder({ 'pack.yaml': 'name: o\nversion: 1\n' }))
  const before = holder.current
  const unknown = holder.setEntries('denny', ['+33162000001'])
  assert.ok(!unknown.ok && unknown.hint === 'did you mean "deny"?')
  const wrong = holder.setEntries('deny', ['+33162000001', '01 62'])
  assert.ok(!wrong.ok && wrong.reason.startsWith('entries:2:1: lists.deny: "01 62"'))
  assert.equal(holder.current, before)
  assert.equal(holder.setEntries('deny', ['+33162000001']).ok, true)
})

test('a list that did not change is not read again', () => {
  const folder = packFolder({ 'big.txt': '+33162000001\n' })
  const files = createListFiles()
  const first = files.read(join(folder, 'big.txt'), 'numbers')
  assert.equal(files.read(join(folder, 'big.txt'), 'numbers'), first)
  writeFileSync(join(folder, 'big.txt'), '+33162000001\n+33162000002\n')
  assert.equal(files.read(join(folder, 'big.txt'), 'numbers').set.size, 2)
})

test('a change is reported once, when two looks agree', async () => {
  const folder = packFolder({ 'pack.yaml': 'name: o\nversion: 1\n' })
  const detector = await createChangeDetector([folder])
  assert.equal(await detector.look(), false)
  writeFileSync(join(folder, 'pack.yaml'), 'name: o\nversion: 12\n')
  assert.equal(await detector.look(), false, 'may still be written to')
  assert.equal(await detector.look(), true)
  assert.equal(await detector.look(), false)
})

test("a ConfigMap's swap of the ..data symlink is a change", async () => {
  const folder = packFolder({ '..1/pack.yaml': 'name: o\nversion: 1\n' })
  symlinkSync('..1', join(folder, '..data'))
  symlinkSync('..data/pack.yaml', join(folder, 'pack.yaml'))
  const detector = await createChangeDetector([folder])
  mkdirSync(join(folder, '..2'))
  writeFileSync(join(folder, '..2/pack.yaml'), 'name: o\nversion: 2\n')
  symlinkSync('..2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  await detector.look()
  assert.equal(await detector.look(), true)
})

test('a folder that comes and goes is a change, never a throw', async () => {
  const folder = packFolder({ 'pack.yaml': 'name: o\nversion: 1\n' })
  const detector = await createChangeDetector([folder, '/nowhere/at/all'])
  renameSync(folder, `${folder}.away`)
  await detector.look()
  assert.equal(await detector.look(), true)
})
