import { minimise, sigmoid } from '../training/index.ts'
import { createLinearGrams, IDF_STEPS, LINEAR_BITS, type LinearWeights, lengthOf, linearGramsOf } from './linear.ts'

/** Loss of one text against half the square of all weights: scikit-learn's C. Between 10 and 100 UCI hardly differs. */
const LOSS_WEIGHT = 30
const ITERATIONS = 60
/** An n-gram of a single text says nothing of others. */
const LEAST_TEXTS = 2

/** Texts as rows of a sparse matrix: entries of text i are `starts[i] … starts[i + 1]`. */
interface Sparse {
  readonly starts: Int32Array
  /** Column: a number for each n-gram that is in use. */
  readonly columns: Int32Array
  readonly values: Float32Array
}

/**
 * Fits the logistic regression of `linear.ts` to its end: the loss is convex, so L-BFGS from nought gives the same weights
 * whatever the order of the texts.
 */
export function fitLinear(texts: readonly string[], labels: ArrayLike<number>): LinearWeights {
  const idf = raritiesOf(texts)
  const column = new Int32Array(1 << LINEAR_BITS).fill(-1)
  let columns = 0
  for (let row = 0; row < idf.length; row++) if (idf[row]! > 0) column[row] = columns++
  const matrix = matrixOf(texts, idf, column)
  const { starts, columns: at, values } = matrix
  // The last place is the bias, which nothing pulls towards nought.
  const solution = minimise(new Float64Array(columns + 1), ITERATIONS, (weights, gradient) => {
    gradient.set(weights)
    gradient[columns] = 0
    let loss = 0
    for (let c = 0; c < columns; c++) loss += 0.5 * weights[c]! * weights[c]!
    for (let i = 0; i + 1 < starts.length; i++) {
      const from = starts[i]!
      const to = starts[i + 1]!
      let logit = weights[columns]!
      for (let k = from; k < to; k++) logit += values[k]! * weights[at[k]!]!
      const label = labels[i]!
      loss += LOSS_WEIGHT * (Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit))))
      const residual = LOSS_WEIGHT * (sigmoid(logit) - label)
      for (let k = from; k < to; k++) gradient[at[k]!]! += residual * values[k]!
      gradient[columns]! += residual
    }
    return loss
  })
  return packed(solution, column, idf, solution[columns]!)
}

/** idf code of each row: ln((1 + texts) / (1 + texts that have it)) + 1. */
function raritiesOf(texts: readonly string[]): Uint8Array {
  const having = new Int32Array(1 << LINEAR_BITS)
  const lastText = new Int32Array(1 << LINEAR_BITS).fill(-1)
  const grams = createLinearGrams()
  for (const [i, text] of texts.entries()) {
    linearGramsOf(text, grams)
    for (let g = 0; g < grams.count; g++) {
      const row = grams.rows[g]!
      if (lastText[row] === i) continue
      lastText[row] = i
      having[row]!++
    }
  }
  return Uint8Array.from(having, count =>
    count < LEAST_TEXTS ? 0 : Math.min(255, Math.round(IDF_STEPS * (Math.log((1 + texts.length) / (1 + count)) + 1))),
  )
}

function matrixOf(texts: readonly string[], idf: Uint8Array, column: Int32Array): Sparse {
  const grams = createLinearGrams()
  const starts = new Int32Array(texts.length + 1)
  for (const [i, text] of texts.entries()) {
    linearGramsOf(text, grams)
    let known = 0
    for (let g = 0; g < grams.count; g++) if (column[grams.rows[g]!]! >= 0) known++
    starts[i + 1] = starts[i]! + known
  }
  const columns = new Int32Array(starts[texts.length]!)
  const values = new Float32Array(columns.length)
  let at = 0
  for (const text of texts) {
    linearGramsOf(text, grams)
    const length = lengthOf(grams, idf)
    for (let g = 0; g < grams.count; g++) {
      const row = grams.rows[g]!
      if (column[row]! < 0) continue
      columns[at] = column[row]!
      values[at++] = idf[row]! / IDF_STEPS / length
    }
  }
  return { starts, columns, values }
}

function packed(solution: Float64Array, column: Int32Array, idf: Uint8Array, bias: number): LinearWeights {
  let largest = 1e-9
  for (let row = 0; row < idf.length; row++) {
    if (idf[row] === 0) continue
    largest = Math.max(largest, Math.abs((solution[column[row]!]! * idf[row]!) / IDF_STEPS))
  }
  const step = largest / 32_767
  const weights = new Int16Array(idf.length)
  for (let row = 0; row < idf.length; row++) {
    if (idf[row] !== 0) weights[row] = Math.round((solution[column[row]!]! * idf[row]!) / IDF_STEPS / step)
  }
  return { bias, step, weights, idf }
}
