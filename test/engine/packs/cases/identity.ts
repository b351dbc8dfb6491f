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
  IMPOSSIBLE_ORIGIN: {
    fires: {
      who: 'a number of four digits behind a country',
      from: { valid: false, type: '', country: 'FR', fault: 'wrong-length' },
    },
    spares: {
      who: 'a number of a range that is newer than the metadata',
      from: { valid: false, type: '', country: 'FR', fault: 'unassigned' },
    },
  },
  INVENTED_NEIGHBOUR: {
    fires: {
      who: 'an invented number of the same exchange',
      from: { valid: false, type: '', country: 'US', fault: 'unassigned' },
      neighbourDigits: 6,
    },
    spares: { who: 'a neighbour', from: { valid: true, type: 'fixed', country: 'US' }, neighbourDigits: 7 },
  },
  PREMIUM_ORIGIN: {
    fires: { who: 'a premium-rate number that calls', from: { valid: true, type: 'premium', country: 'FR' } },
    spares: { who: 'a call to a premium-rate number', to: { valid: true, type: 'premium', country: 'FR' } },
  },
  TOLL_FREE_ORIGIN: {
    fires: { who: 'a toll-free number that calls', from: { valid: true, type: 'toll-free', country: 'FR' } },
    spares: { who: 'a call to a toll-free number', to: { valid: true, type: 'toll-free', country: 'FR' } },
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
