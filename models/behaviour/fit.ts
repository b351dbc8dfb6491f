import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { Tensorflow } from '../backend/index.ts'
import { normal, type Random, randomOf, shuffle, sigmoid } from '../training/index.ts'
import { initialMember, type Member, memberLogits, memberTensors, PARTS } from './network.ts'

/** Coded inputs, row after row, with labels. */
export interface Samples {
  readonly inputs: Float32Array
  readonly labels: Float32Array
  readonly weights: Float32Array
  readonly width: number
}

export interface BehaviourFit {
  readonly seed: number
  readonly members: number
  readonly epochs: number
  readonly batch: number
  readonly hidden: readonly [number, number]
  readonly rate: number
  /** Share of the first hidden layer's units left out of each row. */
  readonly dropout: number
  /** Standard deviation of the noise put on the coded inputs. */
  readonly noise: number
  /**
   * Pull of the matrices towards nought, in the loss: half of it times the sum of squares. Strong: without it 3,000 parties
   * are learnt by heart (.909 against .937 in five folds of an earlier set of features; decay outside of Adam's steps did not
   * do the same). Twice this gives .944 where this gives .946, and four times .939.
   */
  readonly l2: number
}

export const defaultBehaviourFit: BehaviourFit = {
  seed: 1,
  members: 8,
  epochs: 20,
  batch: 128,
  hidden: [64, 32],
  rate: 2e-3,
  dropout: 0,
  noise: 0,
  l2: 1.5 / 128,
}

/**
 * Trains one member. The gradient of the log loss by the logit, p − y, is put in by hand, so that only matrix products and
 * ReLU go through TensorFlow's differentiation, and any back end can train.
 */
export function fitMember(
  tf: Tensorflow,
  samples: Samples,
  options: BehaviourFit,
  index: number,
  afterEpoch: (member: Member, epoch: number, loss: number) => boolean,
): void {
  const random = randomOf(Math.imul(options.seed, 104_729) + index)
  const { width } = samples
  const tensors = memberTensors(tf, initialMember(width, options.hidden, random), width, options.hidden)
  const variables = tensors.map(tensor => tf.variable(tensor) as Variable & Tensor2D)
  tf.dispose(tensors)
  const optimiser = tf.train.adam(options.rate)
  // The optimiser reads its step size anew at each step; its type does not show it.
  const schedule = optimiser as unknown as { learningRate: number }
  const order = Array.from(samples.labels, (_, i) => i)
  const batches = Math.floor(order.length / options.batch)
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    shuffle(order, random)
    // Half a cosine from the full step to none (Loshchilov and Hutter, 2017).
    const rate = options.rate * 0.5 * (1 + Math.cos((Math.PI * epoch) / options.epochs))
    schedule.learningRate = rate
    let loss = 0
    for (let b = 0; b < batches; b++) {
      const rows = order.slice(b * options.batch, (b + 1) * options.batch)
      loss += stepMember(tf, variables, optimiser, gather(samples, rows, options.noise, random), options, random)
    }
    const member = Object.fromEntries(
      PARTS.map((part, i) => [part, Float32Array.from(variables[i]!.dataSync())]),
    ) as unknown as Member
    if (!afterEpoch(member, epoch + 1, loss / batches)) break
  }
  optimiser.dispose()
  for (const variable of variables) variable.dispose()
}

interface MiniBatch {
  readonly inputs: Float32Array
  readonly labels: Float32Array
  readonly weights: Float32Array
  readonly rows: number
}

function gather(samples: Samples, rows: readonly number[], noise: number, random: Random): MiniBatch {
  const { width } = samples
  const inputs = new Float32Array(rows.length * width)
  const labels = new Float32Array(rows.length)
  const weights = new Float32Array(rows.length)
  for (const [slot, row] of rows.entries()) {
    for (let k = 0; k < width; k++) {
      inputs[slot * width + k] = samples.inputs[row * width + k]! + (noise > 0 ? noise * normal(random) : 0)
    }
    labels[slot] = samples.labels[row]!
    weights[slot] = samples.weights[row]!
  }
  return { inputs, labels, weights, rows: rows.length }
}

/** One step of Adam; gives the mean log loss of the batch. */
function stepMember(
  tf: Tensorflow,
  variables: readonly (Variable & Tensor2D)[],
  optimiser: ReturnType<Tensorflow['train']['adam']>,
  batch: MiniBatch,
  options: BehaviourFit,
  random: Random,
): number {
  const { rows, labels, weights } = batch
  return tf.tidy(() => {
    const inputs = tf.tensor2d(batch.inputs, [rows, batch.inputs.length / rows])
    const mask = options.dropout === 0 ? undefined : dropoutMask(tf, rows, options, random)
    const logits = memberLogits(tf, variables, inputs, mask).dataSync()
    let loss = 0
    const residual = new Float32Array(rows)
    for (let i = 0; i < rows; i++) {
      const z = logits[i]!
      residual[i] = (weights[i]! * (sigmoid(z) - labels[i]!)) / rows
      loss += (weights[i]! * (Math.max(z, 0) - z * labels[i]! + Math.log1p(Math.exp(-Math.abs(z))))) / rows
    }
    const towards = tf.tensor2d(residual, [rows, 1])
    const { grads } = tf.variableGrads(() => {
      const pull = [0, 2, 4].map(i => tf.sum(tf.square(variables[i]!)))
      const fitted = tf.sum(tf.mul(memberLogits(tf, variables, inputs, mask), towards))
      return tf.add(fitted, tf.mul(tf.addN(pull), options.l2 / 2)) as Scalar
    }, [...variables])
    optimiser.applyGradients(variables.map(({ name }) => ({ name, tensor: grads[name]! })))
    return loss
  })
}

function dropoutMask(tf: Tensorflow, rows: number, { dropout, hidden }: BehaviourFit, random: Random): Tensor2D {
  const keep = 1 - dropout
  const drawn = Float32Array.from({ length: rows * hidden[0] }, () => (random() < keep ? 1 / keep : 0))
  return tf.tensor2d(drawn, [rows, hidden[0]])
}
