import type { DashboardSpec } from './dashboard.ts'

export const quality: DashboardSpec = {
  name: 'quality',
  title: 'Ringfence / Detection quality',
  description:
    'Which rules and models find what, whether shadow ones are ready, and whether people say that we are wrong.',
  rows: {
    'False-positive watch': [
      {
        title: 'Precision by feedback',
        description:
          'Of the opinions about parties that a symbol was held against, the share that says spam; over the last day, worst first.',
        unit: 'percentunit',
        as: 'bars',
        max: 1,
        alert: 'RingfenceFalsePositiveWatch',
        queries: {
          '{{symbol}}':
            'bottomk(15, sum by (symbol) (increase(ringfence_symbol_feedback_total{@,opinion="spam"}[1d])) / (sum by (symbol) (increase(ringfence_symbol_feedback_total{@}[1d])) > 0))',
        },
      },
      {
        title: 'Opinions by source',
        description: 'Reports, 607 answers and analysts, by what they say and whether we had caught the party.',
        unit: 'short',
        as: 'stacked',
        alert: 'RingfenceFalsePositiveWatch',
        queries: {
          '{{source}}: {{opinion}}, {{standing}}':
            'sum by (source, opinion, standing) (increase(ringfence_feedback_total{@}[1h]))',
        },
      },
      {
        title: 'Reported and not caught',
        description: 'Opinions of spam about parties that nothing was held against: what we miss.',
        unit: 'short',
        as: 'graph',
        queries: {
          'in an hour': 'sum(increase(ringfence_feedback_total{@,opinion="spam",standing="clear"}[1h]))',
        },
      },
    ],
    'Reports, feeds and appeals': [
      {
        title: 'Reports by message and star code',
        description: 'Taken, and those that came to nothing, by reason.',
        unit: 'short',
        as: 'stacked',
        queries: {
          taken: 'sum(increase(ringfence_reports_taken_total{@}[1h]))',
          '{{reason}}': 'sum by (reason) (increase(ringfence_reports_lost_total{@}[1h]))',
        },
      },
      {
        title: 'Appeals',
        description: 'Of parties that say they are no spam: waiting, and past their time.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceAppealsOverdue',
        queries: { open: 'max(ringfence_appeals_open{@})', overdue: 'max(ringfence_appeals_overdue{@})' },
      },
      {
        title: 'Feeds for the network',
        description: 'Parties that the published lists hold.',
        unit: 'short',
        as: 'graph',
        queries: { entries: 'max(ringfence_feed_entries{@})' },
      },
    ],
    Rules: [
      {
        title: 'Hits of enforced symbols',
        description: 'The fifteen that find most.',
        unit: 'cps',
        as: 'graph',
        queries: {
          '{{symbol}}':
            'topk(15, sum by (symbol) (rate(ringfence_symbol_hits_total{@,state="enforce"}[$__rate_interval])))',
        },
      },
      {
        title: 'Hits of shadow symbols',
        description: 'Computed, published and without effect: rules on trial.',
        unit: 'cps',
        as: 'graph',
        queries: {
          '{{symbol}}':
            'topk(15, sum by (symbol) (rate(ringfence_symbol_hits_total{@,state="shadow"}[$__rate_interval])))',
        },
      },
      {
        title: 'Shadow: already caught by others',
        description: 'Share of the hits of a symbol on which the verdict asked for an action anyway.',
        unit: 'percentunit',
        as: 'bars',
        max: 1,
        queries: {
          '{{symbol}}':
            'topk(15, sum by (symbol) (increase(ringfence_symbol_with_action_total{@}[1h])) / (sum by (symbol) (increase(ringfence_symbol_hits_total{@,state="shadow"}[1h])) > 0))',
        },
      },
      {
        title: 'Shadow: would have raised the action',
        description:
          'Hits of a shadow symbol that alone would have made the verdict more severe: what enforcing it does.',
        unit: 'short',
        as: 'bars',
        queries: {
          '{{symbol}}': 'topk(15, sum by (symbol) (increase(ringfence_symbol_would_raise_total{@}[1h])))',
        },
      },
      {
        title: 'Shadow rules: hits that others have as well',
        description:
          'By shadow symbol and the symbol it hits with: where the lines of one meet its hits, it adds nothing.',
        unit: 'short',
        as: 'bars',
        queries: {
          '{{symbol}} with {{other}}':
            'topk(15, sum by (symbol, other) (increase(ringfence_shadow_overlap_total{@}[1h])))',
        },
      },
      {
        title: 'Action with shadow rules enforced',
        description: 'Verdicts whose action would be another one: from what to what.',
        unit: 'cps',
        as: 'stacked',
        queries: {
          '{{action}} to {{shadow_action}}':
            'sum by (action, shadow_action) (rate(ringfence_shadow_actions_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Scores',
        description: 'Share of verdicts at or above each score; the thresholds of the pack cut here.',
        unit: 'percentunit',
        as: 'bars',
        max: 1,
        queries: {
          'up to {{le}}':
            'sum by (le) (rate(ringfence_verdict_score_bucket{@}[$__rate_interval])) / ignoring(le) group_left sum(rate(ringfence_verdict_score_count{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Reloads',
        description: 'Packs taken and refused.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceReloadFailed',
        queries: {
          taken: 'sum(increase(ringfence_pack_reloads_total{@}[10m]))',
          refused: 'sum(increase(ringfence_pack_refused_total{@}[10m]))',
        },
      },
    ],
    Models: [
      {
        title: 'Rows scored',
        description: 'What models score, by model.',
        unit: 'cps',
        as: 'graph',
        queries: { '{{model}}': 'sum by (model) (rate(ringfence_model_scored_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Skipped by reason',
        description: 'Rows that no model scored; verdicts on them rest on rules alone.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceModelFallback',
        queries: {
          '{{reason}}': 'sum by (reason) (rate(ringfence_model_skipped_total{@}[$__rate_interval]))',
          'verdicts without': 'sum(rate(ringfence_verdicts_without_model_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Drift',
        description: 'Population stability index against the training set; above 0.25 a model wants retraining.',
        unit: 'short',
        as: 'graph',
        alert: 'RingfenceModelDrift',
        queries: { '{{model}} {{of}}': 'max by (model, of) (ringfence_model_drift_psi{@})' },
      },
      {
        title: 'Time of a batch',
        description: 'In the queue and in the model.',
        unit: 's',
        as: 'graph',
        queries: {
          p50: 'max(ringfence_model_latency_p50_seconds{@})',
          p99: 'max(ringfence_model_latency_p99_seconds{@})',
        },
      },
      {
        title: 'Shadow model: disagreements',
        description: 'Rows that only one of live and shadow model calls spam, of those that both scored.',
        unit: 'percentunit',
        as: 'graph',
        queries: {
          'spam for {{spam_for}} only':
            'sum by (spam_for) (rate(ringfence_model_shadow_disagreements_total{@}[$__rate_interval])) / ignoring(spam_for) group_left() (sum(rate(ringfence_model_shadow_rows_total{@}[$__rate_interval])) > 0)',
        },
      },
      {
        title: 'Models that serve',
        description: 'Processes by model version and TensorFlow backend; changes and refusals.',
        unit: 'short',
        as: 'graph',
        queries: {
          '{{version}} on {{backend}}': 'count by (version, backend) (ringfence_model_info{@})',
          'swaps in ten minutes': 'sum(increase(ringfence_model_swaps_total{@}[10m]))',
          'refused in ten minutes': 'sum(increase(ringfence_model_refused_total{@}[10m]))',
        },
      },
    ],
  },
}
