export {
  createJudge,
  type Evidence,
  type Finding,
  type Judge,
  type RuleExplanation,
  type TermExplanation,
} from './judge.ts'
export { type CheckedPack, checkPacks, loadPacks } from './load.ts'
export type { Analysis, Category, Composite, ListEffect, Pack, Rule, SymbolSpec, Thresholds } from './pack.ts'
export { formatProblem, type PackProblem } from './problems.ts'
export {
  type ActivityFact,
  activityFacts,
  type Subject,
  type Vocabulary,
} from './vocabulary.ts'
