import { SPACE } from './alphabet.ts'
import { MAX_UNITS, type Normalised } from './normalise.ts'

/** The text's sparse features: hashed character n-grams of two streams and hashed words. Reused from call to call. */
export interface Grams {
  /** Hashes, one for each n-gram. */
  readonly hashes: Int32Array
  /** Unit of the normalised text where the n-gram begins, for reasons. */
  readonly at: Uint16Array
  count: number
}

// Spaced stream: orders 2 to 5 and words; squeezed stream (no spaces): orders 3 to 6.
const SPACED_MAX = 5
const SQUEEZED_MIN = 4
const SQUEEZED_MAX = 6
const GRAMS_A_UNIT = SPACED_MAX - 1 + (SQUEEZED_MAX - SQUEEZED_MIN + 1) + 2

/** Room for the n-grams of one text. */
export function createGrams(): Grams {
  const room = (MAX_UNITS + 4) * GRAMS_A_UNIT
  return { hashes: new Int32Array(room), at: new Uint16Array(room), count: 0 }
}

const squeezed = new Uint16Array(MAX_UNITS + 4)
const squeezedAt = new Uint16Array(MAX_UNITS + 4)

/**
 * Hashes the n-grams of `text` into `out`. The squeezed stream does not see spaces, so that "fr ee mo ney" has the
 * n-grams of "free money"; the spaced one keeps word boundaries, which short words need.
 */
export function gramsOf(text: Normalised, out: Grams): void {
  out.count = 0
  spaced(text, out)
  words(text, out)
  squeeze(text, out)
}

/** Spreads a hash over all its bits: the low ones choose the row, the high ones are the tag. */
function mixed(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return h ^ (h >>> 15)
}

function spaced(text: Normalised, out: Grams): void {
  const { units, length } = text
  const { hashes, at } = out
  let n = out.count
  for (let i = 0; i < length - 1; i++) {
    let hash = Math.imul(units[i]! ^ 0x811c9dc5, 0x01000193)
    const last = Math.min(i + SPACED_MAX, length)
    for (let j = i + 1; j < last; j++) {
      hash = Math.imul(hash ^ units[j]!, 0x5bd1e995)
      hash ^= hash >>> 13
      hashes[n] = mixed(hash)
      at[n++] = i
    }
  }
  out.count = n
}

function words(text: Normalised, out: Grams): void {
  const { units, length } = text
  const { hashes, at } = out
  let n = out.count
  let hash = 0x1b873593
  let before = 0
  let start = 1
  for (let i = 1; i < length; i++) {
    if (units[i] !== SPACE) {
      hash = Math.imul(hash ^ units[i]!, 0x5bd1e995)
      hash ^= hash >>> 15
      continue
    }
    hashes[n] = mixed(hash)
    at[n++] = start
    if (before !== 0) {
      hashes[n] = mixed(Math.imul(before, 31) ^ hash)
      at[n++] = start
    }
    before = hash
    hash = 0x1b873593
    start = i + 1
  }
  out.count = n
}

function squeeze(text: Normalised, out: Grams): void {
  const { units, length } = text
  let size = 0
  for (let i = 0; i < length; i++) {
    if (units[i] === SPACE) continue
    squeezed[size] = units[i]!
    squeezedAt[size++] = i
  }
  const { hashes, at } = out
  let n = out.count
  for (let i = 0; i + SQUEEZED_MIN <= size; i++) {
    let hash = Math.imul(squeezed[i]! ^ 0x7ed55d16, 0x01000193)
    const last = Math.min(i + SQUEEZED_MAX, size)
    for (let j = i + 1; j < last; j++) {
      hash = Math.imul(hash ^ squeezed[j]!, 0x5bd1e995)
      hash ^= hash >>> 13
      if (j - i + 1 < SQUEEZED_MIN) continue
      hashes[n] = mixed(hash)
      at[n++] = squeezedAt[i]!
    }
  }
  out.count = n
}
