import type { Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import type { NamedTensor } from '@tensorflow/tfjs-core/dist/tensor_types.js'
import type { Tensorflow } from '../backend/index.ts'
import { type OnProgress, type Random, randomOf, shuffle } from '../training/index.ts'
import { type TextRow, textKinds } from './corpus.ts'
import { evade } from './evade.ts'
import { createGrams, gramsOf } from './grams.ts'
import {
  type DenseVariables,
  type DenseWeights,
  forward,
  gateOf,
  INPUTS,
  initialWeights,
  TRAINED,
  variablesOf,
  weightsOf,
} from './network.ts'
import { createNormalised, normalise } from './normalise.ts'
import { fitPrior } from './prior.ts'
import { shapeOf } from './shape.ts'
import { bag, createTable, descend, type Table, WIDTH } from './table.ts'
import { chooseVocabulary, rowOf } from './vocabulary.ts'

export interface FitOptions {
  readonly seed: number
  readonly epochs: number
  readonly batch: number
  readonly hidden: number
  /** Step size of the dense layers (Adam) and of the table (row-wise Adagrad). */
  readonly denseRate: number
  readonly tableRate: number
  /** Share of spam rewritten with evasions in each epoch, and of ham. */
  readonly evadeSpam: number
  readonly evadeHam: number
  /** Share of rows seen without their n-grams, so that shape alone must do: what a new language will look like. */
  readonly blind: number
  /** Share of n-grams left out of each text. */
  readonly dropGrams: number
  /** Weight of the loss over kinds beside that over spam. */
  readonly kindWeight: number
  /** Most rows of one file in an epoch, drawn anew each time: 41,000 personal messages must not drown the rest. */
  readonly epochCap: number
}

export const defaultFit: FitOptions = {
  seed: 1,
  epochs: 4,
  batch: 128,
  hidden: 32,
  denseRate: 2e-3,
  tableRate: 0.06,
  evadeSpam: 0.25,
  evadeHam: 0.05,
  blind: 0.1,
  dropGrams: 0.3,
  kindWeight: 0.3,
  epochCap: 3000,
}

/** What training has come to after an epoch; enough to go on from. */
export interface Fitted {
  readonly vocabulary: Uint8Array
  readonly table: Table
  readonly dense: DenseWeights
  /** State of the dense layers' optimiser, in TensorFlow's order. */
  readonly moments: readonly NamedNumbers[]
  /** Epochs done. */
  readonly epoch: number
}

export interface NamedNumbers {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
}

export interface FitHooks {
  /** Called after each epoch; false ends the training there. */
  readonly afterEpoch?: (fitted: Fitted, loss: number) => boolean
  readonly onProgress?: OnProgress
  /** Where an interrupted training of the same rows, seed and options had come to. */
  readonly resume?: Fitted
}

/** A batch in the making: typed arrays that one run reuses. */
interface Batch {
  readonly inputs: Float32Array
  readonly spam: Float32Array
  readonly kinds: Float32Array
  readonly weights: Float32Array
  readonly rows: Int32Array[]
  readonly counts: Int32Array
  /** One over the root of the number of n-grams, the unknown ones included. */
  readonly scales: Float32Array
}

/**
 * Trains on `rows`. The first layer is a table of n-grams: its sums and its gradient steps are done here in typed arrays,
 * since a text touches some 600 of its 262,144 rows (TensorFlow.js would build a dense gradient of 16 MB a step). The dense
 * layers, the loss and all gradients, the one that reaches the table included, are TensorFlow's.
 */
export async function fit(
  tf: Tensorflow,
  rows: readonly TextRow[],
  options: FitOptions,
  hooks: FitHooks = {},
): Promise<Fitted> {
  const { resume } = hooks
  const vocabulary = resume?.vocabulary ?? chooseVocabulary(rows)
  const table = resume?.table ?? createTable(vocabulary.length)
  const variables = variablesOf(tf, resume?.dense ?? begin(rows, options))
  const inputs = tf.variable(tf.zeros([options.batch, INPUTS]) as Tensor2D) as Variable & Tensor2D
  const optimiser = tf.train.adam(options.denseRate)
  if (resume !== undefined) await optimiser.setWeights(toTensors(tf, resume.moments))
  const batch = createBatch(options.batch)
  const extract = extractor(table, vocabulary, options)
  const state = async (epoch: number): Promise<Fitted> => ({
    vocabulary,
    table,
    dense: weightsOf(variables),
    moments: fromTensors(await optimiser.getWeights()),
    epoch,
  })
  let epoch = resume?.epoch ?? 0
  for (; epoch < options.epochs; epoch++) {
    // Drawn from the seed and the epoch alone: a resumed training goes on as if it had not been interrupted.
    const random = randomOf(Math.imul(options.seed, 7919) + epoch)
    const order = drawEpoch(rows, options.epochCap, random)
    const batches = Math.floor(order.length / options.batch)
    // The step shrinks linearly to a tenth: the last epochs settle.
    const rate = options.tableRate * (1 - (0.9 * epoch) / options.epochs)
    let lossSum = 0
    for (let b = 0; b < batches; b++) {
      for (let i = 0; i < options.batch; i++) extract(rows[order[b * options.batch + i]!]!, i, batch, random)
      const { loss, gradient } = step(tf, variables, inputs, optimiser, batch, options)
      for (let i = 0; i < options.batch; i++) {
        descend(table, batch.rows[i]!, batch.counts[i]!, batch.scales[i]!, gradient, i * INPUTS, rate)
      }
      lossSum += loss
      if (b % 20 !== 19) continue
      const done = (epoch + b / batches) / options.epochs
      hooks.onProgress?.({ stage: 'training', done, epoch: epoch + 1, epochs: options.epochs, loss: lossSum / (b + 1) })
      await new Promise(resolve => setImmediate(resolve))
    }
    if (hooks.afterEpoch?.(await state(epoch + 1), lossSum / Math.max(1, batches)) === false) break
  }
  const fitted = await state(epoch)
  for (const variable of Object.values(variables)) variable.dispose()
  inputs.dispose()
  optimiser.dispose()
  return fitted
}

function fromTensors(named: readonly NamedTensor[]): NamedNumbers[] {
  return named.map(({ name, tensor }) => ({ name, shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) }))
}

