export { type FollowedReputation, type FollowOptions, followReputation } from './follow.ts'
export { createReputationView, type HeldReputation, type ReputationView, type ViewCounters } from './view.ts'
