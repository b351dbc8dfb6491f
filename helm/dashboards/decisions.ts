import type { DashboardSpec } from './dashboard.ts'

const decide = (q: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(ringfence_api_decide_seconds_bucket{@}[$__rate_interval])))`

export const decisions: DashboardSpec = {
  name: 'decisions',
  title: 'Ringfence / Decision API',
  description: 'What switches ask and are told, over HTTP and SIP, how fast, and from how fresh a view.',
  rows: {
    Decisions: [
      {
        title: 'Decisions by action',
        description: 'What callers of the API and of the SIP redirect server are told to do.',
        unit: 'cps',
        as: 'stacked',
        alert: 'RingfenceDecisionsFail',
        queries: {
          '{{action}} by {{via}}': 'sum by (action, via) (rate(ringfence_decisions_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Time of a decision',
        description: 'Over HTTP, from request to answer. Switches wait 50 ms at the most.',
        unit: 's',
        as: 'graph',
        queries: { p50: decide(0.5), p99: decide(0.99) },
      },
      {
        title: 'Requests by status',
        description: 'All requests to the API. 5xx are our errors: callers let traffic through then.',
        unit: 'reqps',
        as: 'stacked',
        alert: 'RingfenceDecisionsFail',
        queries: { '{{status}}': 'sum by (status) (rate(ringfence_api_requests_total{@}[$__rate_interval]))' },
      },
      {
        title: 'Requests by route',
        description: 'Which parts of the API are used.',
        unit: 'reqps',
        as: 'graph',
        queries: {
          '{{method}} {{route}}':
            'topk(10, sum by (method, route) (rate(ringfence_api_requests_total{@}[$__rate_interval])))',
        },
      },
      {
        title: 'Refused callers',
        description: 'Requests refused for who asked: no token, a wrong one, a role that may not, too many.',
        unit: 'reqps',
        as: 'stacked',
        queries: { '{{reason}}': 'sum by (reason) (rate(ringfence_api_refused_total{@}[$__rate_interval]))' },
      },
      {
        title: 'SIP redirect answers',
        description: 'Answers of the SIP redirect server, by status.',
        unit: 'cps',
        as: 'stacked',
        queries: {
          '{{status}}': 'sum by (status) (rate(ringfence_redirect_responses_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'SIP requests without a decision',
        description: 'Requests to the SIP redirect server that got none, by reason, and those sent again.',
        unit: 'cps',
        as: 'stacked',
        queries: {
          '{{reason}}': 'sum by (reason) (rate(ringfence_redirect_dropped_total{@}[$__rate_interval]))',
          retransmitted: 'sum(rate(ringfence_redirect_retransmissions_total{@}[$__rate_interval]))',
        },
      },
    ],
    'Reputation view': [
      {
        title: 'Age of the view',
        description: 'Time since a process was known to hold all that is on the reputation topic.',
        unit: 's',
        as: 'graph',
        alert: 'RingfenceReputationStale',
        queries: { '{{instance}}': 'max by (instance) (ringfence_reputation_stale_seconds{@})' },
      },
      {
        title: 'Parties in the view',
        description: 'Parties with a standing, which decisions are made from.',
        unit: 'short',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_reputation_parties{@})' },
      },
      {
        title: 'Bytes of the view',
        description: 'Its memory; every serve process holds all of it.',
        unit: 'bytes',
        as: 'graph',
        queries: { '{{instance}}': 'max by (instance) (ringfence_reputation_bytes{@})' },
      },
      {
        title: 'Records without a place or sense',
        description: 'Reputation records that found the view full, and those that could not be read.',
        unit: 'cps',
        as: 'graph',
        queries: {
          full: 'sum(rate(ringfence_reputation_refused_total{@}[$__rate_interval]))',
          unreadable: 'sum(rate(ringfence_reputation_passed_over_total{@}[$__rate_interval]))',
        },
      },
      {
        title: 'Reputations published',
        description: 'Changes of standing that engines publish.',
        unit: 'cps',
        as: 'graph',
        queries: { published: 'sum(rate(ringfence_reputations_total{@}[$__rate_interval]))' },
      },
    ],
  },
}
