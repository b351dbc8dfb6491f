import type { Tensor2D } from '@tensorflow/tfjs-core'
import { vectorNames } from '../../engine/features/index.ts'
import type { ScoreReason } from '../../engine/scorer/index.ts'
import type { Tensorflow } from '../backend/index.ts'
import { calibrated } from '../training/index.ts'
import { encodeRows } from './encoding.ts'
import { type Member, memberLogits, memberTensors } from './network.ts'
import type { BehaviourWeights, ConfidenceStep } from './weights.ts'

const WIDTH = vectorNames.length
const MOST_REASONS = 5
const LEAST_WEIGHT = 0.1
const AGE = vectorNames.indexOf('age_days')
/** Features that are nought for a party without messages, whatever its age. */
const MESSAGE_PLACES = vectorNames.flatMap((name, i) => (/^messages(_in)?_/.test(name) ? [i] : []))

const CALL_PLACES = vectorNames.flatMap((name, i) => (/^calls(_made|_in)?_(24h|30d)$/.test(name) ? [i] : []))

export interface BehaviourScores {
  readonly probability: Float32Array
  readonly confidence: Float32Array
}

export interface BehaviourJudge {
  readonly version: string
  readonly threshold: number
  /** Scores `rows` vectors of the engine's catalogue, one after the other. */
  score(vectors: Float32Array, rows: number): BehaviourScores
  /** The features that moved one row's score most, against a party of average habits. */
  reasons(vectors: Float32Array, row: number): ScoreReason[]
  close(): void
}

/** A behaviour model ready to score on this thread. `tf` must have its back end set. */
export function createBehaviourJudge(tf: Tensorflow, weights: BehaviourWeights): BehaviourJudge {
  const { network, encoding, places, confidence } = weights
  const { calibration, threshold, version } = weights.header
  const members = network.members.map(member => memberTensors(tf, member, network.inputs, network.hidden))

  return {
    version,
    threshold,
    score(vectors, rows) {
      const probability = new Float32Array(rows)
      const sure = new Float32Array(rows)
      if (rows === 0) return { probability, confidence: sure }
      const inputs = encodeRows(vectors, rows, places, encoding)
      const logits = tf.tidy(() => {
        const input = tf.tensor2d(inputs, [rows, network.inputs])
        const sum = members.map(parts => memberLogits(tf, parts, input)).reduce((a, b) => tf.add(a, b) as Tensor2D)
        return tf.mul(sum, 1 / members.length).dataSync()
      })
      for (let i = 0; i < rows; i++) {
        probability[i] = calibrated(logits[i]!, calibration)
        sure[i] = confidenceOf(confidence, vectors, i * WIDTH)
      }
      return { probability, confidence: sure }
    },
    reasons(vectors, row) {
      const inputs = encodeRows(vectors.subarray(row * WIDTH, (row + 1) * WIDTH), 1, places, encoding)
      const gradient = new Float32Array(network.inputs)
      for (const member of network.members) addGradient(member, network.hidden, inputs, gradient)
      let piece = 0
      return encoding.names
        .map((what, i) => {
          let weight = 0
          for (let c = 1; c < encoding.cuts[i]!.length; c++, piece++) {
            weight += (gradient[piece]! / network.members.length) * (inputs[piece]! - encoding.mean[piece]!)
          }
          const value = Number(vectors[row * WIDTH + places[i]!]!.toPrecision(4))
          return { what, value, weight: Number(weight.toFixed(3)) }
        })
        .filter(reason => Math.abs(reason.weight) >= LEAST_WEIGHT)
        .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
        .slice(0, MOST_REASONS)
    },
    close() {
      tf.dispose(members)
    },
  }
}

/**
 * By the party's age, and by whether it has been seen to send or get messages at all of late. Of a party without calls it
 * says nothing: every subscriber that it learnt from made some, and donors of their sent messages alone, who never get any,
 * looked like fraud to it (three of 49 senders of nus-messages.tsv were flagged before this).
 */
function confidenceOf(steps: readonly ConfidenceStep[], vectors: Float32Array, from: number): number {
  if (!CALL_PLACES.some(place => vectors[from + place]! > 0)) return 0
  const ageDays = vectors[from + AGE]!
  const step = steps.find(s => ageDays <= s.uptoDays) ?? steps[steps.length - 1]
  if (step === undefined) return 0
  return MESSAGE_PLACES.some(place => vectors[from + place]! > 0) ? step.all : step.callsOnly
}

/** Adds the gradient of one member's logit by its inputs. */
function addGradient(
  member: Member,
  [a, b]: readonly [number, number],
  inputs: Float32Array,
  gradient: Float32Array,
): void {
  const first = Float32Array.from({ length: a }, (_, j) => {
    let sum = member.firstBias[j]!
    for (let i = 0; i < inputs.length; i++) sum += inputs[i]! * member.first[i * a + j]!
    return sum
  })
  const back = new Float32Array(a)
  for (let k = 0; k < b; k++) {
    let sum = member.secondBias[k]!
    for (let j = 0; j < a; j++) sum += Math.max(0, first[j]!) * member.second[j * b + k]!
    if (sum <= 0) continue
    for (let j = 0; j < a; j++) back[j]! += member.last[k]! * member.second[j * b + k]!
  }
  for (let j = 0; j < a; j++) {
    if (first[j]! <= 0) continue
    for (let i = 0; i < inputs.length; i++) gradient[i]! += back[j]! * member.first[i * a + j]!
  }
}
