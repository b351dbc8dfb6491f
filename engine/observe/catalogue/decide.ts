import { defineMetrics } from './spec.ts'

/** Decisions are answered within 50 ms: it must be an edge. */
const decisionBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]

/** The decision API, the SIP redirect server and appeals. */
export const decideMetrics = defineMetrics({
  ringfence_decisions_total: {
    type: 'counter',
    help: 'Decisions given, by what was asked for and where',
    labels: ['action', 'via'],
    bound: 'actions; http or sip',
  },
  ringfence_api_requests_total: {
    type: 'counter',
    help: 'Requests to the API, by route and status',
    labels: ['method', 'route', 'status'],
    bound: 'routes of the OpenAPI document and HTTP statuses',
  },
  ringfence_api_refused_total: {
    type: 'counter',
    help: 'Requests refused for who asked, by reason',
    labels: ['reason'],
    bound: 'no-token, malformed, jwt, unknown-token, unknown-certificate, role, rate',
  },
  ringfence_api_decide_seconds: {
    type: 'histogram',
    help: 'Time a decision took over HTTP, from request to answer',
    buckets: decisionBuckets,
  },
  ringfence_reputation_parties: {
    type: 'gauge',
    help: 'Parties in the view of reputations that decisions are made from',
  },
  ringfence_reputation_bytes: { type: 'gauge', help: 'Bytes of that view, index included' },
  ringfence_reputation_stale_seconds: {
    type: 'gauge',
    help: 'Time since the view was known to hold all that is on the reputation topic; absent before it first did',
  },
  ringfence_reputation_refused_total: {
    type: 'counter',
    help: 'Reputation records that found no place: the view was full of parties with a standing',
  },
  ringfence_reputation_passed_over_total: { type: 'counter', help: 'Reputation records that could not be read' },
  ringfence_redirect_responses_total: {
    type: 'counter',
    help: 'Answers of the SIP redirect server, by status and action; status none: ACK and CANCEL taken in silence',
    labels: ['status', 'action'],
    bound: 'statuses that it gives; actions, options, refused',
  },
  ringfence_redirect_retransmissions_total: {
    type: 'counter',
    help: 'Requests answered again as before, because they were retransmitted',
  },
  ringfence_redirect_dropped_total: {
    type: 'counter',
    help: 'Requests to the SIP redirect server that got no decision, by reason',
    labels: ['reason'],
    bound: 'closed list of connectors/redirect',
  },
  ringfence_appeals_open: { type: 'gauge', help: 'Appeals that wait for an answer' },
  ringfence_appeals_overdue: { type: 'gauge', help: 'Appeals whose clock has run out' },
})
