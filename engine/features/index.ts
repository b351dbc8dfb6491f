export {
  type Behaviour,
  type BehaviourCounts,
  type BehaviourOptions,
  createBehaviour,
  type Observation,
} from './behaviour.ts'
export { catalogue, featureIndex } from './catalogue.ts'
export { featuresDocument } from './document.ts'
export { type ActivityFacts, type NumberFacts, noFacts } from './facts.ts'
export type { Feature, Side } from './feature.ts'
export type { PartyRow, Reader } from './row.ts'
export { schemaHash, vectorNames, vectorOf } from './vector.ts'
