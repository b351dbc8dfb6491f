export { RULES_BEGIN, rulesDocument } from './document.ts'
export { createPackHolder, type PackHolder, type Reload } from './holder.ts'
export {
  createJudge,
  type Evidence,
  type Finding,
  type Judge,
  type RuleExplanation,
  type TermExplanation,
} from './judge.ts'
export { createListFiles, type ListFiles } from './list-files.ts'
export { type CheckedPack, checkPacks, loadPacks } from './load.ts'
export { modelFinding } from './model-finding.ts'
export type {
  Analysis,
  Category,
  Composite,
  ListEffect,
  ModelSymbol,
  Pack,
  Rule,
  SymbolSpec,
  Thresholds,
} from './pack.ts'
export { formatProblem, type PackProblem } from './problems.ts'
export type { ActivityFact, Subject, Vocabulary } from './vocabulary.ts'
export { type ChangeDetector, createChangeDetector, watchPacks } from './watch.ts'
