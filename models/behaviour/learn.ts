import { vectorNames } from '../../engine/features/index.ts'
import type { Tensorflow } from '../backend/index.ts'
import {
  calibrated,
  type DriftReference,
  figuresOf,
  fitCalibration,
  type ModelHeader,
  type OnProgress,
  referenceOf,
  rocPoints,
  versionOf,
} from '../training/index.ts'
import type { BehaviourRow } from './collect.ts'
import { confidenceSteps } from './confidence.ts'
import { cutsOf, type Encoding, encodeRows, widthOf } from './encoding.ts'
import { type BehaviourFit, fitMember, type Samples } from './fit.ts'
import { behaviourSchema, learntFeatures, placesOf } from './inputs.ts'
import { shareOf } from './labels.ts'
import { type Member, memberLogits, memberTensors } from './network.ts'
import { scoresOfRows, vectorsOf } from './scores.ts'
import { type BehaviourWeights, encodeMembers } from './weights.ts'

/** Of the harmless parties, each scored by the member that did not learn from it, the share that may be taken for spam. */
const THRESHOLD_FPR = 0.001
/** Epochs without a better loss on the parties held out, after which a member stops. */
const PATIENCE = 6

/**
 * The model that looks at parties give. Each network leaves another share of the parties out, which stops it; what all networks
 * say of parties they did not learn from calibrates the whole and sets its threshold. `tf` must have its gradients loaded.
 */
export async function learnFrom(
  tf: Tensorflow,
  learning: readonly BehaviourRow[],
  settings: BehaviourFit,
  onProgress: OnProgress,
): Promise<BehaviourWeights> {
  const { encoding, places } = encodingOf(learning)
  const members: Member[] = []
  /** Of each look, what the network said that had not learnt from its party. */
  const unseen = new Float64Array(learning.length)
  for (let m = 0; m < settings.members; m++) {
    const left = learning.flatMap((row, i) => (shareOf(row.party, settings.members) === m ? [i] : []))
    const rest = learning.filter(row => row.last && shareOf(row.party, settings.members) !== m)
    const held = samplesOf(
      left.map(i => learning[i]!),
      encoding,
      places,
    )
    const member = bestMember(tf, samplesOf(rest, encoding, places), settings, m, held, onProgress)
    const logits = logitsOf(tf, member, settings, held)
    for (const [k, i] of left.entries()) unseen[i] = logits[k]!
    members.push(member)
    await new Promise(resolve => setImmediate(resolve))
  }
  onProgress({ stage: 'calibrating', done: 1 })
  return finish(tf, members, settings, { encoding, places }, learning, unseen)
}

/** Cuts of each learnt feature over the training looks; features that never change are left out. */
function encodingOf(rows: readonly BehaviourRow[]): { encoding: Encoding; places: Int32Array } {
  const names: string[] = []
  const cuts: number[][] = []
  for (const name of learntFeatures()) {
    const place = vectorNames.indexOf(name)
    const own = cutsOf(Float64Array.from(rows, row => row.vector[place]!))
    if (own.length < 2) continue
    names.push(name)
    cuts.push(own)
  }
  const places = placesOf(names, 'in training')
  const width = widthOf({ cuts })
  const codes = encodeRows(vectorsOf(rows), rows.length, places, { cuts })
  const mean = new Float64Array(width)
  for (let i = 0; i < codes.length; i++) mean[i % width]! += codes[i]! / rows.length
  return { encoding: { names, cuts, mean: Array.from(mean, m => Number(m.toFixed(4))) }, places }
}

function samplesOf(rows: readonly BehaviourRow[], encoding: Encoding, places: Int32Array): Samples {
  const vectors = vectorsOf(rows)
  return {
    inputs: encodeRows(vectors, rows.length, places, encoding),
    labels: Float32Array.from(rows, row => row.label),
    weights: Float32Array.from(rows, row => (row.last ? 1 : 0)),
    width: widthOf(encoding),
  }
}

