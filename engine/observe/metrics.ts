import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { QueueCounters, TapCounters } from './counters.ts'
import type { EngineCounters } from './engine-counters.ts'

export interface Metrics {
  readonly registry: Registry
  /** Exposes a tap's counters from now on. */
  addTap(tap: string, type: string, counters: TapCounters, queue: QueueCounters): void
  /** Seconds from capture to verdict, as the engine sees it. */
  observeLatency(seconds: number): void
}

/** Bucket edges in seconds; 0.05 is the objective (DESIGN §11) and so must be an edge. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30]

/**
 * The metrics registry. Nothing is labelled with a number, an address or a Call-ID: labels come from configuration
 * (tap names) and closed lists (reasons, kinds, actions, categories, symbols of the packs).
 */
export function createMetrics(engine: EngineCounters, version: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'ringfence_' })
  const taps: TapSource[] = []

  plainCounter(registry, 'ringfence_pack_reloads_total', 'Packs loaded again and taken', () => engine.packReloads)
  plainCounter(
    registry,
    'ringfence_pack_refused_total',
    'Packs that did not load; the ones before stayed',
    () => engine.packRefused,
  )
  new Gauge({
    name: 'ringfence_pack_info',
    help: 'Version of the packs in force',
    labelNames: ['version'],
    registers: [registry],
    collect() {
      this.reset()
      if (engine.pack !== '') this.set({ version: engine.pack }, 1)
    },
  })
  const info = new Gauge({
    name: 'ringfence_build_info',
    help: 'Version of this process',
    labelNames: ['version'],
    registers: [registry],
  })
  info.set({ version }, 1)

  tapCounter(registry, taps, 'received', 'Packets, frames, PDUs or lines taken from the source', c => c.received)
  tapCounter(registry, taps, 'bytes', 'Bytes taken from the source', c => c.bytes)
  tapCounter(registry, taps, 'decoded', 'Signals decoded', c => c.decoded)
  tapCounter(registry, taps, 'activities', 'Activities emitted, each role copy counted', c => c.activities)
  new Counter({
    name: 'ringfence_tap_dropped_total',
    help: 'Input dropped, by reason',
    labelNames: ['tap', 'type', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { tap, type, counters } of taps)
        for (const [reason, value] of counters.dropped) this.inc({ tap, type, reason }, value)
    },
  })
  tapCounter(registry, taps, 'evicted', 'Dialogs given up because there were too many', c => c.evicted)
  tapGauge(registry, taps, 'dialogs', 'Dialogs and transactions followed at this moment', (_, c) => c.tracked)
  tapCounter(registry, taps, 'lost', 'Activities lost because queue and spill were full', (_, queue) => queue.dropped)
  tapGauge(registry, taps, 'queue_activities', 'Activities waiting in memory for the event log', queue => queue.queued)
  tapGauge(
    registry,
    taps,
    'spilled_activities',
    'Activities waiting on local disk for the event log',
    queue => queue.spilled,
  )

  mapCounter(registry, 'ringfence_activities_total', 'Activities applied', ['kind', 'role'], engine.activities)
  mapCounter(
    registry,
    'ringfence_verdicts_total',
    'Verdicts published',
    ['action', 'category', 'kind'],
    engine.verdicts,
  )
  mapCounter(
    registry,
    'ringfence_symbol_hits_total',
    'Findings, by symbol and whether it counted',
    ['symbol', 'state'],
    engine.symbols,
  )
  plainCounter(
    registry,
    'ringfence_duplicates_total',
    'Activities seen before and not counted again',
    () => engine.duplicates,
  )
  plainCounter(registry, 'ringfence_late_total', 'Activities older than the newest window bucket', () => engine.late)
  plainCounter(
    registry,
    'ringfence_clamped_total',
    'Activities with a time in the future, clamped',
    () => engine.clamped,
  )
  plainCounter(
    registry,
    'ringfence_evicted_parties_total',
    'Parties evicted, by idleness or memory bound',
    () => engine.evicted,
  )
  plainCounter(
    registry,
    'ringfence_dead_letters_total',
    'Records parked because they could not be read',
    () => engine.deadLetters,
  )
  plainCounter(registry, 'ringfence_reputations_total', 'Reputation records published', () => engine.reputations)
  plainCounter(registry, 'ringfence_snapshots_total', 'Snapshots completed', () => engine.snapshots)
  plainGauge(registry, 'ringfence_parties', 'Parties held in memory', () => engine.parties)
  plainGauge(registry, 'ringfence_state_bytes', 'Bytes of party state, index included', () => engine.stateBytes)
  plainGauge(registry, 'ringfence_partitions_ready', 'Partitions owned and restored', () => engine.ready.size)
  plainGauge(registry, 'ringfence_restore_seconds', 'Duration of the last restore', () => engine.restoreSeconds)
  plainGauge(
    registry,
    'ringfence_last_snapshot_timestamp_seconds',
    'When the last snapshot was completed',
    () => engine.lastSnapshotMs / 1000,
  )
  new Gauge({
    name: 'ringfence_lag_records',
    help: 'Activity records not yet applied, by partition',
    labelNames: ['partition'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [partition, lag] of engine.lag) this.set({ partition: String(partition) }, lag)
    },
  })
  const latency = new Histogram({
    name: 'ringfence_verdict_latency_seconds',
    help: 'From the time an activity was handed to the log to its verdict',
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  })
  return {
    registry,
    addTap: (tap, type, counters, queue) => taps.push({ tap, type, counters, queue }),
    observeLatency: seconds => latency.observe(seconds),
  }
}

interface TapSource {
  readonly tap: string
  readonly type: string
  readonly counters: TapCounters
  readonly queue: QueueCounters
}

function tapCounter(
  registry: Registry,
  taps: readonly TapSource[],
  what: string,
  help: string,
  read: (counters: TapCounters, queue: QueueCounters) => number,
): void {
  new Counter({
    name: `ringfence_tap_${what}_total`,
    help,
    labelNames: ['tap', 'type'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { tap, type, counters, queue } of taps) this.inc({ tap, type }, read(counters, queue))
    },
  })
}

function tapGauge(
  registry: Registry,
  taps: readonly TapSource[],
  what: string,
  help: string,
  read: (queue: QueueCounters, counters: TapCounters) => number,
): void {
  new Gauge({
    name: `ringfence_tap_${what}`,
    help,
    labelNames: ['tap', 'type'],
    registers: [registry],
    collect() {
      for (const { tap, type, counters, queue } of taps) this.set({ tap, type }, read(queue, counters))
    },
  })
}

function plainCounter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read())
    },
  })
}

function plainGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}

/** A counter whose map keys are its label values joined by blanks (no value of a closed list holds one). */
function mapCounter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  map: Map<string, number>,
): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset()
      for (const [key, value] of map) {
        const values = key.split(' ')
        this.inc(Object.fromEntries(labelNames.map((label, i) => [label, values[i] ?? ''])), value)
      }
    },
  })
}
