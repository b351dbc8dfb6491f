export { type Batcher, type BatcherOptions, createBatcher, type Waiting } from './batcher.ts'
export { type ModelsConfig, modelsSchema, shippedModel } from './options.ts'
export { openScorer, type ScorerOptions } from './scorer.ts'
