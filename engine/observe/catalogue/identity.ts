import { defineMetrics } from './spec.ts'

/** Verified caller identity, number intelligence, feeds and trust in reporters. */
export const identityMetrics = defineMetrics({})
