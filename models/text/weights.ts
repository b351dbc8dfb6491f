import { RingfenceError } from '../../engine/errors/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { type Artefact, type Calibration, type ModelHeader, readArtefact, UNCALIBRATED } from '../training/index.ts'
import { textKinds } from './corpus.ts'
import { createGrams } from './grams.ts'
import { LINEAR_BITS, type LinearWeights } from './linear.ts'
import { type DenseWeights, INPUTS, OUTPUTS } from './network.ts'
import { SHAPE_NAMES, SHAPE_SIZE } from './shape.ts'
import { type Table, WIDTH } from './table.ts'
import { rowOf, TABLE_BITS } from './vocabulary.ts'

/** Changes whenever normalisation or hashing changes what a text's n-grams are: weights of another reading are refused. */
const READING = `skeleton-1/spaced-2-5/squeezed-4-6/words/unleet-joined-within-words-2-5-pairs-once-${LINEAR_BITS}`

/** Numbers of the blend and of the regression, before its weights of shape. */
const SCALARS = 8

/** Hash of all that the weights take for granted about their inputs. */
export const textSchema: string = idOf(READING, String(TABLE_BITS), String(WIDTH), ...SHAPE_NAMES, ...textKinds).slice(
  0,
  12,
)

/**
 * The table as it is kept and served: eight bits a number, one step size a row as a power of 2^(1/8).
 * A row that training never touched has code 0. 4.5 MB, which stays in the cache of one core where 16 MB of floats do not.
 */
export interface PackedTable {
  /** Which n-gram owns each row. */
  readonly tags: Uint8Array
  readonly codes: Uint8Array
  readonly values: Int8Array
}

/** Step sizes by code: 2^((code − 128) / 8) / 127 of the row's largest number. */
export const stepSizes: Float32Array = Float32Array.from({ length: 256 }, (_, code) =>
  code === 0 ? 0 : 2 ** ((code - 160) / 8) / 127,
)

export interface TextWeights {
  readonly header: ModelHeader
  readonly table: PackedTable
  readonly dense: DenseWeights
  readonly linear: LinearWeights
  readonly blend: Blend
}

/** How the two parts make one score: each on its own scale of log-odds, then weighed. */
export interface Blend {
  /** Weight of the n-grams as written in a text whose n-grams are known; the network has the rest. */
  readonly linearShare: number
  /** Its weight in a text whose n-grams are not known, as in a new language. */
  readonly unknownShare: number
  readonly network: Calibration
  readonly linear: Calibration
}

/** Both parts as they are: a blend that is still to be fitted. */
export const UNBLENDED: Blend = {
  linearShare: 0.5,
  unknownShare: 0.5,
  network: UNCALIBRATED,
  linear: UNCALIBRATED,
}

/**
 * Shares of known n-grams between which the regression gains its weight. Of files left out of training, those in a language
 * of the rest have .8 and more known (a tenth of the held-out rows has less), Thai .6, Arabic .6.
 */
const KNOWN_FROM = 0.5
const KNOWN_TO = 0.9

/** Weight of the n-grams as written in a text with this share of them known. */
export function linearShareOf(known: number, { linearShare, unknownShare }: Blend): number {
  const rise = Math.min(1, Math.max(0, (known - KNOWN_FROM) / (KNOWN_TO - KNOWN_FROM)))
  return unknownShare + (linearShare - unknownShare) * rise
}

/** Log-odds of both parts together; `known` is the share of the n-grams as written that training has seen. */
export function blended(network: number, linear: number, known: number, blend: Blend): number {
  const a = blend.network.a * network + blend.network.b
  const b = blend.linear.a * linear + blend.linear.b
  const share = linearShareOf(known, blend)
  return (1 - share) * a + share * b
}

/** Packs a trained table; the error is at most half a step, 0.4 % of the row's largest number (and 4.5 % of range lost to the step's rounding up). */
export function packTable(tags: Uint8Array, table: Table): PackedTable {
  const rows = table.seen.length
  const codes = new Uint8Array(rows)
  const values = new Int8Array(rows * WIDTH)
  for (let row = 0; row < rows; row++) {
    if (table.seen[row] === 0) continue
    let largest = 0
    for (let k = 0; k < WIDTH; k++) largest = Math.max(largest, Math.abs(table.values[row * WIDTH + k]!))
    const code = Math.min(255, Math.max(1, Math.ceil(Math.log2(Math.max(largest, 1e-9)) * 8) + 160))
    codes[row] = code
    for (let k = 0; k < WIDTH; k++) {
      values[row * WIDTH + k] = Math.max(
        -127,
        Math.min(127, Math.round(table.values[row * WIDTH + k]! / stepSizes[code]!)),
      )
    }
  }
  return { tags, codes, values }
}

const EIGHT = 8
const owned = new Int32Array(createGrams().hashes.length)

/**
 * Sums a text's rows of the packed table into `out[offset …]` by the rule of `bag`; gives the share of n-grams known. First
 * the rows that are known, then their sums, eight columns at a time in locals that stay in registers: 10 µs a text, against
 * 26 when the sums are kept in `out`, and 15 with all sixteen columns at once in the loop that looks the n-grams up.
 */
