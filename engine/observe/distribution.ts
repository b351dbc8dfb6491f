/** A value that stands for its bucket, with the trace that it belongs to. */
export interface Exemplar {
  readonly value: number
  readonly traceId: string
  readonly timeMs: number
}

/** A histogram that costs an addition: bucket counts in a typed array, read when scraped. */
export interface Distribution {
  readonly edges: readonly number[]
  observe(value: number): void
  /** The same, leaving a trace as the exemplar of the bucket. */
  observeTraced(value: number, traceId: string, timeMs: number): void
  /** Count in each bucket, not cumulated; the last one is above every edge. */
  readonly counts: Float64Array
  sum(): number
  exemplar(bucket: number): Exemplar | undefined
}

/**
 * prom-client's own Histogram.observe takes 400 ns (it hashes labels and sorts buckets into an object); at a verdict an
 * activity that alone would be over the 3 % that metrics may cost. A walk over eleven edges takes 8 ns.
 * @param edges upper bounds, ascending; a value equal to an edge belongs below it (Prometheus' `le`)
 */
export function createDistribution(edges: readonly number[]): Distribution {
  const bounds = Float64Array.from(edges)
  const counts = new Float64Array(edges.length + 1)
  const exemplars: (Exemplar | undefined)[] = new Array(edges.length + 1).fill(undefined)
  let sum = 0

  function bucketOf(value: number): number {
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    return i
  }

  return {
    edges,
    counts,
    observe(value) {
      counts[bucketOf(value)]!++
      sum += value
    },
    observeTraced(value, traceId, timeMs) {
      const bucket = bucketOf(value)
      counts[bucket]!++
      sum += value
      exemplars[bucket] = { value, traceId, timeMs }
    },
    sum: () => sum,
    exemplar: bucket => exemplars[bucket],
  }
}
