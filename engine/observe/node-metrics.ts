import { collectDefaultMetrics, type Registry } from 'prom-client'
import { exposeEventLoopLag } from './event-loop-lag.ts'

/** Gauges by kind stay; their totals carry a counter's suffix, which `promtool check metrics` rightly refuses. */
const misnamed = ['active_handles_total', 'active_requests_total', 'active_resources_total']

/** prom-client looks at the event loop a hundred times a second, 0.6 % of a core in a process that has nothing to do. */
const NEVER_MS = 2 ** 31 - 1

/** Process and Node.js runtime, as prom-client measures them; the event loop's lag as we do. */
export function exposeNode(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'ringfence_', eventLoopMonitoringPrecision: NEVER_MS })
  for (const name of misnamed) registry.removeSingleMetric(`ringfence_nodejs_${name}`)
  exposeEventLoopLag(registry)
}
