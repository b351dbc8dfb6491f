import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { hashBytes, idOf } from '../../engine/hash/index.ts'
import type { Calibration } from './calibration.ts'

/**
 * A trained model as one file:
 *
 *   "RFMODEL1" | header length (u32 LE) | header (JSON) | payload (gzip) | MurmurHash3 of all before (16 bytes)
 *
 * The header says what the weights are for; the checksum says that they are whole. It is no signature: who may write the
 * model folder may change the model.
 */
const MAGIC = Buffer.from('RFMODEL1')
const CHECKSUM_BYTES = 16

export type ModelName = 'text' | 'behaviour'

export interface ModelHeader {
  readonly model: ModelName
  /** Name, and a hash of the weights: two trainings that differ in one weight differ here. */
  readonly version: string
  /** Hash of what the inputs are, in order; a mismatch refuses to load. */
  readonly schema: string
  readonly seed: number
  readonly calibration: Calibration
  /** Probability at or above which the model itself says spam. */
  readonly threshold: number
  /** Shapes and sizes of the payload's parts, the model's own. */
  readonly layout: Readonly<Record<string, number>>
  /** Shares of training rows in ten bins of the score and of inputs, for drift. */
  readonly reference: readonly DriftReference[]
  /** What it was trained on and how it did, for the card. */
  readonly trained: Readonly<Record<string, unknown>>
}

export interface DriftReference {
  readonly of: string
  /** Upper edges of all bins but the last. */
  readonly edges: readonly number[]
  /** Share of the training rows in each bin. */
  readonly shares: readonly number[]
}

export interface Artefact {
  readonly header: ModelHeader
  readonly payload: Uint8Array
}

/** Version of a payload: the model's name and 48 bits of its hash. */
export function versionOf(model: ModelName, payload: Uint8Array): string {
  return `${model}-${idOf(Buffer.from(payload).toString('latin1')).slice(0, 8)}`
}

/** Writes a model file; in place only once it is whole, so that a reader never meets half of one. */
export function writeArtefact(path: string, artefact: Artefact): void {
  const header = Buffer.from(JSON.stringify(artefact.header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  const body = Buffer.concat([MAGIC, length, header, gzipSync(artefact.payload, { level: 9 })])
  const temporary = `${path}.part`
  writeFileSync(temporary, Buffer.concat([body, checksumOf(body)]))
  renameSync(temporary, path)
}

/**
 * Reads a model file. Throws MODEL_INVALID with one line that names the file when it is missing, empty, cut short, changed,
 * another model's, or trained on other inputs than `schema`.
 */
export function readArtefact(path: string, model: ModelName, schema: string): Artefact {
  const { header, body } = open(path)
  if (header.model !== model) throw refused(path, `holds a ${header.model} model, not a ${model} model`)
  if (header.schema !== schema) {
    throw refused(path, `was trained on other inputs (schema ${header.schema}, this program has ${schema})`)
  }
  try {
    return { header, payload: gunzipSync(body) }
  } catch (cause) {
    throw refused(path, `is corrupt: ${messageOf(cause)}`, cause)
  }
}

/** The header of a model file, its checksum verified; throws MODEL_INVALID as `readArtefact` does. */
export function readArtefactHeader(path: string): ModelHeader {
  return open(path).header
}

function open(path: string): { header: ModelHeader; body: Buffer } {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    throw refused(path, `cannot be read: ${messageOf(cause)}`, cause)
  }
  if (bytes.length === 0) throw refused(path, 'is empty')
  if (bytes.length < MAGIC.length + 4 + CHECKSUM_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw refused(path, 'is not a model file')
  }
  const whole = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  if (!checksumOf(whole).equals(bytes.subarray(whole.length))) {
    throw refused(path, 'is corrupt: its checksum does not match')
  }
  const headerEnd = MAGIC.length + 4 + whole.readUInt32LE(MAGIC.length)
  try {
    const header = JSON.parse(whole.subarray(MAGIC.length + 4, headerEnd).toString('utf8')) as ModelHeader
    return { header, body: whole.subarray(headerEnd) }
  } catch (cause) {
    throw refused(path, `is corrupt: ${messageOf(cause)}`, cause)
  }
}

function checksumOf(body: Uint8Array): Buffer {
  const hash = new Uint32Array(4)
  hashBytes(body, 0, body.length, 0, hash)
  return Buffer.from(hash.buffer)
}

function refused(path: string, why: string, cause?: unknown): RingfenceError {
  return new RingfenceError('MODEL_INVALID', `model file ${path} ${why}`, {
    cause,
    hint: 'train it again with `ringfence train`, or give the folder of another model; the one that serves stays',
  })
}
