import type { ScoreReason } from '../../engine/scorer/index.ts'
import { SPACE } from './alphabet.ts'
import type { Grams } from './grams.ts'
import { knownShare, type LinearGrams, lengthOf } from './linear.ts'
import { type DenseWeights, INPUTS, MOST_TAKEN, OUTPUTS } from './network.ts'
import type { Normalised } from './normalise.ts'
import { SHAPE_NAMES } from './shape.ts'
import { WIDTH } from './table.ts'
import { rowOf } from './vocabulary.ts'
import { linearShareOf, stepSizes, type TextWeights } from './weights.ts'

const MOST_REASONS = 5
/** Longest piece of text shown, in code units: scripts without spaces have no words to cut at. */
const PIECE_UNITS = 16
/** Log-odds below which a piece is not worth showing. */
const LEAST_WEIGHT = 0.15

/**
 * What moved the spam logit most, by the gradient at this text times each input (exact for the linear parts and for the
 * hidden units that are on). N-grams, of the skeleton and as written, give their weight to the word where they begin.
 */
export function explain(
  text: string,
  folded: Normalised,
  grams: { readonly skeleton: Grams; readonly written: LinearGrams },
  weights: TextWeights,
  inputs: Float32Array,
): ScoreReason[] {
  const gradient = gradientOf(weights.dense, inputs)
  const { network, linear } = weights.blend
  const share = linearShareOf(knownShare(grams.written), weights.blend)
  const ofNetwork = (1 - share) * network.a
  const ofWritten = share * linear.a
  const rarity = lengthOf(grams.written, weights.linear.cells)
  const pieces = piecesOf(folded)
  const ofSkeleton = skeletonWeights(pieces, grams.skeleton, weights, gradient)
  const ofDigitsKept = writtenWeights(pieces, folded, grams.written, weights)
  const reasons: ScoreReason[] = pieces.map(([from, to], i) => ({
    what: text.slice(folded.source[from]!, folded.source[to]!).trim(),
    weight: ofNetwork * ofSkeleton[i]! + (ofWritten * ofDigitsKept[i]!) / rarity,
  }))
  for (const [i, name] of SHAPE_NAMES.entries()) {
    const value = inputs[WIDTH + 1 + i]!
    reasons.push({
      what: name,
      value: round(value),
      weight: value * (ofNetwork * gradient[WIDTH + 1 + i]! + ofWritten * weights.linear.shape[i]!),
    })
  }
  return reasons
    .filter(reason => Math.abs(reason.weight) >= LEAST_WEIGHT && reason.what !== '')
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
    .slice(0, MOST_REASONS)
    .map(reason => ({ ...reason, weight: round(reason.weight) }))
}

/** Gradient of the spam logit by each input; the network has none where its bound holds. */
function gradientOf(dense: DenseWeights, inputs: Float32Array): Float32Array {
  const { hidden } = dense
  const gradient = new Float32Array(INPUTS)
  let learnt = dense.bias[0]!
  for (let i = 0; i < INPUTS; i++) {
    gradient[i] = dense.wide[i * OUTPUTS]!
    learnt += inputs[i]! * gradient[i]!
  }
  for (let h = 0; h < hidden; h++) {
    let sum = dense.firstBias[h]!
    for (let i = 0; i < INPUTS; i++) sum += inputs[i]! * dense.first[i * hidden + h]!
    if (sum <= 0) continue
    const out = dense.second[h * OUTPUTS]!
    learnt += sum * out
    for (let i = 0; i < INPUTS; i++) gradient[i]! += out * dense.first[i * hidden + h]!
  }
  const gate = inputs[WIDTH]! * learnt < -MOST_TAKEN ? 0 : inputs[WIDTH]!
  for (let i = 0; i < INPUTS; i++) gradient[i] = gradient[i]! * gate + dense.prior[i]!
  return gradient
}

/** The text's words as [first unit, unit after the last], cut where they are long. */
function piecesOf({ units, length }: Normalised): [number, number][] {
  const pieces: [number, number][] = []
  let start = 1
  for (let i = 1; i < length; i++) {
    if (units[i] !== SPACE && i - start < PIECE_UNITS) continue
    if (i > start) pieces.push([start, i])
    start = units[i] === SPACE ? i + 1 : i
  }
  return pieces
}

/** Which piece holds each place, counted from one; nought where none does. */
function placesOf(pieces: readonly (readonly [number, number])[]): Uint16Array {
  const places = new Uint16Array(pieces.at(-1)?.[1] ?? 0)
  for (const [i, [from, to]] of pieces.entries()) places.fill(i + 1, from, to)
  return places
}

/** What the n-grams of the skeleton add to the logit, by the piece in which each begins. */
function skeletonWeights(
  pieces: readonly [number, number][],
  grams: Grams,
  { table }: TextWeights,
  gradient: Float32Array,
): Float64Array {
  const places = placesOf(pieces)
  const sums = new Float64Array(pieces.length)
  const scale = 1 / Math.sqrt(Math.max(1, grams.count))
  for (let i = 0; i < grams.count; i++) {
    const piece = places[grams.at[i]!] ?? 0
    const row = piece === 0 ? -1 : rowOf(table.tags, grams.hashes[i]!)
    if (row < 0) continue
    let sum = 0
    for (let k = 0; k < WIDTH; k++) sum += table.values[row * WIDTH + k]! * gradient[k]!
    sums[piece - 1]! += sum * stepSizes[table.codes[row]!]! * scale
  }
  return sums
}

/** The same of the n-grams with digits kept, before it is divided by their rarity. */
function writtenWeights(
  pieces: readonly [number, number][],
  { source }: Normalised,
  { rows, at, count }: LinearGrams,
  { linear }: TextWeights,
): Float64Array {
  const places = placesOf(pieces.map(([from, to]) => [source[from]!, source[to]!]))
  const sums = new Float64Array(pieces.length)
  for (let i = 0; i < count; i++) {
    const piece = places[at[i]!] ?? 0
    if (piece !== 0) sums[piece - 1]! += linear.step * (linear.cells[rows[i]!]! >> 8)
  }
  return sums
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
