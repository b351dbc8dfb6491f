export { type ActivityFeed, type BehaviourRow, type Collector, createCollector } from './collect.ts'
export {
  type BehaviourEvaluation,
  behaviourWeightsFolder,
  type EvaluateBehaviourOptions,
  evaluateBehaviour,
  type ScoredParty,
  scoreParties,
} from './evaluate.ts'
export { type BehaviourJudge, type BehaviourScores, createBehaviourJudge } from './judge.ts'
export { parseLabels, partOf } from './labels.ts'
export { type TrainBehaviourOptions, type TrainedBehaviour, trainBehaviour } from './train.ts'
export { type BehaviourWeights, readBehaviourWeights } from './weights.ts'
