import { decideMetrics } from './decide.ts'
import { engineMetrics } from './engine.ts'
import { identityMetrics } from './identity.ts'
import { logMetrics } from './log.ts'
import { modelMetrics } from './models.ts'
import { processMetrics } from './process.ts'
import { qualityMetrics } from './quality.ts'
import type { MetricSpecs } from './spec.ts'
import { studyMetrics } from './study.ts'
import { tapMetrics } from './taps.ts'
import { verdictMetrics } from './verdicts.ts'

/** The parts of the catalogue under their headings in docs/metrics.md. */
export const metricParts = {
  Taps: tapMetrics,
  Engine: engineMetrics,
  'Verdicts and attacks': verdictMetrics,
  'Rules, feedback and quality': qualityMetrics,
  'Event log': logMetrics,
  Models: modelMetrics,
  'Identity and feeds': identityMetrics,
  'Decisions and appeals': decideMetrics,
  Study: studyMetrics,
  'Process and Node.js': processMetrics,
} as const satisfies Record<string, MetricSpecs>

/**
 * Every metric that Ringfence can export. To add one: an entry in the file of its concern here, then
 * `metrics.expose(NAME, read)`, and `npm run docs`.
 */
export const metricCatalogue = {
  ...tapMetrics,
  ...engineMetrics,
  ...verdictMetrics,
  ...qualityMetrics,
  ...logMetrics,
  ...modelMetrics,
  ...identityMetrics,
  ...decideMetrics,
  ...studyMetrics,
  ...processMetrics,
} as const

export type MetricName = keyof typeof metricCatalogue
export type { MetricSpec } from './spec.ts'
