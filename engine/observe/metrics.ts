import type { Registry } from 'prom-client'
import type { MetricName } from './catalogue/index.ts'
import type { QueueCounters, TapCounters } from './counters.ts'
import type { EngineCounters } from './engine-counters.ts'
import { createExposition, type Exposition } from './exposition.ts'
import { exposeNode } from './node-metrics.ts'
import { OPEN_METRICS, openMetrics } from './open-metrics.ts'
import { exposeScorer, type ScorerSource } from './scorer-metrics.ts'
import { createVerdictMeter, type VerdictMeter } from './verdict-meter.ts'

export type Stage = 'append' | 'wait' | 'judge' | 'publish' | 'snapshot'

export interface Metrics extends Exposition {
  readonly registry: Registry
  readonly meter: VerdictMeter
  /** Exposes a tap's counters from now on. */
  addTap(tap: string, type: string, counters: TapCounters, queue: QueueCounters): void
  /** Exposes what the models do from now on. */
  addScorer(scorer: ScorerSource): void
  /** Seconds from the event to its verdict; with the trace that it belongs to, an exemplar. */
  observeLatency(seconds: number, traceId?: string): void
  /** Time that one batch spent in a stage. */
  observeStage(stage: Stage, seconds: number): void
  /** The page for a scraper that accepts these formats: OpenMetrics (with exemplars) when it asks for it. */
  page(accept: string | undefined): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface MetricsOptions {
  readonly roles?: readonly string[]
  /** Constant label `tenant` on every series: whose traffic this installation judges. None when empty. */
  readonly tenant?: string
  /** Country of a party, for the volume by country; all `none` without. */
  readonly countryOf?: (party: string) => string
  readonly now?: () => number
}

/**
 * The metrics of a process. Nothing is labelled with a number, an address or a Call-ID: labels come from configuration
 * (tap names) and closed lists (reasons, kinds, actions, categories, symbols of the packs).
 */
export function createMetrics(engine: EngineCounters, version: string, options: MetricsOptions = {}): Metrics {
  const { roles = [], tenant = '', countryOf = () => 'none', now = Date.now } = options
  const exposition = createExposition()
  const { registry, expose } = exposition
  if (tenant !== '') registry.setDefaultLabels({ tenant })
  exposeNode(registry)
  expose('ringfence_build_info', () => [[1, version, roles.join('+')]])
  if (roles.length === 0 || roles.includes('engine')) exposeEngine(exposition, engine)
  const meter = createVerdictMeter(exposition, { countryOf, now })
  const latency = exposition.distribution('ringfence_verdict_latency_seconds')
  const stages = {} as Record<Stage, ReturnType<Exposition['distribution']>>
  for (const stage of ['append', 'wait', 'judge', 'publish', 'snapshot'] as const)
    stages[stage] = exposition.distribution('ringfence_stage_seconds', stage)
  const taps: TapSource[] = []
  if (roles.length === 0 || roles.includes('tap')) exposeTaps(exposition, taps)
  return {
    ...exposition,
    meter,
    addTap: (tap, type, counters, queue) => taps.push({ tap, type, counters, queue }),
    addScorer: scorer => exposeScorer(exposition, scorer),
    observeLatency(seconds, traceId) {
      if (traceId === undefined) latency.observe(seconds)
      else latency.observeTraced(seconds, traceId, now())
    },
    observeStage: (stage, seconds) => stages[stage].observe(seconds),
    async page(accept) {
      if (accept?.includes('application/openmetrics-text') === true)
        return { contentType: OPEN_METRICS, text: await openMetrics(registry) }
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

function exposeEngine({ expose }: Exposition, engine: EngineCounters): void {
  expose('ringfence_activities_total', engine.activities.samples)
  expose('ringfence_duplicates_total', () => engine.duplicates)
  expose('ringfence_late_total', () => engine.late)
  expose('ringfence_clamped_total', () => engine.clamped)
  expose('ringfence_evicted_parties_total', () => engine.evicted)
  expose('ringfence_dead_letters_total', () => engine.deadLetters)
  expose('ringfence_reputations_total', () => engine.reputations)
  expose('ringfence_campaigns_total', () => engine.campaigns)
  expose('ringfence_snapshots_total', () => engine.snapshots)
  expose('ringfence_parties', () => engine.parties)
  expose('ringfence_suspects', () => engine.suspects)
  expose('ringfence_state_bytes', () => engine.stateBytes)
  expose('ringfence_partitions_ready', () => engine.ready.size)
  expose('ringfence_partitions_owned', () => engine.ready.size + engine.restoring.size)
  expose('ringfence_restore_seconds', () => engine.restoreSeconds)
  // No sample before the first: "never" must not read as "in 1970".
  expose('ringfence_last_snapshot_timestamp_seconds', () =>
    engine.lastSnapshotMs === 0 ? [] : engine.lastSnapshotMs / 1000,
  )
  expose('ringfence_lag_records', function* () {
    for (const [partition, lag] of engine.lag) yield [lag, String(partition)]
  })
  expose('ringfence_pack_info', () => (engine.pack === '' ? [] : [[1, engine.pack]]))
  expose('ringfence_pack_reloads_total', () => engine.packReloads)
  expose('ringfence_pack_refused_total', () => engine.packRefused)
  expose('ringfence_pack_last_reload_success', () => (engine.packStale ? 0 : 1))
}

interface TapSource {
  readonly tap: string
  readonly type: string
  readonly counters: TapCounters
  readonly queue: QueueCounters
}

type TapReader = (counters: TapCounters, queue: QueueCounters) => number

const tapMetrics: readonly (readonly [MetricName, TapReader])[] = [
  ['ringfence_tap_received_total', counters => counters.received],
  ['ringfence_tap_bytes_total', counters => counters.bytes],
  ['ringfence_tap_decoded_total', counters => counters.decoded],
  ['ringfence_tap_activities_total', counters => counters.activities],
  ['ringfence_tap_evicted_total', counters => counters.evicted],
  ['ringfence_tap_dialogs', counters => counters.tracked],
  ['ringfence_tap_lost_total', (_, queue) => queue.dropped],
  ['ringfence_tap_queue_activities', (_, queue) => queue.queued],
  ['ringfence_tap_spilled_activities', (_, queue) => queue.spilled],
  ['ringfence_tap_spilled_bytes', (_, queue) => queue.spilledBytes ?? 0],
  ['ringfence_tap_refused_total', (_, queue) => queue.invalid ?? 0],
  ['ringfence_tap_append_failures_total', (_, queue) => queue.failures ?? 0],
]

function exposeTaps({ expose }: Exposition, taps: readonly TapSource[]): void {
  for (const [name, read] of tapMetrics) {
    expose(name, function* () {
      for (const { tap, type, counters, queue } of taps) yield [read(counters, queue), tap, type] as const
    })
  }
  expose('ringfence_tap_dropped_total', function* () {
    for (const { tap, type, counters } of taps)
      for (const [reason, drops] of counters.dropped) yield [drops, tap, type, reason]
  })
}
