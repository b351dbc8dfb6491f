import { defineMetrics } from './spec.ts'

/** Verified caller identity, number intelligence, feeds and trust in reporters. */
export const identityMetrics = defineMetrics({
  ringfence_passport_verified_total: {
    type: 'counter',
    help: 'Signed caller identities that verified, by attestation',
    labels: ['attestation'],
    bound: 'A, B, C, none',
  },
  ringfence_passport_failed_total: {
    type: 'counter',
    help: 'Signed caller identities that did not verify, by reason',
    labels: ['reason'],
    bound: 'closed list, see docs/identity.md',
  },
  ringfence_passport_late_total: { type: 'counter', help: 'Calls that went on without their verification' },
  ringfence_passport_remembered_total: { type: 'counter', help: 'Verifications answered out of memory' },
  ringfence_passport_pending: { type: 'gauge', help: 'Verifications under way' },
  ringfence_passport_fetches_total: { type: 'counter', help: 'Certificates fetched, or tried to' },
  ringfence_passport_fetch_failures_total: {
    type: 'counter',
    help: 'Certificates that could not be had or not be used',
  },
  ringfence_passport_revocation_lists: { type: 'gauge', help: 'Revocation lists in force' },
  ringfence_passport_list_failures_total: { type: 'counter', help: 'Revocation lists that could not be read' },
  ringfence_reports_taken_total: { type: 'counter', help: 'Reports by message and star code that name somebody' },
  ringfence_reports_lost_total: {
    type: 'counter',
    help: 'Reports by message and star code that came to nothing, by reason',
    labels: ['reason'],
    bound: 'no-number, no-recent-call, about-oneself, no-text',
  },
  ringfence_feed_entries: { type: 'gauge', help: 'Parties that the feeds for the network publish' },
  ringfence_feed_editions_total: {
    type: 'counter',
    help: 'Editions of the feeds drawn up with another content or end',
  },
  ringfence_feed_left_out: {
    type: 'gauge',
    help: 'Parties that the last edition leaves out, by reason',
    labels: ['reason'],
    bound: 'too-mild, old, shielded, exempt, too-many',
  },
})
