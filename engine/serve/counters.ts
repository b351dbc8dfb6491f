import { createTally, type Exposition, type Tally } from '../observe/index.ts'

/** What the API counts; labels come from closed lists and from the paths of its own routes. */
export interface ApiCounters {
  /** By method, route, status. */
  readonly requests: Tally
  /** By `Refusal`. */
  readonly refused: Tally
  /** Seconds that a decision took. */
  observe(seconds: number): void
}

/** Counters of the API, exported from now on. */
export function apiCounters(metrics: Exposition): ApiCounters {
  const requests = createTally(3)
  const refused = createTally(1)
  const duration = metrics.distribution('ringfence_api_decide_seconds')
  metrics.expose('ringfence_api_requests_total', requests.samples)
  metrics.expose('ringfence_api_refused_total', refused.samples)
  return { requests, refused, observe: seconds => duration.observe(seconds) }
}
