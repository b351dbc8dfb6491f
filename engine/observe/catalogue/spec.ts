/**
 * One metric as it is exported and documented. Its catalogue entry is the only place that names it: the registry takes
 * type, help and labels from here, docs/metrics.md is written from here, and what is not here cannot be exported.
 */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** A sentence without a full stop; ends up in HELP and in docs/metrics.md. */
  readonly help: string
  /** Label names, in the order in which samples give their values. */
  readonly labels?: readonly string[]
  /** Where the label values come from: why the set is bounded. Documentation, required once there are labels. */
  readonly bound?: string
  /** Most series that one process exports; the sum of the rest goes under `other`. Default 200. */
  readonly series?: number
  /** Upper edges of a histogram's buckets. */
  readonly buckets?: readonly number[]
}

/** Metrics of one concern; a name says its unit and, for a counter, ends in `_total` (Prometheus naming practices). */
export type MetricSpecs = Readonly<Record<`ringfence_${string}`, MetricSpec>>

/** Keeps the names as a type, so that a part can only export what the catalogue has. */
export function defineMetrics<const S extends MetricSpecs>(specs: S): S {
  return specs
}

/** 0.05 s is the latency objective (DESIGN §11) and so must be an edge. */
export const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30] as const
