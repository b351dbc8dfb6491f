import { fileURLToPath } from 'node:url'
import type { ScoreReason } from '../../engine/scorer/index.ts'
import { type BackendChoice, openBackend } from '../backend/index.ts'
import { type Figures, figuresOf } from '../training/index.ts'
import { type ActivityFeed, type BehaviourRow, createCollector } from './collect.ts'
import { createBehaviourJudge } from './judge.ts'
import { fifthOf, readLabels, TEST_FIFTH } from './labels.ts'
import { scoresOfRows } from './scores.ts'
import { readBehaviourWeights } from './weights.ts'

/** Folder of the weights that come with the program. */
export const behaviourWeightsFolder: string = fileURLToPath(
  new URL('../../../models/behaviour/weights/', import.meta.url),
)

export interface EvaluateBehaviourOptions {
  /** Activities in time order, as `replay` makes them of records. */
  readonly activities: ActivityFeed
  /** CSV file: party,label. */
  readonly labels: string
  /** Model file; the one that comes with the program when absent. */
  readonly model?: string
  readonly backend?: BackendChoice
  readonly callsOnly?: boolean
  /** Only the fifth of the parties that no training touches. */
  readonly heldOut?: boolean
}

export interface BehaviourEvaluation {
  readonly model: string
  readonly parties: number
  readonly spam: number
  readonly auc: number | null
  readonly recallAt1pct: number | null
  readonly recallAt0_1pct: number | null
  readonly threshold: number
  readonly recall: number | null
  readonly fpr: number | null
  readonly ece: number
  readonly all: Figures
  /** The fifth that took no part in training, at the same threshold; null when none of the parties is in it. */
  readonly heldOut: Figures | null
}

/** A party with its score, and what moved it. */
export interface ScoredParty {
  readonly party: string
  readonly label: 0 | 1
  readonly score: number
  reasons(): readonly ScoreReason[]
}

/** Scores labelled parties at their last activity (DESIGN §9). */
export async function evaluateBehaviour(options: EvaluateBehaviourOptions): Promise<BehaviourEvaluation> {
  return (await scoreParties(options)).evaluation
}

/** The same with every scored party, for the report. */
export async function scoreParties(
  options: EvaluateBehaviourOptions,
): Promise<{ evaluation: BehaviourEvaluation; rows: ScoredParty[] }> {
  const weights = readBehaviourWeights(options.model ?? `${behaviourWeightsFolder}model.bin`)
  const labels = readLabels(options.labels)
  const collector = createCollector(labels, options.callsOnly ?? false)
  await options.activities(collector.observe)
  const { tf } = await openBackend(options.backend ?? 'auto')
  const last = collector
    .finish()
    .filter(row => row.last && (options.heldOut !== true || fifthOf(row.party) === TEST_FIFTH))
  const scores = scoresOfRows(tf, weights, last)
  const { threshold, version } = weights.header
  const all = figuresAt(last, scores, threshold)
  const kept = last.flatMap((row, i) => (fifthOf(row.party) === TEST_FIFTH ? [i] : []))
  const heldOut =
    kept.length === 0
      ? null
      : figuresAt(
          kept.map(i => last[i]!),
          kept.map(i => scores[i]!),
          threshold,
        )
  const { auc, recallAt1pct, recallAt0_1pct, recall, fpr, ece, spam } = all
  const figures = { parties: last.length, spam, auc, recallAt1pct, recallAt0_1pct, threshold, recall, fpr, ece }
  const judge = createBehaviourJudge(tf, weights)
  return {
    evaluation: { model: version, ...figures, all, heldOut },
    rows: last.map(({ party, label, vector }, i) => ({
      party,
      label,
      score: scores[i]!,
      reasons: () => judge.reasons(vector, 0),
    })),
  }
}

function figuresAt(rows: readonly BehaviourRow[], scores: ArrayLike<number>, threshold: number): Figures {
  return figuresOf(
    scores,
    rows.map(row => row.label),
    threshold,
  )
}
