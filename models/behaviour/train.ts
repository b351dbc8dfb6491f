import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { RingfenceError } from '../../engine/errors/index.ts'
import { loadGradients, openBackend, type Tensorflow } from '../backend/index.ts'
import { type Figures, figuresOf, type OnProgress, silent, writeArtefact } from '../training/index.ts'
import type { ActivityFeed, BehaviourRow } from './collect.ts'
import { type BehaviourFit, defaultBehaviourFit } from './fit.ts'
import { fifthOf, readLabels, TEST_FIFTH } from './labels.ts'
import { learnFrom } from './learn.ts'
import { dropLooks, looksOf } from './looks.ts'
import { scoresOfRows } from './scores.ts'
import { type BehaviourWeights, encodeMembers } from './weights.ts'

export const MODEL_FILE = 'model.bin'

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
 * messages. The networks learn from the last look at each; the earlier ones, from the first day on, tell how far they are to
 * be believed of the young (learning from those too cost .02 of AUC at the end). A fifth of the parties is touched by nothing
 * but the test.
 */
export async function trainBehaviour(options: TrainBehaviourOptions): Promise<TrainedBehaviour> {
  const { out, source, onProgress = silent } = options
  const labels = readLabels(options.labels)
  onProgress({ stage: 'reading', done: 0 })
  const rows = await looksOf(options.activities, labels, source === undefined ? undefined : { folder: out, source })
  const parties = partiesOf(rows)
  const settings: BehaviourFit = {
    ...defaultBehaviourFit,
    seed: options.seed ?? defaultBehaviourFit.seed,
    epochs: options.epochs ?? defaultBehaviourFit.epochs,
  }
  const learning = rows.filter(row => fifthOf(row.party) !== TEST_FIFTH)
  const test = rows.filter(row => fifthOf(row.party) === TEST_FIFTH)
  const { tf } = await openBackend('wasm')
  await loadGradients()
  const weights = await learnFrom(tf, learning, settings, onProgress)
  const testFigures = lastFigures(tf, weights, test, false)
  const testCallsOnly = lastFigures(tf, weights, test, true)
  const counts = { parties, looks: rows.length }
  const trained = { ...weights.header.trained, ...counts, test: testFigures, testCallsOnly }
  mkdirSync(out, { recursive: true })
  const path = join(out, MODEL_FILE)
  writeArtefact(path, { header: { ...weights.header, trained }, payload: encodeMembers(weights.network) })
  dropLooks(out)
  return { path, version: weights.header.version, ...counts, test: testFigures, testCallsOnly }
}

/** Number of parties looked at; throws INPUT_INVALID where there is too little of either label. */
function partiesOf(rows: readonly BehaviourRow[]): number {
  const parties = new Set(rows.map(row => row.party)).size
  const spam = new Set(rows.filter(row => row.label === 1).map(row => row.party)).size
  if (spam < 20 || parties - spam < 20) {
    throw new RingfenceError(
      'INPUT_INVALID',
      `${parties} labelled parties were seen, ${spam} of them spam: too few to train on`,
      {
        hint: 'give records of at least 20 parties of each label; labels are for the parties in `from` and `to`',
      },
    )
  }
  return parties
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
