export { exposeReports } from './metrics.ts'
export { createReports, type LostReport, type Reports } from './reports.ts'
export { type FeedbackOptions, feedbackDefaults, feedbackSchema } from './schema.ts'
export { createReporterTrust, type ReporterTrust, type TrustCounters } from './trust.ts'
