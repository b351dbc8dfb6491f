import { type Metric, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import { type MetricName, type MetricSpec, metricCatalogue } from './catalogue/index.ts'
import { createDistribution, type Distribution } from './distribution.ts'
import { OTHER } from './tally.ts'

/** A value and the values of the metric's labels, in the catalogue's order. */
export type Sample = readonly [value: number, ...labels: string[]]

/** What a metric reads when it is scraped: one value, or one for each combination of labels. */
export type ReadMetric = () => number | Iterable<Sample>

export interface Exposition {
  readonly registry: Registry
  /**
   * Exports a counter or gauge of the catalogue from now on; the hot path counts plain numbers and this reads them when
   * scraped. Several parts may expose one metric: equal series are added up.
   * @throws Error when the metric is a histogram
   */
  expose(name: MetricName, read: ReadMetric): void
  /**
   * Exports a histogram of the catalogue and gives what to observe into; with labels, one for each combination.
   * @throws Error when the metric is no histogram
   */
  distribution(name: MetricName, ...labels: readonly string[]): Distribution
}

type Value = MetricValue<string> & { metricName?: string; exemplar?: unknown }

const DEFAULT_SERIES = 200

/** A registry whose metrics are those of the catalogue, with bounded label sets. */
export function createExposition(registry = new Registry()): Exposition {
  const reads = new Map<MetricName, ReadMetric[]>()
  const histograms = new Map<MetricName, Map<string, LabelledDistribution>>()

  function register(name: MetricName, values: () => Value[]): void {
    const { type, help } = specOf(name)
    const metric = { name, help, type, aggregator: 'sum', values: [] }
    // prom-client asks a metric for `get` alone; its own classes would hash labels for every value of every scrape.
    registry.registerMetric({ ...metric, get: async () => ({ ...metric, values: values() }) } as unknown as Metric)
  }

  return {
    registry,
    expose(name, read) {
      const spec = specOf(name)
      if (spec.type === 'histogram') throw new Error(`${name} is a histogram: use distribution`)
      const known = reads.get(name)
      if (known !== undefined) known.push(read)
      else {
        const all = [read]
        reads.set(name, all)
        register(name, () => seriesOf(spec, all))
      }
    },
    distribution(name, ...labels) {
      const spec = specOf(name)
      if (spec.type !== 'histogram') throw new Error(`${name} is a ${spec.type}: use expose`)
      let all = histograms.get(name)
      if (all === undefined) {
        const created = new Map<string, LabelledDistribution>()
        all = created
        histograms.set(name, created)
        register(name, () => [...created.values()].flatMap(each => bucketsOf(name, each)))
      }
      const key = labels.join(' ')
      let found = all.get(key)
      if (found === undefined) {
        found = { labels: named(spec, labels), distribution: createDistribution(spec.buckets ?? []) }
        all.set(key, found)
      }
      return found.distribution
    },
  }
}

interface LabelledDistribution {
  readonly labels: Record<string, string>
  readonly distribution: Distribution
}

function specOf(name: MetricName): MetricSpec {
  return metricCatalogue[name]
}

/** All samples of a metric; past its bound they are summed under `other`. */
function seriesOf(spec: MetricSpec, reads: readonly ReadMetric[]): Value[] {
  const series = new Map<string, Value>()
  const limit = spec.series ?? DEFAULT_SERIES
  for (const read of reads) {
    const samples = read()
    for (const [value, ...labels] of typeof samples === 'number' ? [[samples] as Sample] : samples) {
      if (!Number.isFinite(value)) continue
      let safe = labels.map(harmless)
      let key = safe.join('\n')
      if (!series.has(key) && series.size >= limit) {
        safe = labels.map(() => OTHER)
        key = safe.join('\n')
      }
      const known = series.get(key)
      if (known === undefined) series.set(key, { value, labels: named(spec, safe) })
      else known.value += value
    }
  }
  return [...series.values()]
}

/**
 * The last line of defence: labels come from closed lists and configuration, and should one ever carry what looks like a
 * telephone number, an address or an identifier off the wire, it is not shown.
 */
function harmless(label: string): string {
  return label.length > 128 || /@|\d{7}|\b\d{1,3}(?:\.\d{1,3}){3}\b|^(?:sips?|tel|ip):/i.test(label)
    ? 'withheld'
    : label
}

function named(spec: MetricSpec, values: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const [i, label] of (spec.labels ?? []).entries()) labels[label] = values[i] ?? ''
  return labels
}

function bucketsOf(name: string, { labels, distribution }: LabelledDistribution): Value[] {
  const values: Value[] = []
  let cumulated = 0
  for (const [i, count] of distribution.counts.entries()) {
    cumulated += count
    const le = i < distribution.edges.length ? String(distribution.edges[i]) : '+Inf'
    const exemplar = distribution.exemplar(i)
    values.push({
      metricName: `${name}_bucket`,
      labels: { le, ...labels },
      value: cumulated,
      ...(exemplar === undefined
        ? {}
        : {
            exemplar: {
              labelSet: { trace_id: exemplar.traceId },
              value: exemplar.value,
              timestamp: exemplar.timeMs / 1000,
            },
          }),
    })
  }
  values.push({ metricName: `${name}_sum`, labels, value: distribution.sum() })
  values.push({ metricName: `${name}_count`, labels, value: cumulated })
  return values
}

export type ScrapedMetric = MetricObjectWithValues<MetricValue<string>>
