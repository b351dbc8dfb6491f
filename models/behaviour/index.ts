export { type ActivityFeed, type BehaviourRow, type Collector, createCollector } from './collect.ts'
export {
  type BehaviourEvaluation,
  behaviourWeightsFolder,
  type EvaluateBehaviourOptions,
  evaluateBehaviour,
  type ScoredParty,
  scoreParties,
} from './evaluate.ts'
export { type BehaviourFit, defaultBehaviourFit } from './fit.ts'
export { type BehaviourJudge, type BehaviourScores, createBehaviourJudge } from './judge.ts'
export { fifthOf, parseLabels, readLabels, TEST_FIFTH } from './labels.ts'
export { learnFrom } from './learn.ts'
export { looksOf } from './looks.ts'
export { scoresOfRows } from './scores.ts'
export { type TrainBehaviourOptions, type TrainedBehaviour, trainBehaviour } from './train.ts'
export { type BehaviourWeights, readBehaviourWeights } from './weights.ts'
