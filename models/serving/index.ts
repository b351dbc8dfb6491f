export { type Batcher, type BatcherOptions, createBatcher, type Waiting } from './batcher.ts'
export { openScorer, type ScorerOptions } from './scorer.ts'
