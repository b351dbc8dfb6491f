import type { Tensorflow } from '../backend/index.ts'
import {
  type Calibration,
  calibrated,
  fitCalibration,
  type ModelHeader,
  type OnProgress,
  randomOf,
  UNCALIBRATED,
} from '../training/index.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { foldOf, type TextRow } from './corpus.ts'
import { evade } from './evade.ts'
import { type FitOptions, type Fitted, fit } from './fit.ts'
import { fitLinear } from './fit-linear.ts'
import { createTextJudge } from './judge.ts'
import { createLinearGrams, emptyLinear, type LinearWeights, linearGramsOf, linearLogit } from './linear.ts'
import { type Blend, blended, NETWORK_ALONE, packTable, type TextWeights, textSchema } from './weights.ts'

/** Share of the rows held out of training for early stopping, calibration and the threshold: one group in ten. */
const HELD_OUT_FOLDS = 10
/** Epochs without a better loss on the rows held out, after which training stops. */
const PATIENCE = 3

/** Numbers of rows between which every fifth is held out in turn. */
export const CROSS_FIT_FROM = 1_000
export const CROSS_FIT_BELOW = 8_000
const CROSS_FOLDS = 5

/** A model before it has a threshold, and the blended log-odds of the rows that did not train what scored them. */
interface Chosen {
  readonly part: NetworkPart
  readonly linear: LinearWeights
  readonly blend: Blend
  readonly calibration: Calibration
  readonly logits: Float64Array
  /** The two parts of the log-odds, before they are blended. */
  readonly network: Float64Array
  readonly written: Float64Array
  readonly epoch: number
}

/** What a training has come to. */
export interface Held {
  readonly chosen: Chosen
  readonly labels: readonly number[]
  readonly kept: readonly TextRow[]
}

/** A tenth of the rows held out: it chooses the epoch and calibrates. */
export async function heldOutOnce(
  tf: Tensorflow,
  rows: readonly TextRow[],
  options: FitOptions,
  onProgress: OnProgress,
  checkpoints?: string,
): Promise<Held> {
  const isHeld = (row: TextRow) => foldOf(row, HELD_OUT_FOLDS, options.seed + 17) === 0
  const heldOut = rows.filter(isHeld)
  const kept = rows.filter(row => !isHeld(row))
  const key = `${textSchema}/${JSON.stringify(options)}/${rows.length}`
  const resume = checkpoints === undefined ? undefined : readCheckpoint(checkpoints, key)
  const chooser = createChooser(tf, kept, heldOut, options, onProgress)
  const afterEpoch = (fitted: Fitted, loss: number): boolean => {
    const goOn = chooser.consider(fitted, loss)
    if (checkpoints !== undefined) writeCheckpoint(checkpoints, key, fitted)
    return goOn
  }
  // The best epoch so far is not in the checkpoint: the state it resumes from is looked at first.
  if (resume !== undefined) chooser.consider(resume, 0)
  await fit(tf, kept, options, { afterEpoch, onProgress, ...(resume === undefined ? {} : { resume }) })
  return { chosen: chooser.chosen(), labels: heldOut.map(row => row.label), kept }
}

/** Each fifth held out in turn, then a training on all rows for as many epochs as the fifths wanted on average. */
export async function crossFitted(
  tf: Tensorflow,
  rows: readonly TextRow[],
  options: FitOptions,
  onProgress: OnProgress,
): Promise<Held> {
  const network: number[] = []
  const written: number[] = []
  const labels: number[] = []
  let epochs = 0
  for (let fold = 0; fold < CROSS_FOLDS; fold++) {
    const isHeld = (row: TextRow) => foldOf(row, CROSS_FOLDS, options.seed + 17) === fold
    const heldOut = rows.filter(isHeld)
    const chooser = createChooser(
      tf,
      rows.filter(row => !isHeld(row)),
      heldOut,
      options,
      onProgress,
    )
    await fit(
      tf,
      rows.filter(row => !isHeld(row)),
      options,
      { afterEpoch: chooser.consider, onProgress },
    )
    const { epoch, ...chosen } = chooser.chosen()
    network.push(...chosen.network)
    written.push(...chosen.written)
    labels.push(...heldOut.map(row => row.label))
    epochs += epoch / CROSS_FOLDS
  }
  const epoch = Math.max(1, Math.round(epochs))
  // The steps shrink as in the folds, whose schedule had all epochs: the last one is simply where they ended on average.
  let last: Fitted | undefined
  await fit(tf, rows, options, {
    afterEpoch(fitted) {
      last = { ...fitted, table: { ...fitted.table, values: fitted.table.values.slice() } }
      return fitted.epoch < epoch
    },
    onProgress,
  })
  const part = { table: packTable(last!.vocabulary, last!.table), dense: last!.dense }
  const linear = fitWritten(rows, options)
  return { chosen: { part, linear, epoch, ...blendOf(network, written, labels) }, labels, kept: rows }
}

