import { defineMetrics } from './spec.ts'

/** What was judged, where it came from, and what is attacking. */
export const verdictMetrics = defineMetrics({
  ringfence_verdicts_total: {
    type: 'counter',
    help: 'Verdicts published',
    labels: ['action', 'category', 'kind'],
    bound: 'actions and kinds are closed lists; categories are those of the packs',
    series: 500,
  },
  ringfence_symbol_hits_total: {
    type: 'counter',
    help: 'Findings, by symbol and whether it counted (enforce) or only watched (shadow)',
    labels: ['symbol', 'state'],
    bound: 'symbols of the packs',
    series: 1000,
  },
  ringfence_verdict_score: {
    type: 'histogram',
    help: 'Scores of verdicts',
    buckets: [0, 1, 2, 3, 4, 5, 6, 8, 10, 15, 20],
  },
  ringfence_shadow_actions_total: {
    type: 'counter',
    help: 'Verdicts whose action would have been another one with shadow rules enforced',
    labels: ['action', 'shadow_action'],
    bound: 'closed list of actions, twice',
  },
  ringfence_spam_class_total: {
    type: 'counter',
    help: 'Verdicts other than allow, by class of spam (ITU-T X.1244 clause 7)',
    labels: ['class'],
    bound: 'closed list of X.1244',
  },
  ringfence_route_verdicts_total: {
    type: 'counter',
    help: 'Verdicts by route (trunk, else tap) and outcome: clear or spam',
    labels: ['route', 'outcome'],
    bound: 'the 20 busiest routes, the rest under other',
    series: 50,
  },
  ringfence_country_verdicts_total: {
    type: 'counter',
    help: 'Verdicts by main country of the calling code of the origin (US for +1, none without a number) and outcome',
    labels: ['country', 'outcome'],
    bound: 'the 20 busiest countries, the rest under other',
    series: 50,
  },
  ringfence_campaigns_total: { type: 'counter', help: 'Message campaigns found' },
  ringfence_campaigns_live: { type: 'gauge', help: 'Campaigns with a verdict in the last ten minutes' },
  ringfence_verdicts_without_model_total: {
    type: 'counter',
    help: 'Verdicts given on rules alone though a model should have scored them',
  },
})
