import { defineMetrics } from './spec.ts'

/** Are we hurting anyone, and what did the last change do. */
export const qualityMetrics = defineMetrics({
  ringfence_pack_info: {
    type: 'gauge',
    help: 'Version of the packs in force',
    labels: ['version'],
    bound: 'one version at a time',
    series: 1,
  },
  ringfence_pack_reloads_total: { type: 'counter', help: 'Packs loaded again and taken' },
  ringfence_pack_refused_total: { type: 'counter', help: 'Packs that did not load; the ones before stayed' },
  ringfence_pack_last_reload_success: {
    type: 'gauge',
    help: '1 when the last reload of the packs was taken, 0 when it was refused',
  },
  ringfence_symbol_feedback_total: {
    type: 'counter',
    help: "People's opinions of parties that the symbol was held against",
    labels: ['symbol', 'opinion'],
    bound: 'symbols of the packs; spam or ham',
    series: 1000,
  },
  ringfence_symbol_with_action_total: {
    type: 'counter',
    help: 'Hits of a symbol on which the verdict asked for an action anyway',
    labels: ['symbol'],
    bound: 'symbols of the packs',
    series: 500,
  },
  ringfence_symbol_would_raise_total: {
    type: 'counter',
    help: 'Hits of a shadow symbol that alone would have raised the action',
    labels: ['symbol'],
    bound: 'symbols of the packs',
    series: 500,
  },
  ringfence_shadow_overlap_total: {
    type: 'counter',
    help: 'Hits of a shadow symbol that another symbol had as well: what it would add is in the rest',
    labels: ['symbol', 'other'],
    bound: 'shadow symbols of the packs and those that hit with them',
    series: 500,
  },
  ringfence_feedback_total: {
    type: 'counter',
    help: 'Opinions applied, by source, what they say, and whether the party was held to be spam (caught) or not (clear)',
    labels: ['source', 'opinion', 'standing'],
    bound: 'closed lists of the feedback schema',
  },
  ringfence_complaints_total: {
    type: 'counter',
    help: 'Complaints of people by what became of them: counted, repeated by the same person, too-many of one person in a day, weak (not enough trust behind it yet)',
    labels: ['outcome'],
    bound: 'counted, repeated, too-many, weak',
  },
  ringfence_complaints_trust_total: {
    type: 'counter',
    help: 'Trust (0 to 1, decayed) in who complained, added up; over the rate of counted and weak complaints it is the mean',
  },
})
