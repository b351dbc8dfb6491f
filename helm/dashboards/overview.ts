import type { DashboardSpec } from './dashboard.ts'

const spam = 'action!="allow"'

/** The wall of the NOC. */
export const overview: DashboardSpec = {
  name: 'overview',
  title: 'Ringfence / Overview',
  description: 'Is it healthy, is it keeping up, what is attacking us and from where, are we hurting anyone.',
  variables: ['route'],
  rows: {
    Health: [
      {
        title: 'Processes',
        description: 'Processes that answer, by the roles they run. One missing: see the pods.',
        unit: 'short',
        as: 'value',
        width: 6,
        alert: 'RingfenceRoleMissing',
        queries: { '{{roles}}': 'count by (roles) (ringfence_build_info{@})' },
      },
      {
        title: 'Activities a second',
        description: 'What the engine applies. Zero while taps receive means that it has stalled.',
        unit: 'cps',
        as: 'value',
        alert: 'RingfenceEngineStalled',
        queries: { '': 'sum(rate(ringfence_activities_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Waiting in the log',
        description: 'Records not yet applied, all partitions together.',
        unit: 'short',
        as: 'value',
        alert: 'RingfenceLag',
        thresholds: [10_000, 100_000],
        queries: { '': 'sum(ringfence_lag_records{@})' },
      },
      {
        title: 'Verdicts within 50 ms',
        description: 'Share of the verdicts of the last five minutes that met the objective; 99 % shall.',
        unit: 'percentunit',
        as: 'value',
        max: 1,
        alert: 'RingfenceLatencyBudgetFast',
        queries: {
          '': 'sum(rate(ringfence_verdict_latency_seconds_bucket{@,le="0.05"}[$__rate_interval])) / sum(rate(ringfence_verdict_latency_seconds_count{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Lost at taps',
        description:
          'Activities lost in the chosen time because queue and spill were full. Anything but zero is an incident.',
        unit: 'short',
        as: 'value',
        width: 6,
        alert: 'RingfenceTapLoss',
        thresholds: [1, 1],
        queries: { '': 'sum(increase(ringfence_tap_lost_total{@}[$__range]))' },
      },
    ],
    'What comes and what is spam': [
      {
        title: 'Verdicts by action',
        description: 'Everything that was judged, by what was asked for.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceSpamShareJump',
        queries: { '{{action}}': 'sum by (action) (rate(ringfence_verdicts_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Share of spam',
        description: 'Verdicts other than allow among all. A jump is an attack, or we say too much.',
        unit: 'percentunit',
        as: 'graph',
        alert: 'RingfenceSpamShareJump',
        queries: {
          spam: `sum(rate(ringfence_verdicts_total{@,${spam}}[$__rate_interval])) / sum(rate(ringfence_verdicts_total{@}[$__rate_interval]))`,
        },
      },
      {
        title: 'Spam by category',
        description: 'Which kinds of attack run, by the category of the verdicts.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceAttackUnderWay',
        queries: {
          '{{category}}': `topk(10, sum by (category) (rate(ringfence_verdicts_total{@,${spam}}[$__rate_interval])))`,
        },
      },
      {
        title: 'Spam by route',
        description: 'Trunks (or taps) that it enters by, the busiest twenty by name and the rest under other.',
        unit: 'cps',
        as: 'bars',
        alert: 'RingfenceAttackUnderWay',
        queries: {
          '{{route}}':
            'topk(10, sum by (route) (rate(ringfence_route_verdicts_total{@,outcome="spam",route=~"$route"}[$__rate_interval])))',
        },
      },
      {
        title: 'Spam by country of origin',
        description: 'Main country of the calling code of who calls or writes. What is claimed, not where they are.',
        unit: 'cps',
        as: 'bars',
        queries: {
          '{{country}}':
            'topk(10, sum by (country) (rate(ringfence_country_verdicts_total{@,outcome="spam"}[$__rate_interval])))',
        },
      },
      {
        title: 'Live campaigns',
        description: 'Message campaigns with a verdict in the last ten minutes, and new ones found.',
        unit: 'short',
        as: 'graph',
        queries: {
          live: 'sum(ringfence_campaigns_live{@})',
          'found in five minutes': 'sum(increase(ringfence_campaigns_total{@}[5m]))',
        },
      },
    ],
    'Are we hurting anyone, what changed': [
      {
        title: 'Opinions about caught parties',
        description: 'What people say of parties that we hold to be spam. Ham here means that we may be wrong.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceFalsePositiveWatch',
        queries: {
          '{{opinion}}': 'sum by (opinion) (increase(ringfence_feedback_total{@,standing="caught"}[1h]))',
        },
      },
      {
        title: 'Packs in force',
        description:
          'Processes by the version of packs they judge by. Two versions at once only while one is rolled out.',
        unit: 'short',
        as: 'stacked',
        alert: 'RingfenceReloadFailed',
        queries: { '{{version}}': 'count by (version) (ringfence_pack_info{@})' },
      },
      {
        title: 'Versions that run',
        description: 'Processes by release.',
        unit: 'short',
        as: 'stacked',
        queries: { '{{version}}': 'count by (version) (ringfence_build_info{@})' },
      },
    ],
  },
}
