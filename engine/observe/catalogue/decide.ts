import { defineMetrics } from './spec.ts'

/** The decision API, the SIP redirect server and appeals. */
export const decideMetrics = defineMetrics({})