/** Watches a training and keeps the epoch that does best on the rows held out. */
function createChooser(
  tf: Tensorflow,
  kept: readonly TextRow[],
  heldOut: readonly TextRow[],
  options: FitOptions,
  onProgress: OnProgress,
) {
  const labels = heldOut.map(row => row.label)
  const texts = heldOut.map(row => row.text)
  const linear = fitWritten(kept, options)
  const written = linearLogitsOf(linear, texts)
  let best: { loss: number; chosen: Chosen } | undefined
  return {
    consider(fitted: Fitted, loss: number): boolean {
      const part = { table: packTable(fitted.vocabulary, fitted.table), dense: fitted.dense }
      // Compared as they would be published, blended and calibrated: the bare loss favours the epoch least sure of itself.
      const mixed = blendOf(networkLogits(tf, part, options, texts), written, labels)
      const validation = logLoss(
        mixed.logits.map(z => calibrated(z, mixed.calibration)),
        labels,
      )
      if (best === undefined || validation < best.loss) {
        best = { loss: validation, chosen: { part, linear, epoch: fitted.epoch, ...mixed } }
      }
      const { epoch } = fitted
      const { epochs } = options
      onProgress({ stage: 'training', done: epoch / epochs, epoch, epochs, loss, validation })
      return epoch - best.chosen.epoch < PATIENCE
    },
    chosen: (): Chosen => best!.chosen,
  }
}

/** Both parts on one scale, blended and calibrated on rows that neither has learnt from. */
function blendOf(
  network: ArrayLike<number>,
  written: ArrayLike<number>,
  labels: readonly number[],
): Omit<Chosen, 'part' | 'linear' | 'epoch'> {
  const scales = { network: fitCalibration(network, labels), linear: fitCalibration(written, labels) }
  const blend: Blend = { linearShare: LINEAR_SHARE, ...scales }
  const logits = Float64Array.from(labels, (_, i) => blended(network[i]!, written[i]!, blend))
  return {
    blend,
    logits,
    calibration: fitCalibration(logits, labels),
    network: Float64Array.from(network),
    written: Float64Array.from(written),
  }
}

type NetworkPart = Pick<TextWeights, 'table' | 'dense'>

/** Equal voices: chosen beforehand, since the rows held out cannot speak for languages and tricks they do not have. */
const LINEAR_SHARE = 0.5

/** The regression over n-grams as written, a share of the spam added once more as evaders would rewrite it. */
function fitWritten(rows: readonly TextRow[], options: FitOptions): LinearWeights {
  const random = randomOf(options.seed + 31)
  const rewritten = rows
    .filter(row => random() < (row.label === 1 ? options.evadeSpam : options.evadeHam))
    .map(row => ({ text: evade(row.text, random), label: row.label }))
  const all = [...rows, ...rewritten]
  return fitLinear(
    all.map(row => row.text),
    all.map(row => row.label),
  )
}

function linearLogitsOf(linear: LinearWeights, texts: readonly string[]): Float64Array {
  const grams = createLinearGrams()
  return Float64Array.from(texts, text => {
    linearGramsOf(text, grams)
    return linearLogit(grams, linear)
  })
}

function networkLogits(tf: Tensorflow, part: NetworkPart, options: FitOptions, texts: readonly string[]): Float64Array {
  const header = headerOf(options, UNCALIBRATED)
  return scoresOf(tf, { ...part, linear: emptyLinear(), blend: NETWORK_ALONE, header }, texts).map(logit)
}

/** A header that is still to be named and given a threshold. */
export function headerOf(options: FitOptions, calibration: Calibration): ModelHeader {
  return {
    model: 'text',
    version: 'text-unpublished',
    schema: textSchema,
    seed: options.seed,
    calibration,
    threshold: 0.5,
    layout: { hidden: options.hidden },
    reference: [],
    trained: {},
  }
}

/** Probabilities of texts by weights, in pieces that keep the dense layers' input small. */
export function scoresOf(tf: Tensorflow, weights: TextWeights, texts: readonly string[]): Float64Array {
  const judge = createTextJudge(tf, weights)
  const out = new Float64Array(texts.length)
  for (let at = 0; at < texts.length; at += 512) out.set(judge.score(texts.slice(at, at + 512)).probability, at)
  judge.close()
  return out
}

/** Log-odds of a probability, kept finite. */
export function logit(p: number): number {
  const inside = Math.min(1 - 1e-7, Math.max(1e-7, p))
  return Math.log(inside / (1 - inside))
}

function logLoss(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const p = Math.min(1 - 1e-7, Math.max(1e-7, scores[i]!))
    sum -= labels[i] === 1 ? Math.log(p) : Math.log(1 - p)
  }
  return sum / Math.max(1, scores.length)
}
