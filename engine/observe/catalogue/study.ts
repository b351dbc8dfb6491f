import { defineMetrics } from './spec.ts'

/** The national spam study. */
export const studyMetrics = defineMetrics({})
