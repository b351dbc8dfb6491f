import { collectDefaultMetrics, type Registry } from 'prom-client'

/** Gauges by kind stay; their totals carry a counter's suffix, which `promtool check metrics` rightly refuses. */
const misnamed = ['active_handles_total', 'active_requests_total', 'active_resources_total']

/** Process and Node.js runtime, as prom-client measures them. */
export function exposeNode(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'ringfence_' })
  for (const name of misnamed) registry.removeSingleMetric(`ringfence_nodejs_${name}`)
}
