import type { Scorer } from '../scorer/index.ts'
import type { Exposition, Sample } from './exposition.ts'

export type ScorerSource = Pick<Scorer, 'version' | 'counts'>

/** Exposes what the models do: rows scored and skipped, swaps, time, drift, and how a shadow model compares. */
export function exposeScorer({ expose }: Exposition, scorer: ScorerSource): void {
  const { counts } = scorer
  expose('ringfence_model_info', () => [[1, scorer.version, counts().backend]])
  expose('ringfence_model_scored_total', () => samples(counts().scored))
  expose('ringfence_model_skipped_total', () => samples(counts().skipped))
  expose('ringfence_model_batches_total', () => counts().batches)
  expose('ringfence_model_queue_rows', () => counts().queued)
  expose('ringfence_model_swaps_total', () => counts().swaps)
  expose('ringfence_model_refused_total', () => counts().refused)
  expose('ringfence_model_latency_p50_seconds', () => counts().latencyP50Ms / 1000)
  expose('ringfence_model_latency_p99_seconds', () => counts().latencyP99Ms / 1000)
  expose('ringfence_model_drift_psi', () => counts().drift.map(({ model, of, psi }) => [psi, model, of] as const))
  expose('ringfence_model_shadow_rows_total', () => total(counts().shadows.map(shadow => shadow.rows)))
  expose('ringfence_model_shadow_disagreements_total', () => [
    [total(counts().shadows.map(shadow => shadow.onlyLive)), 'live'],
    [total(counts().shadows.map(shadow => shadow.onlyShadow)), 'shadow'],
  ])
}

function samples(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([label, rows]) => [rows, label])
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, n) => sum + n, 0)
}
