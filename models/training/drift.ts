import type { DriftReference } from './artefact.ts'

const BINS = 10

/** Ten bins that hold about a tenth of `values` each, with the share that each really holds. */
export function referenceOf(of: string, values: ArrayLike<number>): DriftReference {
  const sorted = Float64Array.from(values).sort()
  const edges: number[] = []
  for (let b = 1; b < BINS; b++) {
    const edge = sorted[Math.min(sorted.length - 1, Math.floor((b * sorted.length) / BINS))] ?? 0
    if (edges.length === 0 || edge > edges[edges.length - 1]!) edges.push(edge)
  }
  const counts = new Float64Array(edges.length + 1)
  for (const value of sorted) counts[binOf(edges, value)]! += 1
  return { of, edges, shares: Array.from(counts, n => Number((n / Math.max(1, sorted.length)).toFixed(6))) }
}

/** The bin of a value: the first whose upper edge is above it. */
function binOf(edges: readonly number[], value: number): number {
  let bin = 0
  while (bin < edges.length && value >= edges[bin]!) bin++
  return bin
}

/** Counts the rows served, bin by bin; halved now and then so that old traffic fades. */
export interface DriftGauge {
  readonly of: string
  add(value: number): void
  psi(): number
  rows(): number
}

/** Rows after which all counts are halved. */
const FADE_ROWS = 100_000

export function driftGauge(reference: DriftReference): DriftGauge {
  const counts = new Float64Array(reference.shares.length)
  let rows = 0
  let total = 0
  return {
    of: reference.of,
    add(value) {
      counts[binOf(reference.edges, value)]! += 1
      rows++
      total++
      if (total < FADE_ROWS) return
      for (let b = 0; b < counts.length; b++) counts[b]! /= 2
      total = counts.reduce((sum, n) => sum + n, 0)
    },
    psi: () => stabilityIndex(reference.shares, counts),
    rows: () => rows,
  }
}

/**
 * Population stability index: Σ (served − trained) · ln(served / trained) over the bins, each share at least 0.01 % so that
 * an empty bin stays finite. Below 0.1 nothing to see, above 0.25 the population has moved (Siddiqi, 2006).
 */
export function stabilityIndex(shares: ArrayLike<number>, counts: ArrayLike<number>): number {
  let total = 0
  for (let b = 0; b < counts.length; b++) total += counts[b]!
  if (total === 0) return 0
  let psi = 0
  for (let b = 0; b < counts.length; b++) {
    const trained = Math.max(1e-4, shares[b]!)
    const served = Math.max(1e-4, counts[b]! / total)
    psi += (served - trained) * Math.log(served / trained)
  }
  return psi
}
