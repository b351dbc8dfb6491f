import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Feedback } from '../../engine/activity/index.ts'
import { RingfenceError } from '../../engine/errors/index.ts'
import { openBackend, type Tensorflow } from '../backend/index.ts'
import {
  calibrated,
  type Figures,
  figuresOf,
  type ModelHeader,
  type OnProgress,
  referenceOf,
  sigmoid,
  silent,
  versionOf,
  writeArtefact,
} from '../training/index.ts'
import { clearCheckpoint } from './checkpoint.ts'
import { CROSS_FIT_BELOW, crossFitted, headerOf, heldOutOnce, logit, scoresOf } from './choose.ts'
import { readTextFile, type TextRow, withoutDuplicates } from './corpus.ts'
import { type FeedbackRows, feedbackRows } from './feedback.ts'
import { defaultFit, type FitOptions } from './fit.ts'
import { encodeWeights, type TextWeights } from './weights.ts'

export const MODEL_FILE = 'model.bin'

/** Of the ham held out, the share that the model's own threshold may take for spam. */
const THRESHOLD_FPR = 0.001
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

/**
 * The training proper, from rows to weights; `checkpoints` names a folder to resume from, if any. A tenth of the rows stops
 * it, calibrates it and sets its threshold. Where a tenth is too few to tell one harmless text in a thousand by, each fifth
 * is held out in turn for that, and the model that comes of it all has learnt from every row.
 */
export async function trainOn(
  tf: Tensorflow,
  rows: readonly TextRow[],
  options: FitOptions,
  onProgress: OnProgress = silent,
  checkpoints?: string,
): Promise<TrainedWeights> {
  onProgress({ stage: 'features', done: 0 })
  const held =
    rows.length < CROSS_FIT_BELOW
      ? await crossFitted(tf, rows, options, onProgress)
      : await heldOutOnce(tf, rows, options, onProgress, checkpoints)
  onProgress({ stage: 'calibrating', done: 1 })
  const { labels, chosen, kept } = held
  const unnamed: TextWeights = {
    ...chosen.part,
    linear: chosen.linear,
    blend: chosen.blend,
    header: headerOf(options, chosen.calibration),
  }
  const scores = chosen.logits.map(z => calibrated(z, chosen.calibration))
  const threshold = thresholdFor(scores.map(logit), labels)
  const figures = figuresOf(scores, labels, threshold)
  const payload = encodeWeights(unnamed)
  const header: ModelHeader = {
    ...unnamed.header,
    version: versionOf('text', payload),
    threshold,
    reference: references(tf, unnamed, spread(kept, REFERENCE_ROWS)),
    trained: { rows: rows.length, files: countFiles(rows), epochs: chosen.epoch, options, heldOut: figures },
  }
  return { weights: { ...unnamed, header }, payload, heldOut: figures, epochs: chosen.epoch }
}

/** Rows that scores and lengths are taken from to tell drift by. */
const REFERENCE_ROWS = 5_000

/** At most `count` rows, evenly spread over all. */
function spread(rows: readonly TextRow[], count: number): TextRow[] {
  const stride = Math.ceil(rows.length / count)
  return rows.filter((_, i) => i % stride === 0)
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
