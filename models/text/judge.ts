import type { ScoreReason } from '../../engine/scorer/index.ts'
import type { Tensorflow } from '../backend/index.ts'
import { calibrated } from '../training/index.ts'
import { type TextKind, textKinds } from './corpus.ts'
import { explain } from './explain.ts'
import { createGrams, gramsOf } from './grams.ts'
import { createLinearGrams, knownShare, linearGramsOf, linearLogit } from './linear.ts'
import { forward, gateOf, INPUTS, OUTPUTS, tensorsOf } from './network.ts'
import { createNormalised, normalise } from './normalise.ts'
import { shapeOf } from './shape.ts'
import { WIDTH } from './table.ts'
import { blended, packedBag, type TextWeights } from './weights.ts'

/** Scores of a batch of texts, one place a text; the arrays are fresh. */
export interface TextScores {
  readonly probability: Float32Array
  /** Share of the n-grams that training has seen. */
  readonly familiarity: Float32Array
  /** Place in `textKinds`. */
  readonly kind: Uint8Array
}

/** Log-odds of the two parts for each text of a batch, before they are blended. */
export interface TextParts {
  readonly network: Float64Array
  readonly written: Float64Array
  /** Share of the n-grams as written that training has seen. */
  readonly known: Float64Array
}

export interface TextJudge {
  readonly version: string
  readonly threshold: number
  /** What each part says by itself, for fitting the blend. */
  parts(texts: readonly string[]): TextParts
  /** Scores texts in one pass of the dense layers. */
  score(texts: readonly string[]): TextScores
  /** The pieces of a text that moved its score most. */
  reasons(text: string): ScoreReason[]
  close(): void
}

/** A text model ready to score on this thread. `tf` must have its back end set. */
export function createTextJudge(tf: Tensorflow, weights: TextWeights): TextJudge {
  const folded = createNormalised()
  const grams = createGrams()
  const written = createLinearGrams()
  const tensors = tensorsOf(tf, weights.dense)
  const { linear, blend } = weights
  const { calibration, threshold, version } = weights.header
  let inputs = new Float32Array(64 * INPUTS)
  let writtenLogits = new Float64Array(64)
  let writtenKnown = new Float64Array(64)

  /** Reads one text into place `row` of the batch: inputs of the network, log-odds of the n-grams as written. */
  function read(text: string, row: number): number {
    const offset = row * INPUTS
    normalise(text, folded)
    gramsOf(folded, grams)
    const familiarity = packedBag(weights.table, grams.hashes, grams.count, inputs, offset)
    inputs[offset + WIDTH] = gateOf(familiarity)
    shapeOf(text, folded, inputs, offset + WIDTH + 1)
    linearGramsOf(folded, written)
    writtenLogits[row] = linearLogit(written, linear, inputs, offset + WIDTH + 1)
    writtenKnown[row] = knownShare(written)
    return familiarity
  }

  /** Reads a batch; gives the outputs of the network, row by row. */
  function readAll(texts: readonly string[], familiarity?: Float32Array): Float32Array {
    const rows = texts.length
    if (writtenLogits.length < rows) {
      inputs = new Float32Array(rows * INPUTS)
      writtenLogits = new Float64Array(rows)
      writtenKnown = new Float64Array(rows)
    }
    for (let i = 0; i < rows; i++) {
      const known = read(texts[i]!, i)
      if (familiarity !== undefined) familiarity[i] = known
    }
    return tf.tidy(() => {
      const batch = tf.tensor2d(inputs.subarray(0, rows * INPUTS), [rows, INPUTS])
      const { spam, kinds } = forward(tf, tensors, batch, true)
      return tf.concat2d([spam, kinds], 1).dataSync() as Float32Array
    })
  }

  return {
    version,
    threshold,
    parts(texts) {
      const logits = texts.length === 0 ? [] : readAll(texts)
      return {
        network: Float64Array.from(texts, (_, i) => logits[i * OUTPUTS]!),
        written: writtenLogits.slice(0, texts.length),
        known: writtenKnown.slice(0, texts.length),
      }
    },
    score(texts) {
      const rows = texts.length
      const scores: TextScores = {
        probability: new Float32Array(rows),
        familiarity: new Float32Array(rows),
        kind: new Uint8Array(rows),
      }
      if (rows === 0) return scores
      const logits = readAll(texts, scores.familiarity)
      for (let i = 0; i < rows; i++) {
        const logit = blended(logits[i * OUTPUTS]!, writtenLogits[i]!, writtenKnown[i]!, blend)
        scores.probability[i] = calibrated(logit, calibration)
        scores.kind[i] = likeliest(logits, i * OUTPUTS + 1, textKinds.length)
      }
      return scores
    },
    reasons(text) {
      read(text, 0)
      return explain(text, folded, { skeleton: grams, written }, weights, inputs.subarray(0, INPUTS))
    },
    close() {
      for (const tensor of Object.values(tensors)) tensor.dispose()
    },
  }
}

function likeliest(logits: ArrayLike<number>, offset: number, size: number): number {
  let best = 0
  for (let k = 1; k < size; k++) if (logits[offset + k]! > logits[offset + best]!) best = k
  return best
}

// Which kinds there are on each side: a text that is spam is named as one sort of spam.
const SPAM_KINDS: readonly TextKind[] = ['promotion', 'scam']

/** The kind to report: the likeliest of those that agree with the decision. */
export function kindOfScore(kind: number, spam: boolean): TextKind {
  const name = textKinds[kind]!
  if (spam === SPAM_KINDS.includes(name)) return name
  return spam ? 'scam' : 'ordinary'
}
