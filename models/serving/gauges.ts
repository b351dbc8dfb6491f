import { vectorNames } from '../../engine/features/index.ts'
import {
  type Drift,
  type ScoreRequest,
  type ScorerCounts,
  type ShadowCounts,
  type SkipReason,
  skipReasons,
} from '../../engine/scorer/index.ts'
import { type DriftGauge, driftGauge, type ModelName } from '../training/index.ts'
import type { Waiting } from './batcher.ts'
import type { FromWorker, LoadedModel, Scores, Slot } from './protocol.ts'

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
  counts(): Omit<ScorerCounts, 'queued' | 'backend'>
}

/** One row in so many is looked at for drift: the gauges are the engine's thread's own work. */
const DRIFT_EVERY = 8

interface Comparison {
  readonly version: string
  readonly threshold: number
  rows: number
  onlyLive: number
  onlyShadow: number
  sum: number
}

export function createGauges(): Gauges {
  const scored = { text: 0, behaviour: 0 }
  const skipped = Object.fromEntries(skipReasons.map(reason => [reason, 0])) as Record<SkipReason, number>
  const latencies = new Float64Array(LATENCIES)
  let batches = 0
  let swaps = 0
  let refused = 0
  let seen = 0
  const drift: Partial<Record<ModelName, DriftGauge[]>> = {}
  const shadows: Partial<Record<ModelName, Comparison>> = {}

  function compare(comparison: Comparison | undefined, { scores, shadow }: Scored): void {
    if (scores === undefined || shadow === undefined || comparison === undefined) return
    for (const [i, p] of scores.probability.entries()) {
      const said = p >= scores.threshold
      const alsoSaid = shadow[i]! >= comparison.threshold
      comparison.rows++
      if (said && !alsoSaid) comparison.onlyLive++
      if (alsoSaid && !said) comparison.onlyShadow++
      comparison.sum += shadow[i]! - p
    }
  }

  return {
    batch(about, rows, answer, nowMs) {
      latencies[batches % LATENCIES] = nowMs - rows[0]!.sinceMs
      batches++
      scored[about] += rows.length
      for (const [i, row] of rows.entries()) {
        if (seen++ % DRIFT_EVERY !== 0) continue
        for (const gauge of drift[about] ?? []) {
          const value = measured(gauge.of, row.request, answer.scores!, i)
          if (value !== undefined) gauge.add(value)
        }
      }
      compare(shadows[about], answer)
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
      else if (loaded === undefined) delete shadows[model]
      else {
        const { version, threshold } = loaded
        shadows[model] = { version, threshold, rows: 0, onlyLive: 0, onlyShadow: 0, sum: 0 }
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
        shadows: shadowsOf(shadows),
      }
    },
  }
}

// Of each row looked at a gauge a feature asks: a search of the list each time would grow with its square.
const places: ReadonlyMap<string, number> = new Map(vectorNames.map((name, place) => [name, place]))

/** What a gauge watches of one row: its score, its confidence, the length of its text or one of its features. */
function measured(of: string, request: ScoreRequest, scores: Scores, i: number): number | undefined {
  if (of === 'score') return scores.probability[i]
  if (of === 'confidence') return scores.confidence[i]
  if (request.about === 'text') return of === 'length' ? request.text.length : undefined
  const place = places.get(of)
  return place === undefined ? undefined : request.vector[place]
}

function driftOf(gauges: Partial<Record<ModelName, DriftGauge[]>>): Drift[] {
  return (['text', 'behaviour'] as const).flatMap(model =>
    (gauges[model] ?? []).map(gauge => ({ model, of: gauge.of, psi: gauge.psi(), rows: gauge.rows() })),
  )
}

function shadowsOf(shadows: Partial<Record<ModelName, Comparison>>): ShadowCounts[] {
  return (Object.entries(shadows) as [ModelName, Comparison][]).map(
    ([model, { version, rows, onlyLive, onlyShadow, sum }]) => ({
      model,
      version,
      rows,
      onlyLive,
      onlyShadow,
      meanDifference: rows === 0 ? 0 : sum / rows,
    }),
  )
}
