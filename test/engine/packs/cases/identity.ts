import type { RuleCase } from './case.ts'

export const identityCases: Readonly<Record<string, RuleCase>> = {
  DO_NOT_ORIGINATE: {
    fires: { who: 'a caller in the name of a bank', activity: { from: { party: '+33800000001' } } },
    spares: { who: 'a call to that bank', activity: { to: { party: '+33800000001' } } },
  },
  UNASSIGNED_ORIGIN: {
    fires: {
      who: 'an invented number',
      from: { valid: false, type: '', country: '' },
      activity: { from: { party: '+33099999999' } },
    },
    spares: { who: 'an address, which is no number', activity: { from: { party: 'sip:anna@example.org' } } },
  },
  ASSERTED_MISMATCH: {
    fires: {
      who: 'a caller who shows another number',
      activity: { from: { party: '+33612345678', claimed: '+33199001122' } },
    },
    spares: { who: 'a caller who shows their own', activity: { from: { party: '+33612345678', asserted: 'pai' } } },
  },
  PASSPORT_BROKEN: {
    fires: { who: 'a forged signature', activity: { from: { party: '+33612345678', verification: 'bad-signature' } } },
    spares: {
      who: 'a signature whose certificate could not be fetched',
      activity: { from: { party: '+33612345678', verification: 'certificate-unreachable' } },
    },
  },
  PASSPORT_OUTDATED: {
    fires: { who: 'a replayed token', activity: { from: { party: '+33612345678', verification: 'stale' } } },
    spares: { who: 'a good signature', activity: { from: { party: '+33612345678', attestation: 'A' } } },
  },
  GATEWAY_ATTESTED_BURST: {
    fires: {
      who: 'many calls out of a gateway',
      features: { distinct_targets_10m: 30 },
      activity: { from: { party: '+33612345678', attestation: 'C' } },
    },
    spares: {
      who: 'a visitor from abroad',
      features: { distinct_targets_10m: 2 },
      activity: { from: { party: '+33612345678', attestation: 'C' } },
    },
  },
  NEIGHBOUR_SPOOFING: {
    fires: {
      who: 'a neighbour spoofer',
      features: { calls_1h: 40, distinct_targets_1h: 40, distinct_ratio_1h: 1, neighbour_share_1h: 0.95 },
    },
    spares: {
      who: 'a village shop',
      features: { calls_1h: 10, distinct_targets_1h: 8, distinct_ratio_1h: 0.8, neighbour_share_1h: 1 },
    },
  },
}