function toTensors(tf: Tensorflow, named: readonly NamedNumbers[]): NamedTensor[] {
  return named.map(({ name, shape, values }) => ({ name, tensor: tf.tensor(values, [...shape]) }))
}

/** The prior fitted, the rest random. */
function begin(rows: readonly TextRow[], options: FitOptions): DenseWeights {
  const random = randomOf(options.seed)
  const sample = drawEpoch(rows, options.epochCap, random).map(i => rows[i]!)
  return initialWeights(options.hidden, fitPrior(sample, options.evadeSpam, random), random)
}

/** Places of the rows of one epoch, shuffled: all of a small file, `cap` of a large one. */
function drawEpoch(rows: readonly TextRow[], cap: number, random: Random): number[] {
  const byFile = new Map<string, number>()
  const drawn = shuffle(
    rows.map((_, i) => i),
    random,
  ).filter(i => {
    const taken = byFile.get(rows[i]!.file) ?? 0
    byFile.set(rows[i]!.file, taken + 1)
    return taken < cap
  })
  // What was left of the order has no rows of the large files towards its end.
  return shuffle(drawn, random)
}

function createBatch(size: number): Batch {
  return {
    inputs: new Float32Array(size * INPUTS),
    spam: new Float32Array(size),
    kinds: new Float32Array(size * textKinds.length),
    weights: new Float32Array(size),
    rows: Array.from({ length: size }, () => new Int32Array(createGrams().hashes.length)),
    counts: new Int32Array(size),
    scales: new Float32Array(size),
  }
}

