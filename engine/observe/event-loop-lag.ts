import { createHistogram } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

const PREFIX = 'ringfence_nodejs_eventloop_lag_'
/** Four looks a second wake a process without traffic seldom, and find a stall that matters within a scrape. */
const SAMPLE_MS = 250

/**
 * By how much timers come late, since the last scrape: what sockets wait for this thread. In place of prom-client's
 * gauges of these names, which look a hundred times a second and count the time between two looks as lag.
 */
export function exposeEventLoopLag(registry: Registry): void {
  const late = createHistogram()
  let dueMs = performance.now() + SAMPLE_MS
  setInterval(() => {
    const nowMs = performance.now()
    // A histogram takes whole numbers from 1 on.
    late.record(Math.max(1, Math.round((nowMs - dueMs) * 1e6)))
    dueMs = nowMs + SAMPLE_MS
  }, SAMPLE_MS).unref()

  const gauges: { readonly gauge: Gauge; readonly read: () => number }[] = []
  const expose = (statistic: string, read: () => number, collect?: () => void) => {
    const name = `${PREFIX}${statistic}_seconds`
    registry.removeSingleMetric(name)
    const gauge = new Gauge({
      name,
      help: `Event loop delay, ${statistic}`,
      registers: [registry],
      ...(collect === undefined ? {} : { collect }),
    })
    gauges.push({ gauge, read })
  }
  /** The first gauge is asked first, and sets them all from the same samples. */
  const collectAll = () => {
    for (const { gauge, read } of gauges) gauge.set(late.count === 0 ? 0 : read() / 1e9)
    late.reset()
  }
  expose('min', () => late.min, collectAll)
  expose('max', () => late.max)
  expose('mean', () => late.mean)
  expose('stddev', () => late.stddev)
  for (const percent of [50, 90, 99]) expose(`p${percent}`, () => late.percentile(percent))
}
