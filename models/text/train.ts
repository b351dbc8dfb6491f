import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Feedback } from '../../engine/activity/index.ts'
import { RingfenceError } from '../../engine/errors/index.ts'
import { openBackend, type Tensorflow } from '../backend/index.ts'
import {
  type Calibration,
  calibrated,
  type Figures,
  figuresOf,
  fitCalibration,
  type ModelHeader,
  type OnProgress,
  randomOf,
  referenceOf,
  sigmoid,
  silent,
  UNCALIBRATED,
  versionOf,
  writeArtefact,
} from '../training/index.ts'
import { clearCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { foldOf, readTextFile, type TextRow, withoutDuplicates } from './corpus.ts'
import { evade } from './evade.ts'
import { type FeedbackRows, feedbackRows } from './feedback.ts'
import { defaultFit, type FitOptions, type Fitted, fit } from './fit.ts'
import { fitLinear } from './fit-linear.ts'
import { createTextJudge } from './judge.ts'
import { createLinearGrams, emptyLinear, type LinearWeights, linearGramsOf, linearLogit } from './linear.ts'
import {
  type Blend,
  blended,
  encodeWeights,
  NETWORK_ALONE,
  packTable,
  type TextWeights,
  textSchema,
} from './weights.ts'

export const MODEL_FILE = 'model.bin'

/** Share of the rows held out of training for early stopping, calibration and the threshold: one group in ten. */
const HELD_OUT_FOLDS = 10
/** Of the ham held out, the share that the model's own threshold may take for spam. */
const THRESHOLD_FPR = 0.001
/** Epochs without a better loss on the rows held out, after which training stops. */
const PATIENCE = 3

export interface TrainTextOptions {
  /** Labelled files: label, kind, text. */
  readonly data: readonly string[]
  /** What people reported: labels after the guards of `feedbackRows`. */
  readonly feedback?: readonly Feedback[]
  /** Folder for the model file and, meanwhile, the checkpoint. */
  readonly out: string
  readonly seed?: number
  readonly epochs?: number
  readonly onProgress?: OnProgress
}

export interface TrainedText {
  readonly path: string
  readonly version: string
  readonly rows: number
  readonly duplicates: number
  readonly epochs: number
  /** Rows that reports added, and reports left aside by reason. */
  readonly feedback?: { readonly rows: number; readonly dropped: FeedbackRows['dropped'] }
  /** On the rows held out; the early stopping and the threshold looked at them, so they flatter. */
  readonly heldOut: Figures
}

/**
 * Trains the text model on labelled files and writes it to `out`. The same data, seed and epochs give the same file, also
 * when the run was interrupted and called again. Throws INPUT_INVALID or INPUT_UNREADABLE for data that cannot be used.
 */
export async function trainText(options: TrainTextOptions): Promise<TrainedText> {
  const onProgress = options.onProgress ?? silent
  onProgress({ stage: 'reading', done: 0 })
  const read = options.data.flatMap(readTextFile)
  const labelled = withoutDuplicates(read)
  const reported = options.feedback === undefined ? undefined : feedbackRows(options.feedback, labelled.length)
  // Reports come after the labelled files: a report of a text that has a label already adds nothing, nor can it dispute it.
  const rows = [...labelled, ...(reported?.rows.filter(unlike(labelled)) ?? [])]
  const spam = rows.filter(row => row.label === 1).length
  if (spam < 20 || rows.length - spam < 20) {
    throw new RingfenceError('INPUT_INVALID', `${rows.length} texts, ${spam} of them spam: too few to train on`, {
      hint: 'give labelled files with at least 20 texts of spam and 20 of ham',
    })
  }
  mkdirSync(options.out, { recursive: true })
  const { tf } = await openBackend('cpu')
  const fitOptions: FitOptions = {
    ...defaultFit,
    seed: options.seed ?? defaultFit.seed,
    epochs: options.epochs ?? defaultFit.epochs,
  }
  const trained = await trainOn(tf, rows, fitOptions, onProgress, options.out)
  onProgress({ stage: 'writing', done: 1 })
  const path = join(options.out, MODEL_FILE)
  writeArtefact(path, { header: trained.weights.header, payload: trained.payload })
  clearCheckpoint(options.out)
  return {
    path,
    version: trained.weights.header.version,
    rows: rows.length,
    duplicates: read.length - labelled.length,
    epochs: trained.epochs,
    ...(reported === undefined ? {} : { feedback: { rows: rows.length - labelled.length, dropped: reported.dropped } }),
    heldOut: trained.heldOut,
  }
}

/** Tells rows whose template the labelled data does not have. */
function unlike(labelled: readonly TextRow[]): (row: TextRow) => boolean {
  const groups = new Set(labelled.map(row => row.group))
  return row => !groups.has(row.group)
}

export interface TrainedWeights {
  readonly weights: TextWeights
  readonly payload: Uint8Array
  readonly heldOut: Figures
  readonly epochs: number
}

/** The training proper, from rows to weights; `checkpoints` names a folder to resume from, if any. */
export async function trainOn(
  tf: Tensorflow,
  rows: readonly TextRow[],
  options: FitOptions,
  onProgress: OnProgress = silent,
  checkpoints?: string,
): Promise<TrainedWeights> {
  const heldOut = rows.filter(row => foldOf(row, HELD_OUT_FOLDS, options.seed + 17) === 0)
  const kept = rows.filter(row => foldOf(row, HELD_OUT_FOLDS, options.seed + 17) !== 0)
  const labels = heldOut.map(row => row.label)
  const texts = heldOut.map(row => row.text)
  const key = `${textSchema}/${JSON.stringify(options)}/${rows.length}`
  let best: { loss: number; part: NetworkPart; blend: Blend; calibration: Calibration; epoch: number } | undefined
  const resume = checkpoints === undefined ? undefined : readCheckpoint(checkpoints, key)
  onProgress({ stage: 'features', done: 0 })
  const linear = fitWritten(kept, options)
  const linearLogits = linearLogitsOf(linear, texts)
  const linearScale = fitCalibration(linearLogits, labels)
  const consider = (fitted: Fitted, loss: number): boolean => {
    const part = { table: packTable(fitted.vocabulary, fitted.table), dense: fitted.dense }
    // Compared as they would be published, blended and calibrated: the bare loss favours the epoch least sure of itself.
    const network = networkLogits(tf, part, options, texts)
    const blend = { linearShare: LINEAR_SHARE, network: fitCalibration(network, labels), linear: linearScale }
    const logits = network.map((z, i) => blended(z, linearLogits[i]!, blend))
    const calibration = fitCalibration(logits, labels)
    const validation = logLoss(
      logits.map(z => calibrated(z, calibration)),
      labels,
    )
    if (best === undefined || validation < best.loss) {
      best = { loss: validation, part, blend, calibration, epoch: fitted.epoch }
    }
    onProgress({
      stage: 'training',
      done: fitted.epoch / options.epochs,
      epoch: fitted.epoch,
      epochs: options.epochs,
      loss,
      validation,
    })
    if (checkpoints !== undefined) writeCheckpoint(checkpoints, key, fitted)
    return fitted.epoch - best.epoch < PATIENCE
  }
  // The best epoch so far is not in the checkpoint: the state it resumes from is looked at first.
  if (resume !== undefined) consider(resume, 0)
  await fit(tf, kept, options, { afterEpoch: consider, onProgress, ...(resume === undefined ? {} : { resume }) })
  onProgress({ stage: 'calibrating', done: 1 })
  const { part, blend, calibration, epoch } = best!
  const unnamed: TextWeights = { ...part, linear, blend, header: headerOf(options, calibration) }
  const scores = scoresOf(tf, unnamed, texts)
  const threshold = thresholdFor(scores.map(logit), labels)
  const figures = figuresOf(scores, labels, threshold)
  const payload = encodeWeights(unnamed)
  const header: ModelHeader = {
    ...unnamed.header,
    version: versionOf('text', payload),
    threshold,
    reference: references(tf, unnamed, kept.slice(0, 20_000)),
    trained: { rows: rows.length, files: countFiles(rows), epochs: epoch, options, heldOut: figures },
  }
  return { weights: { ...unnamed, header }, payload, heldOut: figures, epochs: epoch }
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

function headerOf(options: FitOptions, calibration: Calibration): ModelHeader {
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

function references(tf: Tensorflow, weights: TextWeights, rows: readonly TextRow[]) {
  const scores = scoresOf(
    tf,
    weights,
    rows.map(row => row.text),
  )
  const lengths = rows.map(row => row.text.length)
  return [referenceOf('score', scores), referenceOf('length', lengths)]
}

function countFiles(rows: readonly TextRow[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[row.file] = (counts[row.file] ?? 0) + 1
  return counts
}

/** However well spam and ham part: what is harmless by three to one is not called spam. */
const LEAST_THRESHOLD = 0.25
/** Highest scores of ham that the tail is fitted to: two in a hundred, and at least ten. */
const TAIL_SHARE = 0.02
const TAIL_LEAST = 10

/**
 * The threshold above which one in a thousand harmless texts may lie. A thousandth of a few hundred or
 * thousand texts cannot be counted, so the tail of their log-odds is taken for exponential beyond its upper part (peaks over
 * threshold: Pickands, 1975) and followed as far as it takes.
 */
function thresholdFor(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const ham = Float64Array.from(
    Array.from(logits).filter((_, i) => labels[i] === 0),
    z => -z,
  ).sort()
  const tail = Math.min(ham.length, Math.max(TAIL_LEAST, Math.ceil(TAIL_SHARE * ham.length)))
  const beyond = -ham[tail - 1]!
  let excess = 0
  for (let i = 0; i < tail; i++) excess += -ham[i]! - beyond
  const limit = beyond + (excess / tail) * Math.log(tail / ham.length / THRESHOLD_FPR)
  return Math.max(LEAST_THRESHOLD, Number(sigmoid(limit).toPrecision(6)))
}

function logit(p: number): number {
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
