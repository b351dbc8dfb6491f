import { defineMetrics } from './spec.ts'

const model = ['model'] as const
const models = 'text and behaviour'

/** The models' worker threads, seen from the engine's Scorer port. */
export const modelMetrics = defineMetrics({
  ringfence_model_info: {
    type: 'gauge',
    help: 'Models that serve: their versions and the TensorFlow backend',
    labels: ['version', 'backend'],
    bound: 'one a process',
    series: 1,
  },
  ringfence_model_scored_total: { type: 'counter', help: 'Rows scored', labels: model, bound: models },
  ringfence_model_skipped_total: {
    type: 'counter',
    help: 'Rows that no model scored (the verdict went out on rules alone), by reason',
    labels: ['reason'],
    bound: 'no-model, queue-full, late, failed, closed',
  },
  ringfence_model_batches_total: { type: 'counter', help: 'Batches scored' },
  ringfence_model_queue_rows: { type: 'gauge', help: 'Rows waiting for a model' },
  ringfence_model_swaps_total: { type: 'counter', help: 'Models that took their place' },
  ringfence_model_refused_total: { type: 'counter', help: 'Models that did not load; the ones before serve on' },
  ringfence_model_latency_p50_seconds: {
    type: 'gauge',
    help: 'Median time of a batch in queue and model, over the last 2,048 batches',
  },
  ringfence_model_latency_p99_seconds: {
    type: 'gauge',
    help: '99th percentile of the time of a batch in queue and model, over the last 2,048 batches',
  },
  ringfence_model_drift_psi: {
    type: 'gauge',
    help: 'Population stability index of what is scored against the training set, from 300 rows looked at (one in eight is); above 0.25 the model wants retraining',
    labels: ['model', 'of'],
    bound: 'models and their watched inputs',
  },
  ringfence_model_shadow_rows_total: { type: 'counter', help: 'Rows that the shadow model scored beside the live one' },
  ringfence_model_shadow_disagreements_total: {
    type: 'counter',
    help: 'Rows that only one of the two calls spam',
    labels: ['spam_for'],
    bound: 'live or shadow',
  },
})