export function packedBag(
  table: PackedTable,
  hashes: Int32Array,
  count: number,
  out: Float32Array,
  offset: number,
): number {
  const { tags } = table
  let known = 0
  for (let i = 0; i < count; i++) {
    const row = rowOf(tags, hashes[i]!)
    if (row >= 0) owned[known++] = row
  }
  const scale = 1 / Math.sqrt(Math.max(1, count))
  for (let column = 0; column < WIDTH; column += EIGHT) sumEight(table, known, column, scale, out, offset + column)
  return count === 0 ? 0 : known / count
}

/** Sums eight columns from `column` on of the first `known` rows of `owned`, times `scale`. */
function sumEight(
  { codes, values }: PackedTable,
  known: number,
  column: number,
  scale: number,
  out: Float32Array,
  offset: number,
): void {
  let s0 = 0,
    s1 = 0,
    s2 = 0,
    s3 = 0,
    s4 = 0,
    s5 = 0,
    s6 = 0,
    s7 = 0
  for (let i = 0; i < known; i++) {
    const row = owned[i]!
    const size = stepSizes[codes[row]!]!
    const from = row * WIDTH + column
    s0 += size * values[from]!
    s1 += size * values[from + 1]!
    s2 += size * values[from + 2]!
    s3 += size * values[from + 3]!
    s4 += size * values[from + 4]!
    s5 += size * values[from + 5]!
    s6 += size * values[from + 6]!
    s7 += size * values[from + 7]!
  }
  out[offset] = s0 * scale
  out[offset + 1] = s1 * scale
  out[offset + 2] = s2 * scale
  out[offset + 3] = s3 * scale
  out[offset + 4] = s4 * scale
  out[offset + 5] = s5 * scale
  out[offset + 6] = s6 * scale
  out[offset + 7] = s7 * scale
}

/** All weights as one payload: table tags, codes, table values, dense layers, blend, n-grams as written. */
export function encodeWeights({ table, dense, linear, blend }: Omit<TextWeights, 'header'>): Uint8Array {
  const { network, linear: scale } = blend
  const shares = [blend.linearShare, blend.unknownShare]
  const scalars = [linear.bias, linear.step, ...shares, network.a, network.b, scale.a, scale.b]
  const parts = [dense.prior, dense.priorBias, dense.wide, dense.first, dense.firstBias, dense.second, dense.bias]
  return Buffer.concat([
    table.tags,
    table.codes,
    Buffer.from(table.values.buffer, table.values.byteOffset, table.values.byteLength),
    ...parts.map(part => Buffer.from(part.buffer, part.byteOffset, part.byteLength)),
    Buffer.from(Float32Array.from([...scalars, ...linear.shape]).buffer),
    Buffer.from(linear.cells.buffer, linear.cells.byteOffset, linear.cells.byteLength),
  ])
}

/** Reads the text model of a file; throws MODEL_INVALID as `readArtefact` does. */
export function readTextWeights(path: string): TextWeights {
  return decodeWeights(readArtefact(path, 'text', textSchema), path)
}

function decodeWeights({ header, payload }: Artefact, path: string): TextWeights {
  const rows = 1 << TABLE_BITS
  const hidden = header.layout.hidden ?? 0
  const sizes = [INPUTS, 1, INPUTS * OUTPUTS, INPUTS * hidden, hidden, hidden * OUTPUTS, OUTPUTS, SCALARS + SHAPE_SIZE]
  const expected = rows * (2 + WIDTH) + 4 * (sizes.reduce((sum, size) => sum + size, 0) + (1 << LINEAR_BITS))
  if (payload.length !== expected) {
    throw new RingfenceError(
      'MODEL_INVALID',
      `model file ${path} holds ${payload.length} bytes of weights, not ${expected}`,
    )
  }
  // A copy, so that floats lie on a multiple of four whatever the buffer they came in.
  const bytes = Uint8Array.from(payload)
  let at = 2 * rows
  const values = new Int8Array(bytes.buffer, at, rows * WIDTH)
  at += rows * WIDTH
  const [prior, priorBias, wide, first, firstBias, second, bias, scalars] = sizes.map(size => {
    const part = new Float32Array(bytes.buffer, at, size)
    at += size * 4
    return part
  })
  return {
    header,
    table: { tags: bytes.subarray(0, rows), codes: bytes.subarray(rows, 2 * rows), values },
    dense: {
      hidden,
      prior: prior!,
      priorBias: priorBias!,
      wide: wide!,
      first: first!,
      firstBias: firstBias!,
      second: second!,
      bias: bias!,
    },
    ...decodeLinear(scalars!, bytes, at),
  }
}

/** The n-grams as written and the blend, from `at` on. */
function decodeLinear(scalars: Float32Array, bytes: Uint8Array, at: number): Pick<TextWeights, 'linear' | 'blend'> {
  const [bias, step, linearShare, unknownShare, networkA, networkB, linearA, linearB] = scalars
  return {
    linear: {
      bias: bias!,
      step: step!,
      cells: new Int32Array(bytes.buffer, at, 1 << LINEAR_BITS),
      shape: scalars.subarray(SCALARS),
    },
    blend: {
      linearShare: linearShare!,
      unknownShare: unknownShare!,
      network: { a: networkA!, b: networkB! },
      linear: { a: linearA!, b: linearB! },
    },
  }
}
