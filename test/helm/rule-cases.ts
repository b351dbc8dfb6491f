/**
 * Series for which each alert must fire, and series beside them for which it must not. Both stand in one Prometheus at
 * once, under the namespaces `bad` and `good`; values are promtool's `start+stepxtimes`, one a minute.
 */
export interface RuleCase {
  readonly alert: string
  readonly severity: 'critical' | 'warning'
  /** What is wrong, in words: the name of the test. */
  readonly when: string
  /** Minutes after the start. */
  readonly at: number
  readonly bad: readonly (readonly [series: string, values: string])[]
  readonly good: readonly (readonly [series: string, values: string])[]
  /** Labels of the alert beside namespace and severity. */
  readonly labels?: Readonly<Record<string, string>>
}

const tap = { tap: 'hep-1', type: 'hep' }
const hep = (metric: string) => `${metric}{tap="hep-1",type="hep"}`
const slow = (share: number, minutes: number): readonly (readonly [string, string])[] => [
  ['ringfence_verdict_latency_seconds_bucket{le="0.05"}', `0+${1000 - share * 1000}x${minutes}`],
  ['ringfence_verdict_latency_seconds_count', `0+1000x${minutes}`],
]

export const ruleCases: readonly RuleCase[] = [
  {
    alert: 'RingfenceRoleMissing',
    severity: 'critical',
    when: 'every process of a role is gone, not when one of two is',
    at: 30,
    bad: [['ringfence_build_info{roles="engine",pod="e-0"}', '1x20 stale _x20']],
    good: [
      ['ringfence_build_info{roles="engine",pod="e-0"}', '1x20 stale _x20'],
      ['ringfence_build_info{roles="engine",pod="e-1"}', '1x60'],
    ],
    labels: { roles: 'engine' },
  },
  {
    alert: 'RingfenceTapSilent',
    severity: 'critical',
    when: 'a tap that took traffic takes none',
    at: 35,
    bad: [[hep('ringfence_tap_received_total'), '0+100x20 2000x40']],
    good: [
      [hep('ringfence_tap_received_total'), '0+100x60'],
      // A decoy line is silent for hours, and a tap that never took anything has nothing to lose.
      ['ringfence_tap_received_total{tap="lines",type="decoy"}', '0+1x20 20x40'],
      ['ringfence_tap_received_total{tap="new",type="hep"}', '0x60'],
    ],
    labels: tap,
  },
  {
    alert: 'RingfenceTapSilent',
    severity: 'critical',
    when: 'the process of a tap is gone, series and all',
    at: 35,
    bad: [[hep('ringfence_tap_received_total'), '0+100x20 stale _x40']],
    good: [[hep('ringfence_tap_received_total'), '0+100x60']],
    labels: tap,
  },
  {
    alert: 'RingfenceTapLoss',
    severity: 'critical',
    when: 'queue and spill overflow',
    at: 12,
    bad: [[hep('ringfence_tap_lost_total'), '0x10 5+5x10']],
    good: [[hep('ringfence_tap_lost_total'), '7x30']],
    labels: tap,
  },
  {
    alert: 'RingfenceTapDrops',
    severity: 'warning',
    when: 'one packet in ten cannot be used, not when one in a hundred cannot',
    at: 30,
    bad: [
      ['ringfence_tap_dropped_total{tap="hep-1",type="hep",reason="not-sip"}', '0+100x40'],
      [hep('ringfence_tap_received_total'), '0+1000x40'],
    ],
    good: [
      ['ringfence_tap_dropped_total{tap="hep-1",type="hep",reason="not-sip"}', '0+10x40'],
      [hep('ringfence_tap_received_total'), '0+1000x40'],
    ],
    labels: tap,
  },
  {
    alert: 'RingfenceLogUnavailable',
    severity: 'critical',
    when: 'appends to the log fail',
    at: 8,
    bad: [['ringfence_tap_append_failures_total{tap="hep-1",type="hep"}', '0x2 1+1x20']],
    good: [['ringfence_tap_append_failures_total{tap="hep-1",type="hep"}', '3x30']],
    labels: { tap: 'hep-1' },
  },
  {
    alert: 'RingfenceLogUnavailable',
    severity: 'critical',
    when: 'activities wait on disk',
    at: 8,
    bad: [['ringfence_tap_spilled_activities{tap="hep-1",type="hep"}', '0x2 100+100x20']],
    good: [['ringfence_tap_spilled_activities{tap="hep-1",type="hep"}', '0x30']],
    labels: { tap: 'hep-1' },
  },
  {
    alert: 'RingfenceLogUnavailable',
    severity: 'critical',
    when: 'activities wait and no append ends, not when some wait while others are appended',
    at: 8,
    bad: [
      ['ringfence_tap_queue_activities{tap="hep-1",type="hep",pod="t-0"}', '5x2 100+100x20'],
      ['ringfence_stage_seconds_count{stage="append",pod="t-0"}', '0+9x2 18x20'],
    ],
    good: [
      ['ringfence_tap_queue_activities{tap="hep-1",type="hep",pod="t-0"}', '20x30'],
      ['ringfence_stage_seconds_count{stage="append",pod="t-0"}', '0+9x30'],
    ],
    labels: { tap: 'hep-1' },
  },
  {
    alert: 'RingfenceEngineStalled',
    severity: 'critical',
    when: 'taps send and no engine applies, not when both rest',
    at: 30,
    bad: [
      [hep('ringfence_tap_activities_total'), '0+600x40'],
      ['ringfence_activities_total{kind="call.attempt",role="origin"}', '0+600x10 6000x30'],
    ],
    good: [
      [hep('ringfence_tap_activities_total'), '0+600x10 6000x30'],
      ['ringfence_activities_total{kind="call.attempt",role="origin"}', '0+600x10 6000x30'],
    ],
  },
  {
    alert: 'RingfenceLag',
    severity: 'warning',
    when: 'what waits takes a minute to apply, not when it takes a second',
    at: 20,
    bad: [
      ['ringfence_lag_records{partition="0"}', '60000x30'],
      ['ringfence_activities_total{kind="message",role="origin"}', '0+60000x30'],
    ],
    good: [
      ['ringfence_lag_records{partition="0"}', '1000x30'],
      ['ringfence_activities_total{kind="message",role="origin"}', '0+60000x30'],
    ],
  },
  {
    alert: 'RingfenceLatencyBudgetFast',
    severity: 'critical',
    when: 'a fifth of the verdicts is slow for an hour, not when half a percent is',
    at: 90,
    bad: slow(0.2, 120),
    good: slow(0.005, 120),
  },
  {
    alert: 'RingfenceLatencyBudgetSlow',
    severity: 'warning',
    when: 'eight in a hundred are slow for six hours, not when half a percent is',
    at: 400,
    bad: slow(0.08, 420),
    good: slow(0.005, 420),
  },
  {
    alert: 'RingfenceSnapshotStale',
    severity: 'warning',
    when: 'an engine works and saves nothing, not when it rests',
    at: 30,
    bad: [
      ['ringfence_last_snapshot_timestamp_seconds{pod="e-0"}', '60x40'],
      ['ringfence_activities_total{pod="e-0"}', '0+600x40'],
    ],
    good: [
      ['ringfence_last_snapshot_timestamp_seconds{pod="e-0"}', '60x40'],
      ['ringfence_activities_total{pod="e-0"}', '600x40'],
      ['ringfence_last_snapshot_timestamp_seconds{pod="e-1"}', '0+60x40'],
      ['ringfence_activities_total{pod="e-1"}', '0+600x40'],
    ],
    labels: { pod: 'e-0' },
  },
  {
    alert: 'RingfenceSnapshotStale',
    severity: 'warning',
    when: 'an engine never saved anything since it started, not in its first minutes',
    at: 30,
    bad: [
      ['process_start_time_seconds{pod="e-0"}', '0x40'],
      ['ringfence_activities_total{pod="e-0"}', '0+600x40'],
    ],
    good: [
      ['process_start_time_seconds{pod="e-0"}', '1500x40'],
      ['ringfence_activities_total{pod="e-0"}', '0+600x40'],
      ['process_start_time_seconds{pod="e-1"}', '0x40'],
      ['ringfence_last_snapshot_timestamp_seconds{pod="e-1"}', '0+60x40'],
      ['ringfence_activities_total{pod="e-1"}', '0+600x40'],
    ],
    labels: { pod: 'e-0' },
  },
  {
    alert: 'RingfenceRestoreSlow',
    severity: 'warning',
    when: 'a partition restores for minutes',
    at: 10,
    bad: [
      ['ringfence_partitions_owned', '4x20'],
      ['ringfence_partitions_ready', '3x20'],
    ],
    good: [
      ['ringfence_partitions_owned', '4x20'],
      ['ringfence_partitions_ready', '3 4x20'],
    ],
  },
  {
    alert: 'RingfenceDeadLetters',
    severity: 'warning',
    when: 'records were parked just now, not when they were long ago',
    at: 20,
    bad: [['ringfence_dead_letters_total', '0x15 3x10']],
    good: [['ringfence_dead_letters_total', '0 3x30']],
  },
  {
    alert: 'RingfenceReputationStale',
    severity: 'critical',
    when: 'the view of reputations is not brought up to date',
    at: 10,
    bad: [['ringfence_reputation_stale_seconds{pod="s-0"}', '0+60x20']],
    good: [['ringfence_reputation_stale_seconds{pod="s-0"}', '2x20']],
    labels: { pod: 's-0' },
  },
  {
    alert: 'RingfenceDecisionsFail',
    severity: 'critical',
    when: 'one answer in ten is an error of ours, not when callers err',
    at: 15,
    bad: [
      ['ringfence_api_requests_total{route="/v1/decide",status="500"}', '0+10x20'],
      ['ringfence_api_requests_total{route="/v1/decide",status="200"}', '0+90x20'],
    ],
    good: [
      ['ringfence_api_requests_total{route="/v1/decide",status="400"}', '0+10x20'],
      ['ringfence_api_requests_total{route="/v1/decide",status="200"}', '0+90x20'],
    ],
  },
  {
    alert: 'RingfenceModelFallback',
    severity: 'warning',
    when: 'models skip one row in ten, not when no model is configured',
    at: 15,
    bad: [
      ['ringfence_model_skipped_total{reason="failed"}', '0+100x20'],
      ['ringfence_model_scored_total{model="text"}', '0+900x20'],
    ],
    good: [
      ['ringfence_model_skipped_total{reason="no-model"}', '0+100x20'],
      ['ringfence_model_skipped_total{reason="failed"}', '0x20'],
      ['ringfence_model_scored_total{model="text"}', '0+900x20'],
    ],
  },
  {
    alert: 'RingfenceModelDrift',
    severity: 'warning',
    when: 'what is scored differs from the training set for an hour',
    at: 80,
    bad: [['ringfence_model_drift_psi{model="text",of="score"}', '0.4x100']],
    good: [['ringfence_model_drift_psi{model="text",of="score"}', '0.1x100']],
    labels: { model: 'text', of: 'score' },
  },
  {
    alert: 'RingfenceReloadFailed',
    severity: 'warning',
    when: 'a pack was refused, not once it was mended',
    at: 10,
    bad: [['ringfence_pack_last_reload_success{pod="e-0"}', '1x5 0x20']],
    good: [['ringfence_pack_last_reload_success{pod="e-0"}', '0x5 1x20']],
    labels: { pod: 'e-0' },
  },
  {
    alert: 'RingfenceFalsePositiveWatch',
    severity: 'critical',
    when: 'people clear those whom we caught, not when they confirm most',
    at: 60,
    bad: [
      ['ringfence_feedback_total{source="analyst",opinion="ham",standing="caught"}', '0+1x70'],
      ['ringfence_feedback_total{source="report",opinion="spam",standing="caught"}', '0+1x70'],
    ],
    good: [
      ['ringfence_feedback_total{source="analyst",opinion="ham",standing="caught"}', '0+1x70'],
      ['ringfence_feedback_total{source="report",opinion="spam",standing="caught"}', '0+20x70'],
    ],
  },
  {
    alert: 'RingfenceAppealsOverdue',
    severity: 'warning',
    when: 'an appeal is past its time, not when it waits within it',
    at: 10,
    bad: [['ringfence_appeals_overdue', '2x20']],
    good: [
      ['ringfence_appeals_overdue', '0x20'],
      ['ringfence_appeals_open', '9x20'],
    ],
  },
  {
    alert: 'RingfenceAttackUnderWay',
    severity: 'warning',
    when: 'a category jumps, not when it is always there',
    at: 120,
    bad: [['ringfence_verdicts_total{action="block",category="wangiri",kind="call.attempt"}', '0x100 60+60x30']],
    good: [['ringfence_verdicts_total{action="block",category="wangiri",kind="call.attempt"}', '0+60x140']],
    labels: { category: 'wangiri' },
  },
  {
    alert: 'RingfenceSpamShareJump',
    severity: 'warning',
    when: 'the share of spam doubles, not when it stays',
    at: 150,
    bad: [
      ['ringfence_verdicts_total{action="block",category="robocall",kind="call.attempt"}', '0+2x100 220+20x60'],
      ['ringfence_verdicts_total{action="allow",category="none",kind="call.attempt"}', '0+98x160'],
    ],
    good: [
      ['ringfence_verdicts_total{action="block",category="robocall",kind="call.attempt"}', '0+20x160'],
      ['ringfence_verdicts_total{action="allow",category="none",kind="call.attempt"}', '0+98x160'],
    ],
  },
  {
    alert: 'RingfenceSpamShareJump',
    severity: 'warning',
    when: 'spam comes where there was none, not when there is none',
    at: 120,
    bad: [
      ['ringfence_verdicts_total{action="block",category="robocall",kind="call.attempt"}', '_x100 0+20x60'],
      ['ringfence_verdicts_total{action="allow",category="none",kind="call.attempt"}', '0+98x160'],
    ],
    good: [['ringfence_verdicts_total{action="allow",category="none",kind="call.attempt"}', '0+98x160']],
  },
  {
    alert: 'RingfenceCertificateNearExpiry',
    severity: 'warning',
    when: 'a certificate has ten days left, not when it has a month',
    at: 20,
    bad: [['ringfence_tls_certificate_expiry_timestamp_seconds{certificate="hep-1"}', '864000x30']],
    good: [['ringfence_tls_certificate_expiry_timestamp_seconds{certificate="hep-1"}', '2592000x30']],
    labels: { certificate: 'hep-1' },
  },
]
