export { openScorer, type ScorerOptions } from './scorer.ts'
