import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { RingfenceError } from '../../engine/errors/index.ts'
import { vectorNames } from '../../engine/features/index.ts'
import { loadGradients, openBackend, type Tensorflow } from '../backend/index.ts'
import {
  calibrated,
  type DriftReference,
  type Figures,
  figuresOf,
  fitCalibration,
  type ModelHeader,
  type OnProgress,
  referenceOf,
  rocPoints,
  silent,
  versionOf,
  writeArtefact,
} from '../training/index.ts'
import { type ActivityFeed, type BehaviourRow, createCollector } from './collect.ts'
import { confidenceSteps } from './confidence.ts'
import { cutsOf, type Encoding, encodeRows, widthOf } from './encoding.ts'
import { type BehaviourFit, defaultBehaviourFit, fitMember, type Samples } from './fit.ts'
import { behaviourSchema, learntFeatures, placesOf } from './inputs.ts'
import { createBehaviourJudge } from './judge.ts'
import { partOf, readLabels, shareOf } from './labels.ts'
import { dropLooks, loadLooks, looksKey, saveLooks } from './looks.ts'
import { type Member, memberLogits, memberTensors } from './network.ts'
import { type BehaviourWeights, encodeMembers } from './weights.ts'

export const MODEL_FILE = 'model.bin'

/** Of the harmless parties, each scored by the member that did not learn from it, the share that may be taken for spam. */
const THRESHOLD_FPR = 0.001
/** Epochs without a better loss on the parties held out, after which a member stops. */
const PATIENCE = 6

export interface TrainBehaviourOptions {
  /** Activities of the labelled parties in time order, as `replay` makes them. */
  readonly activities: ActivityFeed
  /** CSV file: party,label. */
  readonly labels: string
  readonly out: string
  /** Names the records that the activities come from: a stopped run goes on from its looks at them. */
  readonly source?: string
  readonly seed?: number
  readonly epochs?: number
  readonly onProgress?: OnProgress
}

export interface TrainedBehaviour {
  readonly path: string
  readonly version: string
  readonly parties: number
  readonly looks: number
  /** On the fifth of the parties that took no part in training, at their last activity. */
  readonly test: Figures
  /** The same without their messages. */
  readonly testCallsOnly: Figures
}

/**
 * Trains the behaviour model and writes it to `out`: labelled parties run through the engine's state, with and without their
 * messages. The networks learn from the last look at each; the earlier ones, from the first day on, tell how far they are to be
 * believed of the young (learning from those too cost .02 of AUC at the end). Parties are split by a hash of their name: a fifth tests and is
 * touched by nothing else; of the rest each network leaves another share out, which stops it, and what all networks say of
 * parties they did not learn from calibrates the whole and sets its threshold.
 */
export async function trainBehaviour(options: TrainBehaviourOptions): Promise<TrainedBehaviour> {
  const onProgress = options.onProgress ?? silent
  const labels = readLabels(options.labels)
  onProgress({ stage: 'reading', done: 0 })
  const key = options.source === undefined ? undefined : looksKey(options.source, labels)
  let rows = key === undefined ? undefined : loadLooks(options.out, key)
  if (rows === undefined) {
    rows = await collect(options.activities, labels)
    if (key !== undefined) saveLooks(options.out, key, rows)
  }
  const trained = await trainOnRows(rows, options, onProgress)
  dropLooks(options.out)
  return trained
}

async function collect(activities: ActivityFeed, labels: ReadonlyMap<string, 0 | 1>): Promise<BehaviourRow[]> {
  const all = createCollector(labels, false)
  const calls = createCollector(labels, true)
  await activities(activity => {
    all.observe(activity)
    calls.observe(activity)
  })
  return [...all.finish(), ...calls.finish()]
}

/** The training proper, from looks to a model file. */
async function trainOnRows(
  rows: readonly BehaviourRow[],
  options: Pick<TrainBehaviourOptions, 'out' | 'seed' | 'epochs'>,
  onProgress: OnProgress = silent,
): Promise<TrainedBehaviour> {
  const parties = new Set(rows.map(row => row.party))
  const spam = new Set(rows.filter(row => row.label === 1).map(row => row.party)).size
  if (spam < 20 || parties.size - spam < 20) {
    throw new RingfenceError(
      'INPUT_INVALID',
      `${parties.size} labelled parties were seen, ${spam} of them spam: too few to train on`,
      {
        hint: 'give records of at least 20 parties of each label; labels are for the parties in `from` and `to`',
      },
    )
  }
  const settings: BehaviourFit = {
    ...defaultBehaviourFit,
    seed: options.seed ?? defaultBehaviourFit.seed,
    epochs: options.epochs ?? defaultBehaviourFit.epochs,
  }
  const learning = rows.filter(row => partOf(row.party) !== 'test')
  const test = rows.filter(row => partOf(row.party) === 'test')
  const { tf } = await openBackend('wasm')
  await loadGradients()
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
  const weights = finish(tf, members, settings, { encoding, places }, learning, unseen)
  mkdirSync(options.out, { recursive: true })
  const path = join(options.out, MODEL_FILE)
  const testFigures = lastFigures(tf, weights, test, false)
  const testCallsOnly = lastFigures(tf, weights, test, true)
  const header: ModelHeader = {
    ...weights.header,
    trained: { ...weights.header.trained, parties: parties.size, looks: rows.length, test: testFigures, testCallsOnly },
  }
  writeArtefact(path, { header, payload: encodeMembers(weights.network) })
  return { path, version: header.version, parties: parties.size, looks: rows.length, test: testFigures, testCallsOnly }
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

function vectorsOf(rows: readonly BehaviourRow[]): Float32Array {
  const vectors = new Float32Array(rows.length * vectorNames.length)
  for (const [i, row] of rows.entries()) vectors.set(row.vector, i * vectorNames.length)
  return vectors
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

/** Calibrated probabilities of looks, kept off 0 and 1. */
export function scoresOfRows(tf: Tensorflow, weights: BehaviourWeights, rows: readonly BehaviourRow[]): Float64Array {
  const judge = createBehaviourJudge(tf, weights)
  const out = new Float64Array(rows.length)
  for (let at = 0; at < rows.length; at += 1024) {
    const part = rows.slice(at, at + 1024)
    out.set(judge.score(vectorsOf(part), part.length).probability, at)
  }
  judge.close()
  return out.map(p => Math.min(1 - 1e-7, Math.max(1e-7, p)))
}

function lastFigures(
  tf: Tensorflow,
  weights: BehaviourWeights,
  rows: readonly BehaviourRow[],
  callsOnly: boolean,
): Figures {
  const last = rows.filter(row => row.last && row.callsOnly === callsOnly)
  return figuresOf(
    scoresOfRows(tf, weights, last),
    last.map(row => row.label),
    weights.header.threshold,
  )
}
