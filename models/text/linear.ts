import { SPACE } from './alphabet.ts'
import { MAX_UNITS, type Normalised } from './normalise.ts'
import { SHAPE_SIZE } from './shape.ts'

/**
 * The text as it is written, beside its skeleton: look-alikes, hidden characters and leetspeak undone, lone letters joined, but
 * the digits of numbers kept. Words, pairs of words and character 2–5-grams within words (with the space before and after), each counted once,
 * weighted by how rare it is (IDF) and summed by a logistic regression. On UCI alone folding the digits costs .05 of the recall
 * at 0.1 % false positives (.922 to .873): "150ppm", "16+" and 087 numbers are what spam is made of where its language is known.
 * N-grams that reach over spaces cost .02 there, measured inside its first 30 %. Shape and concepts are among the inputs.
 */
export const LINEAR_BITS = 19
const SHORTEST = 2
const LONGEST = 5

/** Codes of rarity: idf = code / 16; 0 is an n-gram that training saw in fewer than two texts: it is passed over. */
export const IDF_STEPS = 16

export interface LinearWeights {
  readonly bias: number
  /** One unit of a weight, in log-odds. */
  readonly step: number
  /** For each row weight times idf in the upper 24 bits, the code of its idf in the lower 8: one look at memory for both. */
  readonly cells: Int32Array
  /** Weights of the inputs that `shapeOf` gives, in log-odds. */
  readonly shape: Float32Array
}

/** Rows of a text's n-grams, each once; reused from call to call. */
export interface LinearGrams {
  readonly rows: Int32Array
  /** Place in the text where each begins first. */
  readonly at: Uint16Array
  count: number
  /** How many of them training has seen: `linearLogit` tells. */
  known: number
}

// Within words there are at most four n-grams a unit; a word and its pair come with a space of their own, which begins fewer.
const MAX_GRAMS = (MAX_UNITS + 4) * (LONGEST - SHORTEST + 1)

export function createLinearGrams(): LinearGrams {
  return { rows: new Int32Array(MAX_GRAMS), at: new Uint16Array(MAX_GRAMS), count: 0, known: 0 }
}

// Which rows the text in hand has had: open addressing in 32 KB, half empty at the most. An entry is a row under the
// stamp of its text, so that nothing is cleared from text to text until the stamps run out.
const SLOTS = 8_192
const STAMPS = 1 << (32 - LINEAR_BITS)
const had = new Uint32Array(SLOTS)
let stamp = 0
let mark = 0

function nextText(): void {
  if (++stamp === STAMPS) {
    had.fill(0)
    stamp = 1
  }
  mark = (stamp << LINEAR_BITS) >>> 0
}

/** Puts an n-gram's row behind those of its text, unless it is among them. */
function add(out: LinearGrams, hash: number, at: number): void {
  const row = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - LINEAR_BITS)
  const entry = (mark | row) >>> 0
  let slot = row & (SLOTS - 1)
  while (had[slot] !== entry && had[slot]! >= mark) slot = (slot + 1) & (SLOTS - 1)
  if (had[slot] === entry) return
  had[slot] = entry
  out.rows[out.count] = row
  out.at[out.count++] = at
}

/**
 * Hashes the n-grams of `text` into `out`, each once: counting them as often as they come costs .03 of the recall at 0.1 %
 * false positives, measured inside the training data.
 */
export function linearGramsOf(text: Normalised, out: LinearGrams): void {
  const { written, writtenSource, writtenLength } = text
  out.count = 0
  nextText()
  for (let i = 0; i + SHORTEST <= writtenLength; i++) {
    let hash = Math.imul(written[i]! ^ 0x3c6ef372, 0x01000193)
    const last = Math.min(i + LONGEST, writtenLength)
    for (let j = i + 1; j < last; j++) {
      hash = Math.imul(hash ^ written[j]!, 0x5bd1e995)
      hash ^= hash >>> 13
      add(out, hash, writtenSource[i]!)
      if (written[j] === SPACE) break
    }
  }
  addWords(text, out)
}

const WORD = 0x1b873593

/** Whole words, and each with the one before it. */
function addWords({ written, writtenSource, writtenLength }: Normalised, out: LinearGrams): void {
  let hash = WORD
  let before = 0
  let start = 1
  for (let i = 1; i < writtenLength; i++) {
    if (written[i] !== SPACE) {
      hash = Math.imul(hash ^ written[i]!, 0x5bd1e995)
      hash ^= hash >>> 15
      continue
    }
    add(out, Math.imul(hash, 0x85ebca6b), writtenSource[start]!)
    if (before !== 0) add(out, Math.imul(before, 31) ^ hash, writtenSource[start]!)
    before = hash
    hash = WORD
    start = i + 1
  }
}

/** Share of a text's n-grams that training has seen, once `linearLogit` has looked at them. */
export function knownShare({ known, count }: LinearGrams): number {
  return count === 0 ? 0 : known / count
}

const squares = Float64Array.from({ length: 256 }, (_, code) => (code / IDF_STEPS) ** 2)

/** Length of a text's vector of rarities: what its sum is divided by. At least that of one common n-gram. */
export function lengthOf(grams: LinearGrams, cells: Int32Array): number {
  let square = 0
  for (let i = 0; i < grams.count; i++) square += squares[cells[grams.rows[i]!]! & 255]!
  return Math.sqrt(Math.max(1, square))
}

/** Log-odds of spam by the n-grams as written and by the shape in `shapes[offset …]`; counts the n-grams known. */
export function linearLogit(
  grams: LinearGrams,
  { bias, step, cells, shape }: LinearWeights,
  shapes: Float32Array,
  offset: number,
): number {
  const { rows, count } = grams
  let sum = 0
  let square = 0
  let known = 0
  for (let i = 0; i < count; i++) {
    const cell = cells[rows[i]!]!
    sum += cell >> 8
    square += squares[cell & 255]!
    if ((cell & 255) !== 0) known++
  }
  grams.known = known
  let logit = bias + (step * sum) / Math.sqrt(Math.max(1, square))
  for (let i = 0; i < SHAPE_SIZE; i++) logit += shape[i]! * shapes[offset + i]!
  return logit
}
