import { defineMetrics, latencyBuckets } from './spec.ts'

/** State, snapshots, position on the log and the time each stage takes. */
export const engineMetrics = defineMetrics({
  ringfence_activities_total: {
    type: 'counter',
    help: 'Activities applied to state',
    labels: ['kind', 'role'],
    bound: 'closed lists of the activity schema',
  },
  ringfence_duplicates_total: { type: 'counter', help: 'Activities seen before and not counted again' },
  ringfence_late_total: { type: 'counter', help: 'Activities older than the newest window bucket' },
  ringfence_clamped_total: { type: 'counter', help: 'Activities with a time in the future, clamped' },
  ringfence_dead_letters_total: { type: 'counter', help: 'Records parked because they could not be read' },
  ringfence_reputations_total: { type: 'counter', help: 'Reputation records published' },
  ringfence_parties: { type: 'gauge', help: 'Parties held in memory' },
  ringfence_suspects: { type: 'gauge', help: 'Parties with findings held against them' },
  ringfence_state_bytes: { type: 'gauge', help: 'Bytes of party state, index included' },
  ringfence_evicted_parties_total: { type: 'counter', help: 'Parties evicted, by idleness or memory bound' },
  ringfence_partitions_owned: { type: 'gauge', help: 'Partitions that this process owns, restoring ones included' },
  ringfence_partitions_ready: { type: 'gauge', help: 'Partitions owned and restored' },
  ringfence_lag_records: {
    type: 'gauge',
    help: 'Activity records not yet applied, by partition',
    labels: ['partition'],
    bound: 'partitions of the activity topic',
    series: 1000,
  },
  ringfence_snapshots_total: { type: 'counter', help: 'Snapshots completed' },
  ringfence_last_snapshot_timestamp_seconds: { type: 'gauge', help: 'When the last snapshot was completed' },
  ringfence_restore_seconds: { type: 'gauge', help: 'Duration of the last restore of a partition' },
  ringfence_stage_seconds: {
    type: 'histogram',
    help: 'Time a batch spends in a stage: append (tap to log), wait (event to engine), judge, publish, snapshot',
    labels: ['stage'],
    bound: 'closed list',
    buckets: latencyBuckets,
  },
  ringfence_verdict_latency_seconds: {
    type: 'histogram',
    help: 'From the time of the event to its verdict being durable',
    buckets: latencyBuckets,
  },
})
