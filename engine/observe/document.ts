import { metricParts } from './catalogue/index.ts'
import type { MetricSpec } from './catalogue/spec.ts'

/** docs/metrics.md, from the catalogue. */
export function metricsDocument(): string {
  const parts = Object.entries(metricParts).flatMap(([heading, specs]) => {
    const rows = Object.entries<MetricSpec>(specs).map(row)
    if (rows.length === 0) return []
    return [`## ${heading}\n`, '| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, '']
  })
  return `# Metrics

Every metric that \`/metrics\` exports, generated from one catalogue (\`engine/observe/catalogue\`, \`npm run docs\`). Names
follow Prometheus' conventions: base units, \`_total\` for counters, \`_info\` for versions. A process exports what its roles
need. No label ever holds a subscriber's number, an address or a Call-ID; each metric's label set is bounded, and what
would go beyond is summed under \`other\`. With \`metrics.tenant\` every series has that \`tenant\` label.

A scraper that accepts OpenMetrics gets exemplars on \`ringfence_verdict_latency_seconds\` where tracing is on.
Alerts on these metrics and what to do about each: [runbook](runbook.md).

${parts.join('\n')}`
}

function row([name, spec]: [string, MetricSpec]): string {
  const { labels = [], bound } = spec
  const shown = labels.length === 0 ? '–' : `${labels.map(label => `\`${label}\``).join(' ')}: ${bound ?? ''}`
  const buckets = spec.buckets === undefined ? '' : `; buckets ${spec.buckets.join(', ')}`
  return `| \`${name}\` | ${spec.type} | ${shown} | ${spec.help}${buckets} |`
}
