import { MAX_UNITS } from './normalise.ts'

/**
 * The text as it is written, beside its skeleton: character 2–5-grams, lower case, digits and signs kept, weighted by how rare
 * they are (TF-IDF) and summed by a logistic regression. On UCI alone folding the digits costs .05 of the recall at 0.1 %
 * false positives (.922 to .873): "150ppm", "16+" and 087 numbers are what spam is made of where its language is known. What
 * is rewritten to evade it, or in a language never seen, the network over the skeleton has to find.
 */
export const LINEAR_BITS = 20
const ROWS = 1 << LINEAR_BITS
const SHORTEST = 2
const LONGEST = 5

/** Codes of rarity: idf = code / 16; 0 is an n-gram that training saw in fewer than two texts: it is passed over. */
export const IDF_STEPS = 16

export interface LinearWeights {
  readonly bias: number
  /** One unit of `weights`, in log-odds. */
  readonly step: number
  /** Weight times idf of each n-gram. */
  readonly weights: Int16Array
  readonly idf: Uint8Array
}

/** Rows of a text's n-grams, reused from call to call. */
export interface LinearGrams {
  readonly rows: Int32Array
  /** Place in the text where each begins. */
  readonly at: Uint16Array
  count: number
}

const MAX_GRAMS = MAX_UNITS * (LONGEST - SHORTEST + 1)

export function createLinearGrams(): LinearGrams {
  return { rows: new Int32Array(MAX_GRAMS), at: new Uint16Array(MAX_GRAMS), count: 0 }
}

export function emptyLinear(): LinearWeights {
  return { bias: 0, step: 0, weights: new Int16Array(ROWS), idf: new Uint8Array(ROWS) }
}

const units = new Uint16Array(MAX_UNITS)
const places = new Uint16Array(MAX_UNITS)
const SPACE = 32

// Lower case, unit by unit, so that places in the text stay what they are; a string of its own would be made otherwise.
const lower = Uint16Array.from({ length: 65_536 }, (_, unit) => {
  const small = String.fromCharCode(unit).toLowerCase()
  return small.length === 1 ? small.charCodeAt(0) : unit
})
for (const space of [9, 10, 11, 12, 13, 0xa0, 0x2028, 0x2029, 0x3000]) lower[space] = SPACE

/** Hashes the n-grams of `text` into `out`; runs of white space count as one space. */
export function linearGramsOf(text: string, out: LinearGrams): void {
  const size = unitsOf(text)
  const { rows, at } = out
  let n = 0
  for (let i = 0; i + SHORTEST <= size; i++) {
    let hash = Math.imul(units[i]! ^ 0x3c6ef372, 0x01000193)
    const last = Math.min(i + LONGEST, size)
    for (let j = i + 1; j < last; j++) {
      hash = Math.imul(hash ^ units[j]!, 0x5bd1e995)
      hash ^= hash >>> 13
      rows[n] = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - LINEAR_BITS)
      at[n++] = places[i]!
    }
  }
  out.count = n
}

function unitsOf(text: string): number {
  let size = 0
  for (let i = 0; i < text.length && size < MAX_UNITS; i++) {
    const unit = lower[text.charCodeAt(i)]!
    if (unit === SPACE && size > 0 && units[size - 1] === SPACE) continue
    units[size] = unit
    places[size++] = i
  }
  return size
}

const squares = Float64Array.from({ length: 256 }, (_, code) => (code / IDF_STEPS) ** 2)

/** Length of a text's vector of rarities: what its sum is divided by. At least that of one common n-gram. */
export function lengthOf(grams: LinearGrams, idf: Uint8Array): number {
  let square = 0
  for (let i = 0; i < grams.count; i++) square += squares[idf[grams.rows[i]!]!]!
  return Math.sqrt(Math.max(1, square))
}

/** Log-odds of spam by the n-grams as written. */
export function linearLogit(grams: LinearGrams, { bias, step, weights, idf }: LinearWeights): number {
  let sum = 0
  let square = 0
  for (let i = 0; i < grams.count; i++) {
    const row = grams.rows[i]!
    const code = idf[row]!
    if (code === 0) continue
    sum += weights[row]!
    square += squares[code]!
  }
  return bias + (step * sum) / Math.sqrt(Math.max(1, square))
}