/** Trains one member and keeps the epoch that was best on the parties held out. */
function bestMember(
  tf: Tensorflow,
  samples: Samples,
  settings: BehaviourFit,
  index: number,
  validation: Samples,
  onProgress: OnProgress,
): Member {
  let best: { loss: number; member: Member; epoch: number } | undefined
  fitMember(tf, samples, settings, index, (member, epoch, loss) => {
    const held = memberLoss(tf, member, settings, validation)
    if (best === undefined || held < best.loss) best = { loss: held, member, epoch }
    const done = (index + epoch / settings.epochs) / settings.members
    onProgress({ stage: 'training', done, epoch, epochs: settings.epochs, loss, validation: held })
    return epoch - best.epoch < PATIENCE
  })
  return best!.member
}

function logitsOf(tf: Tensorflow, member: Member, settings: BehaviourFit, held: Samples): ArrayLike<number> {
  return tf.tidy(() =>
    memberLogits(
      tf,
      memberTensors(tf, member, held.width, settings.hidden),
      tf.tensor2d(held.inputs, [held.labels.length, held.width]),
    ).dataSync(),
  )
}

/** Mean log loss by the looks' weights. */
function memberLoss(tf: Tensorflow, member: Member, settings: BehaviourFit, held: Samples): number {
  const logits = logitsOf(tf, member, settings, held)
  let sum = 0
  let weights = 0
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!
    sum += held.weights[i]! * (Math.max(z, 0) - z * held.labels[i]! + Math.log1p(Math.exp(-Math.abs(z))))
    weights += held.weights[i]!
  }
  return sum / Math.max(1e-9, weights)
}

function finish(
  tf: Tensorflow,
  members: readonly Member[],
  settings: BehaviourFit,
  { encoding, places }: { readonly encoding: Encoding; readonly places: Int32Array },
  learning: readonly BehaviourRow[],
  unseen: Float64Array,
): BehaviourWeights {
  const network = { inputs: widthOf(encoding), hidden: settings.hidden, members }
  const last = learning.flatMap((row, i) => (row.last ? [i] : []))
  const labels = last.map(i => learning[i]!.label)
  const calibration = fitCalibration(
    last.map(i => unseen[i]!),
    labels,
  )
  const scores = unseen.map(z => calibrated(z, calibration))
  const lastScores = last.map(i => scores[i]!)
  const allowed = rocPoints(lastScores, labels).filter(point => point.fpr <= THRESHOLD_FPR)
  const threshold = Math.max(0.5, Number((allowed[allowed.length - 1]?.threshold ?? 0.99).toPrecision(6)))
  const header: ModelHeader = {
    model: 'behaviour',
    version: versionOf('behaviour', encodeMembers(network)),
    schema: behaviourSchema(encoding.names),
    seed: settings.seed,
    calibration,
    threshold,
    layout: { inputs: network.inputs, first: settings.hidden[0], second: settings.hidden[1], members: members.length },
    reference: [],
    trained: {},
  }
  const confidence = confidenceSteps(learning, scores)
  const weights: BehaviourWeights = { header, network, encoding, confidence, places }
  const unseenFigures = figuresOf(lastScores, labels, threshold)
  const trained = { encoding, confidence, settings, features: encoding.names.length, unseen: unseenFigures }
  return { ...weights, header: { ...header, reference: references(tf, weights, learning), trained } }
}

/** Shares of the last looks in ten bins of the score and of each feature. */
function references(tf: Tensorflow, weights: BehaviourWeights, learning: readonly BehaviourRow[]): DriftReference[] {
  const last = learning.filter(row => row.last && !row.callsOnly)
  return [
    referenceOf('score', scoresOfRows(tf, weights, last)),
    ...weights.encoding.names.map((name, f) =>
      referenceOf(
        name,
        last.map(row => row.vector[weights.places[f]!]!),
      ),
    ),
  ]
}
