import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ModelHeader, readArtefact, writeArtefact } from '../../../models/training/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-artefact-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'model.bin')
const header: ModelHeader = {
  model: 'text',
  version: 'text-1',
  schema: 'abc',
  seed: 1,
  calibration: { a: 1, b: 0 },
  threshold: 0.5,
  layout: {},
  reference: [],
  trained: {},
}
writeArtefact(path, { header, payload: Uint8Array.of(1, 2, 3) })
const whole = readFileSync(path)

function refusal(bytes: Uint8Array, why: RegExp): void {
  const other = join(folder, 'other.bin')
  writeFileSync(other, bytes)
  assert.throws(
    () => readArtefact(other, 'text', 'abc'),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'MODEL_INVALID')
      assert.match(error.message, why)
      assert.ok(error.message.includes(other) && !error.message.includes('\n'))
      return true
    },
  )
}

test('a model file gives back what was written', () => {
  const { header: read, payload } = readArtefact(path, 'text', 'abc')
  assert.deepEqual(read, header)
  assert.deepEqual([...payload], [1, 2, 3])
})

test('an empty, short, foreign or cut file is refused', () => {
  refusal(new Uint8Array(0), /is empty/)
  refusal(whole.subarray(0, 6), /is not a model file/)
  refusal(Buffer.from('PK\x03\x04 something else altogether, long enough'), /is not a model file/)
  refusal(whole.subarray(0, whole.length - 1), /is corrupt/)
})

test('a file with any one byte changed is refused', () => {
  for (let at = 0; at < whole.length; at += 7) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 0x10
    refusal(changed, /is corrupt|is not a model file/)
  }
})

test("another model's file and another schema are refused by name", () => {
  assert.throws(() => readArtefact(path, 'behaviour', 'abc'), /holds a text model, not a behaviour model/)
  assert.throws(() => readArtefact(path, 'text', 'xyz'), /trained on other inputs \(schema abc, this program has xyz\)/)
  assert.throws(() => readArtefact(join(folder, 'none.bin'), 'text', 'abc'), /cannot be read/)
})
