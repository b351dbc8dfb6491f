import type { Drift, ScoreRequest, ScorerCounts, ShadowCounts, SkipReason } from '../../engine/scorer/index.ts'
import { type DriftGauge, driftGauge, type ModelName } from '../training/index.ts'
import type { Waiting } from './batcher.ts'
import type { FromWorker, LoadedModel, Slot } from './protocol.ts'

/** Latencies kept for the quantiles. */
const LATENCIES = 2_048

type Scored = Extract<FromWorker, { type: 'scores' }>

/** Counters and gauges of a scorer: what `Scorer.counts` tells. */
export interface Gauges {
  batch(about: ScoreRequest['about'], rows: readonly Waiting[], scored: Scored, nowMs: number): void
  skip(reason: SkipReason): void
  refused(): void
  /** A model has taken its place; undefined when the place was emptied. */
  loaded(model: ModelName, slot: Slot, state: LoadedModel | undefined): void
  counts(): Omit<ScorerCounts, 'queued'>
}

export function createGauges(): Gauges {
  const scored = { text: 0, behaviour: 0 }
  const skipped: Record<SkipReason, number> = { 'no-model': 0, 'queue-full': 0, failed: 0, closed: 0 }
  const latencies = new Float64Array(LATENCIES)
  let batches = 0
  let swaps = 0
  let refused = 0
  const drift: Partial<Record<ModelName, DriftGauge[]>> = {}
  const shadow: {
    version: string
    threshold: number
    rows: number
    onlyLive: number
    onlyShadow: number
    sum: number
  } = {
    version: '',
    threshold: 1,
    rows: 0,
    onlyLive: 0,
    onlyShadow: 0,
    sum: 0,
  }

  function compare({ scores, shadow: other }: Scored): void {
    if (scores === undefined || other === undefined || shadow.version === '') return
    for (const [i, p] of scores.probability.entries()) {
      const said = p >= scores.threshold
      const alsoSaid = other[i]! >= shadow.threshold
      shadow.rows++
      if (said && !alsoSaid) shadow.onlyLive++
      if (alsoSaid && !said) shadow.onlyShadow++
      shadow.sum += other[i]! - p
    }
  }

  return {
    batch(about, rows, answer, nowMs) {
      latencies[batches % LATENCIES] = nowMs - rows[0]!.sinceMs
      batches++
      scored[about] += rows.length
      for (const gauge of drift[about] ?? []) {
        for (const [i, row] of rows.entries()) {
          if (gauge.of === 'score') gauge.add(answer.scores!.probability[i]!)
          else if (gauge.of === 'length' && row.request.about === 'text') gauge.add(row.request.text.length)
          else if (gauge.of === 'confidence') gauge.add(answer.scores!.confidence[i]!)
        }
      }
      compare(answer)
    },
    skip(reason) {
      skipped[reason]++
    },
    refused() {
      refused++
    },
    loaded(model, slot, loaded) {
      swaps++
      if (slot === 'live') drift[model] = (loaded?.reference ?? []).map(driftGauge)
      else {
        Object.assign(shadow, { rows: 0, onlyLive: 0, onlyShadow: 0, sum: 0 })
        shadow.version = loaded?.version ?? ''
        shadow.threshold = loaded?.threshold ?? 1
      }
    },
    counts() {
      const recent = latencies.slice(0, Math.min(batches, LATENCIES)).sort()
      return {
        scored: { ...scored },
        skipped: { ...skipped },
        batches,
        swaps,
        refused,
        latencyP50Ms: recent[Math.floor(recent.length * 0.5)] ?? 0,
        latencyP99Ms: recent[Math.floor(recent.length * 0.99)] ?? 0,
        drift: driftOf(drift),
        ...(shadow.version === '' ? {} : { shadow: shadowOf(shadow) }),
      }
    },
  }
}

function driftOf(gauges: Partial<Record<ModelName, DriftGauge[]>>): Drift[] {
  return (['text', 'behaviour'] as const).flatMap(model =>
    (gauges[model] ?? []).map(gauge => ({ model, of: gauge.of, psi: gauge.psi(), rows: gauge.rows() })),
  )
}

function shadowOf(shadow: {
  version: string
  rows: number
  onlyLive: number
  onlyShadow: number
  sum: number
}): ShadowCounts {
  const { version, rows, onlyLive, onlyShadow, sum } = shadow
  return { version, rows, onlyLive, onlyShadow, meanDifference: rows === 0 ? 0 : sum / rows }
}
