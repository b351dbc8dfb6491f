import { fitLogistic, type Sparse } from '../training/index.ts'
import { createLinearGrams, IDF_STEPS, LINEAR_BITS, type LinearWeights, linearGramsOf } from './linear.ts'
import { createNormalised, normalise } from './normalise.ts'
import { PRIOR_SIGNS, SHAPE_SIZE, shapeOf } from './shape.ts'

/** Loss of one text against half the square of all weights: scikit-learn's C. Inside the training data recall at 0.1 % grew up to here. */
const LOSS_WEIGHT = 100
/**
 * What the inputs of shape are multiplied by: the larger, the less it costs the regression to lean on them. Sources never seen
 * gain by them, those known lose: inside the first fold's training rows recall at 0.1 % is .79 and .87 with .03 (inner halves),
 * .77 and .87 with .05, .72 and .86 with .1; of files left out in pairs recall at 1 % is .363 on average with .03, .370 with .05.
 */
const SHAPE_SCALE = 0.05
/** Inputs of shape that mean the same in every language; lengths and shares of letters do not. */
const SHAPES = PRIOR_SIGNS.flatMap((sign, i) => (sign === 0 ? [] : [i]))
/** An n-gram of a single text says nothing of others. */
const LEAST_TEXTS = 2

const ROWS = 1 << LINEAR_BITS

/** Fits the logistic regression of `linear.ts`: the same texts give the same weights. */
export function fitLinear(texts: readonly string[], labels: ArrayLike<number>): LinearWeights {
  const read = readAll(texts)
  const idf = raritiesOf(read)
  const column = new Int32Array(ROWS).fill(-1)
  let known = 0
  for (let row = 0; row < ROWS; row++) if (idf[row]! > 0) column[row] = known++
  const columns = known + SHAPES.length
  const weights = fitLogistic(matrixOf(read, idf, column, known), labels, { columns, lossWeight: LOSS_WEIGHT })
  const shape = new Float32Array(SHAPE_SIZE)
  for (const [k, i] of SHAPES.entries()) shape[i] = weights[known + k]! * SHAPE_SCALE
  return { ...packed(weights, column, idf), shape }
}

/** Rows of the n-grams of all texts, one after the other, and their shapes. */
interface Read {
  readonly starts: Int32Array
  readonly rows: Int32Array
  readonly shapes: Float32Array
}

function readAll(texts: readonly string[]): Read {
  const folded = createNormalised()
  const grams = createLinearGrams()
  const starts = new Int32Array(texts.length + 1)
  const shapes = new Float32Array(texts.length * SHAPE_SIZE)
  let rows = new Int32Array(1 << 20)
  for (const [i, text] of texts.entries()) {
    normalise(text, folded)
    linearGramsOf(folded, grams)
    shapeOf(text, folded, shapes, i * SHAPE_SIZE)
    const at = starts[i]!
    if (at + grams.count > rows.length) {
      const wider = new Int32Array(rows.length * 2)
      wider.set(rows)
      rows = wider
    }
    rows.set(grams.rows.subarray(0, grams.count), at)
    starts[i + 1] = at + grams.count
  }
  return { starts, rows: rows.subarray(0, starts[texts.length]!), shapes }
}

/** idf code of each row: ln((1 + texts) / (1 + texts that have it)) + 1. */
function raritiesOf({ starts, rows }: Read): Uint8Array {
  const texts = starts.length - 1
  const having = new Int32Array(ROWS)
  for (const row of rows) having[row]!++
  return Uint8Array.from(having, count =>
    count < LEAST_TEXTS ? 0 : Math.min(255, Math.round(IDF_STEPS * (Math.log((1 + texts) / (1 + count)) + 1))),
  )
}

/** The known n-grams of each text, by rarity, as vectors of length one; after them the shape. */
function matrixOf({ starts: from, rows, shapes }: Read, idf: Uint8Array, column: Int32Array, known: number): Sparse {
  const starts = new Int32Array(from.length)
  const room = rows.length + SHAPES.length * (from.length - 1)
  const columns = new Int32Array(room)
  const values = new Float32Array(room)
  let at = 0
  for (let i = 0; i + 1 < from.length; i++) {
    let square = 0
    for (let k = from[i]!; k < from[i + 1]!; k++) {
      const row = rows[k]!
      if (idf[row] === 0) continue
      columns[at] = column[row]!
      values[at++] = idf[row]! / IDF_STEPS
      square += (idf[row]! / IDF_STEPS) ** 2
    }
    const length = Math.sqrt(Math.max(1, square))
    for (let k = starts[i]!; k < at; k++) values[k]! /= length
    for (const [k, input] of SHAPES.entries()) {
      const value = shapes[i * SHAPE_SIZE + input]!
      if (value === 0) continue
      columns[at] = known + k
      values[at++] = value * SHAPE_SCALE
    }
    starts[i + 1] = at
  }
  return { starts, columns, values }
}

/** Weights times rarity in steps of a 32,767th of the largest. */
function packed(weights: Float64Array, column: Int32Array, idf: Uint8Array): Omit<LinearWeights, 'shape'> {
  const scaled = (row: number) => (weights[column[row]!]! * idf[row]!) / IDF_STEPS
  let largest = 1e-9
  for (let row = 0; row < ROWS; row++) if (idf[row] !== 0) largest = Math.max(largest, Math.abs(scaled(row)))
  const step = largest / 32_767
  const cells = new Int32Array(ROWS)
  for (let row = 0; row < ROWS; row++) {
    if (idf[row] !== 0) cells[row] = (Math.round(scaled(row) / step) << 8) | idf[row]!
  }
  return { bias: weights[weights.length - 1]!, step, cells }
}
