import type { TextRow } from './corpus.ts'
import { createGrams, gramsOf } from './grams.ts'
import { createNormalised, normalise } from './normalise.ts'

/** Logarithm of the number of rows of the table. */
export const TABLE_BITS = 18
const ROWS = 1 << TABLE_BITS
const MASK = ROWS - 1

/**
 * Which n-gram owns each row of the table: eight bits of its hash, 0 for none. An n-gram that owns no row adds nothing.
 * Without tags every n-gram of a language never trained on fell on some other's row, and the sum was noise: left out of
 * training, Russian chat was told apart no better than by a coin.
 */
export type Vocabulary = Uint8Array

/** The row of an n-gram, -1 when it is unknown. One stranger in 255 is taken for the owner. */
export function rowOf(vocabulary: Vocabulary, hash: number): number {
  const row = hash & MASK
  return vocabulary[row] === tagOf(hash) ? row : -1
}

function tagOf(hash: number): number {
  const tag = hash >>> 24
  return tag === 0 ? 1 : tag
}

/**
 * Gives each row to the n-gram that most texts hold, of those that hash to it and that two texts hold at least. A text
 * counts for one over the root of the rows of its file, so that a small file's language gets its rows too.
 */
export function chooseVocabulary(rows: readonly TextRow[]): Vocabulary {
  const table = countTexts(rows)
  const vocabulary = new Uint8Array(ROWS)
  const best = new Float32Array(ROWS)
  for (let slot = 0; slot < table.hashes.length; slot++) {
    if (table.texts[slot]! < 2) continue
    const hash = table.hashes[slot]!
    const row = hash & MASK
    if (table.weights[slot]! <= best[row]!) continue
    best[row] = table.weights[slot]!
    vocabulary[row] = tagOf(hash)
  }
  return vocabulary
}

/** Rows of one file that are counted: the n-grams of 8,000 texts are those of 27,000, in a third of the time. */
const FILE_ROWS = 8_000

interface TextCounts {
  readonly hashes: Int32Array
  readonly texts: Uint32Array
  readonly weights: Float32Array
}

/** Number and weight of the texts that hold each n-gram: open addressing, doubled when two thirds full. */
function countTexts(rows: readonly TextRow[]): TextCounts {
  const byFile = new Map<string, number>()
  for (const row of rows) byFile.set(row.file, (byFile.get(row.file) ?? 0) + 1)
  const folded = createNormalised()
  const grams = createGrams()
  let counts = room(1 << 20)
  let used = 0
  const counted = new Map<string, number>()
  for (const row of rows) {
    const place = counted.get(row.file) ?? 0
    counted.set(row.file, place + 1)
    const stride = Math.ceil(byFile.get(row.file)! / FILE_ROWS)
    if (place % stride !== 0) continue
    const weight = Math.sqrt(stride / byFile.get(row.file)!)
    normalise(row.text, folded)
    gramsOf(folded, grams)
    const sorted = grams.hashes.subarray(0, grams.count).sort()
    for (let i = 0; i < sorted.length; i++) {
      if (i > 0 && sorted[i] === sorted[i - 1]) continue
      used += add(counts, sorted[i]!, 1, weight)
    }
    if (used * 3 > counts.hashes.length * 2) counts = doubled(counts)
  }
  return counts
}

function room(size: number): TextCounts {
  return { hashes: new Int32Array(size), texts: new Uint32Array(size), weights: new Float32Array(size) }
}

/** Adds to the slot of `hash`; gives 1 when the slot is new. A slot without texts is empty. */
function add(counts: TextCounts, hash: number, texts: number, weight: number): number {
  const mask = counts.hashes.length - 1
  let slot = (Math.imul(hash, 0x9e3779b1) >>> 7) & mask
  while (counts.texts[slot] !== 0 && counts.hashes[slot] !== hash) slot = (slot + 1) & mask
  const fresh = counts.texts[slot] === 0 ? 1 : 0
  counts.hashes[slot] = hash
  counts.texts[slot]! += texts
  counts.weights[slot]! += weight
  return fresh
}

function doubled(counts: TextCounts): TextCounts {
  const made = room(counts.hashes.length * 2)
  for (let slot = 0; slot < counts.hashes.length; slot++) {
    if (counts.texts[slot] !== 0) add(made, counts.hashes[slot]!, counts.texts[slot]!, counts.weights[slot]!)
  }
  return made
}