/** Fills one row of a batch from a text: perhaps rewritten, some n-grams left out, perhaps nearly all. */
function extractor(table: Table, vocabulary: Uint8Array, options: FitOptions) {
  const folded = createNormalised()
  const grams = createGrams()
  return (row: TextRow, slot: number, batch: Batch, random: Random): void => {
    const share = row.label === 1 ? options.evadeSpam : options.evadeHam
    const text = random() < share ? evade(row.text, random) : row.text
    normalise(text, folded)
    gramsOf(folded, grams)
    const at = slot * INPUTS
    // A blind row has lost most or all of its n-grams, as a text in a new language has.
    const dropped = random() < options.blind ? 0.6 + 0.4 * random() : options.dropGrams
    const rows = batch.rows[slot]!
    let kept = 0
    for (let i = 0; i < grams.count; i++) {
      const found = rowOf(vocabulary, grams.hashes[i]!)
      if (found >= 0 && random() >= dropped) rows[kept++] = found
    }
    batch.counts[slot] = kept
    // What is left out at random is made up for, as dropout does; what a blind row lost is not.
    const seen = grams.count * (dropped > 0.6 ? 1 : 1 - dropped)
    batch.scales[slot] = 1 / Math.sqrt(Math.max(1, seen))
    bag(table.values, rows, kept, batch.scales[slot]!, batch.inputs, at)
    batch.inputs[at + WIDTH] = gateOf(kept / Math.max(1, seen))
    shapeOf(text, folded, batch.inputs, at + WIDTH + 1)
    batch.spam[slot] = row.label
    batch.weights[slot] = 1
    for (let k = 0; k < textKinds.length; k++) {
      batch.kinds[slot * textKinds.length + k] = row.kind === textKinds[k] ? 1 : 0
    }
  }
}

function step(
  tf: Tensorflow,
  variables: DenseVariables,
  inputs: Variable & Tensor2D,
  optimiser: ReturnType<Tensorflow['train']['adam']>,
  batch: Batch,
  options: FitOptions,
): { loss: number; gradient: Float32Array } {
  const size = options.batch
  return tf.tidy(() => {
    inputs.assign(tf.tensor2d(batch.inputs, [size, INPUTS]))
    const spam = tf.tensor2d(batch.spam, [size, 1])
    const kinds = tf.tensor2d(batch.kinds, [size, textKinds.length])
    const weights = tf.tensor2d(batch.weights, [size, 1])
    const trained = TRAINED.map(part => variables[part])
    const named: Variable[] = [...trained, inputs]
    const { value, grads } = tf.variableGrads(() => {
      const { spam: logit, kinds: kindLogits } = forward(tf, variables, inputs, false)
      const kindLoss = tf.neg(tf.sum(tf.mul(kinds, tf.logSoftmax(kindLogits)), 1, true))
      const loss = tf.add(tf.mul(logLoss(tf, logit, spam), weights), tf.mul(kindLoss, options.kindWeight))
      return tf.mean(loss) as Scalar
    }, named)
    const gradient = grads[inputs.name]!.dataSync() as Float32Array
    const dense = trained.map(({ name }) => ({ name, tensor: grads[name]! }))
    optimiser.applyGradients(dense)
    // The gradient of a mean is smaller the larger the batch: the table wants the gradient of a row.
    const perRow = Float32Array.from(gradient, g => g * size)
    return { loss: value.dataSync()[0]!, gradient: perRow }
  })
}

/** max(x, 0) − x·y + log(1 + e^−|x|): the log loss of each row without overflow. */
function logLoss(tf: Tensorflow, logit: Tensor2D, spam: Tensor2D): Tensor2D {
  const linear = tf.sub(tf.relu(logit), tf.mul(logit, spam))
  return tf.add(linear, tf.log1p(tf.exp(tf.neg(tf.abs(logit))))) as Tensor2D
}
