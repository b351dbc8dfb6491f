import type { Scorer } from '../scorer/index.ts'
import type { Exposition, Sample } from './exposition.ts'

export type ScorerSource = Pick<Scorer, 'version' | 'counts'>

/**
 * Rows looked at before drift is told. Of n rows of the very population that was learnt from, the index over ten bins is about
 * χ² with nine degrees of freedom over n (Yurdakul, 2018): from 300 rows on it is below 0.1, where there is nothing to see, in
 * 999 of 1,000 cases. Of 20 rows it is above 0.25 in six of seven, since a bin that chance left empty alone adds 0.7.
 */
const DRIFT_LEAST_ROWS = 300

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
  expose('ringfence_model_drift_psi', function* () {
    for (const { model, of, psi, rows } of counts().drift) if (rows >= DRIFT_LEAST_ROWS) yield [psi, model, of]
  })
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
