import { type Random, sigmoid } from '../training/index.ts'
import type { TextRow } from './corpus.ts'
import { evade } from './evade.ts'
import { createNormalised, normalise } from './normalise.ts'
import { PRIOR_SIGNS, SHAPE_SIZE, shapeOf } from './shape.ts'

/**
 * What shape and concepts say in any language: a logistic regression whose weights may point one way only where
 * PRIOR_SIGNS says so. Convex, so it is fitted to its end before the network begins; full-batch Adam in typed arrays with
 * the weights put back within their signs after each step (projected gradient).
 */
export interface Prior {
  readonly weights: Float32Array
  readonly bias: number
}

const STEPS = 600
const RATE = 0.05
const DECAY = 1e-4

/** Fits on the shapes of `rows`, a share of the spam rewritten as it is for the network. */
export function fitPrior(rows: readonly TextRow[], evadeSpam: number, random: Random): Prior {
  const shapes = new Float32Array(rows.length * SHAPE_SIZE)
  const folded = createNormalised()
  for (const [i, row] of rows.entries()) {
    const text = row.label === 1 && random() < evadeSpam ? evade(row.text, random) : row.text
    normalise(text, folded)
    shapeOf(text, folded, shapes, i * SHAPE_SIZE)
  }
  const used = PRIOR_SIGNS.flatMap((sign, i) => (sign === 0 ? [] : [i]))
  const weights = new Float64Array(SHAPE_SIZE + 1)
  const gradient = new Float64Array(SHAPE_SIZE + 1)
  const mean = new Float64Array(SHAPE_SIZE + 1)
  const square = new Float64Array(SHAPE_SIZE + 1)
  for (let step = 1; step <= STEPS; step++) {
    gradient.fill(0)
    for (let r = 0; r < rows.length; r++) {
      const from = r * SHAPE_SIZE
      let logit = weights[SHAPE_SIZE]!
      for (const i of used) logit += weights[i]! * shapes[from + i]!
      const residual = (sigmoid(logit) - rows[r]!.label) / rows.length
      for (const i of used) gradient[i]! += residual * shapes[from + i]!
      gradient[SHAPE_SIZE]! += residual
    }
    const rate = RATE * (1 - (0.9 * step) / STEPS)
    for (const i of [...used, SHAPE_SIZE]) {
      const g = gradient[i]! + (i < SHAPE_SIZE ? DECAY * weights[i]! : 0)
      mean[i] = 0.9 * mean[i]! + 0.1 * g
      square[i] = 0.999 * square[i]! + 0.001 * g * g
      const move = (rate * mean[i]!) / (1 - 0.9 ** step) / (Math.sqrt(square[i]! / (1 - 0.999 ** step)) + 1e-10)
      weights[i] = within(weights[i]! - move, PRIOR_SIGNS[i] ?? 2)
    }
  }
  return { weights: Float32Array.from(weights.subarray(0, SHAPE_SIZE)), bias: weights[SHAPE_SIZE]! }
}

function within(weight: number, sign: number): number {
  if (sign === 1) return Math.max(0, weight)
  return sign === -1 ? Math.min(0, weight) : weight
}
