import { defineMetrics } from './spec.ts'

/** The event log as this process sees it: Kafka's connection or the embedded files. */
export const logMetrics = defineMetrics({})
