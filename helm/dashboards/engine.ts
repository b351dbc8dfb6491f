import type { DashboardSpec } from './dashboard.ts'

const latency = (q: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(ringfence_verdict_latency_seconds_bucket{@}[$__rate_interval])))`
const rate = (metric: string) => `sum(rate(${metric}{@}[$__rate_interval]))`

export const engine: DashboardSpec = {
  name: 'engine',
  title: 'Ringfence / Engine and Kafka',
  description: 'Is it keeping up: lag, latency, the time each stage takes; state, snapshots, memory.',
  rows: {
    'Keeping up': [
      {
        title: 'Activities applied',
        description: 'By kind of activity; both role copies count.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceEngineStalled',
        queries: { '{{kind}}': 'sum by (kind) (rate(ringfence_activities_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Lag by partition',
        description: 'Records that wait. One partition alone: a hot party or a slow pod.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceLag',
        queries: { 'partition {{partition}}': 'max by (partition) (ringfence_lag_records{@})' },
      },
      {
        title: 'Partitions',
        description: 'Owned, and of those restored. Different for long: a restore is slow.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceRestoreSlow',
        queries: {
          owned: 'sum(ringfence_partitions_owned{@})',
          ready: 'sum(ringfence_partitions_ready{@})',
        },
      },
      {
        title: 'Verdict latency',
        description: 'From the event to its verdict being durable. 99 % shall be within 50 ms. Dots are traces.',
        unit: 's',
        as: 'graph',
        alert: 'RingfenceLatencyBudgetFast',
        exemplars: true,
        queries: { p50: latency(0.5), p99: latency(0.99) },
      },
      {
        title: 'Time a stage takes, 99th percentile',
        description: 'A batch in append (tap to log), wait (event to engine), judge, publish and snapshot.',
        unit: 's',
        as: 'graph',
        alert: 'RingfenceLatencyBudgetSlow',
        queries: {
          '{{stage}}':
            'histogram_quantile(0.99, sum by (le, stage) (rate(ringfence_stage_seconds_bucket{@}[$__rate_interval])))',
        },
      },
      {
        title: 'Parked records',
        description: 'Records that could not be read, to the topic ringfence.dead-letters.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceDeadLetters',
        queries: { 'in ten minutes': 'sum(increase(ringfence_dead_letters_total{@}[10m]))' },
      },
    ],
    Kafka: [
      {
        title: 'Requests sent again',
        description: 'Because a broker was away, changed its role or lost an answer. Some at every broker restart.',
        unit: 'cps',
        as: 'graph',
        alert: 'RingfenceLogUnavailable',
        queries: { '{{instance}}': 'sum by (instance) (rate(ringfence_log_retries_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Slowed down by brokers',
        description: 'Share of the time that a client quota made us wait.',
        unit: 'percentunit',
        as: 'graph',
        queries: {
          '{{instance}}': 'sum by (instance) (rate(ringfence_log_throttled_seconds_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Reading paused, partitions lost, batches unreadable',
        description:
          'Reading pauses where the engine is behind; partitions go to others when a process was not heard of; batches that cannot be unpacked are parked whole.',
        unit: 'cps',
        as: 'graph',
        alert: 'RingfenceLag',
        queries: {
          paused: rate('ringfence_log_paused_total'),
          'partitions lost': rate('ringfence_log_partitions_lost_total'),
          'unreadable batches': rate('ringfence_log_unreadable_batches_total'),
        },
      },
    ],
    State: [
      {
        title: 'Parties',
        description: 'Parties in memory, and those with findings held against them.',
        unit: 'short',
        as: 'graph',
        queries: { parties: 'sum(ringfence_parties{@})', suspects: 'sum(ringfence_suspects{@})' },
      },
      {
        title: 'Bytes of state',
        description: 'Party state with its index.',
        unit: 'bytes',
        as: 'graph',
        queries: { '{{instance}}': 'sum by (instance) (ringfence_state_bytes{@})' },
      },
      {
        title: 'Evicted, late, clamped, repeated',
        description:
          'Parties let go for idleness or room; activities that came too late, with clocks ahead, or a second time.',
        unit: 'cps',
        as: 'graph',
        queries: {
          'evicted parties': rate('ringfence_evicted_parties_total'),
          late: rate('ringfence_late_total'),
          clamped: rate('ringfence_clamped_total'),
          repeated: rate('ringfence_duplicates_total'),
        },
      },
      {
        title: 'Age of the last snapshot',
        description: 'What a restart would have to replay.',
        unit: 's',
        as: 'graph',
        alert: 'RingfenceSnapshotStale',
        queries: {
          '{{instance}}': 'time() - max by (instance) (ringfence_last_snapshot_timestamp_seconds{@})',
        },
      },
      {
        title: 'Snapshots',
        description: 'Snapshots completed.',
        unit: 'short',
        as: 'graph',
        queries: { 'in ten minutes': 'sum(increase(ringfence_snapshots_total{@}[10m]))' },
      },
      {
        title: 'Last restore',
        description: 'How long the last restore of a partition took.',
        unit: 's',
        as: 'graph',
        alert: 'RingfenceRestoreSlow',
        queries: { '{{instance}}': 'max by (instance) (ringfence_restore_seconds{@})' },
      },
    ],
    'Process and Node.js': [
      {
        title: 'CPU',
        description: 'Cores in use.',
        unit: 'short',
        as: 'graph',
        queries: {
          '{{instance}}': 'sum by (instance) (rate(ringfence_process_cpu_seconds_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Resident memory',
        description: 'Memory of each process; its limit is in the chart.',
        unit: 'bytes',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_process_resident_memory_bytes{@})' },
      },
      {
        title: 'Event loop delay, 99th percentile',
        description: 'Over some 20 ms the process is short of CPU or does too much at once.',
        unit: 's',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_nodejs_eventloop_lag_p99_seconds{@})' },
      },
      {
        title: 'Garbage collection',
        description: 'Share of the time spent collecting, by kind.',
        unit: 'percentunit',
        as: 'stacked',
        queries: {
          '{{kind}}': 'avg by (kind) (rate(ringfence_nodejs_gc_duration_seconds_sum{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Heap in use',
        description: "V8's heap; party state lies outside of it.",
        unit: 'bytes',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_nodejs_heap_size_used_bytes{@})' },
      },
      {
        title: 'Open files',
        description: 'File descriptors in use, sockets included.',
        unit: 'short',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_process_open_fds{@})' },
      },
    ],
  },
}
