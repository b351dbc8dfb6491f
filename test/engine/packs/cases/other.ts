import type { RuleCase } from './case.ts'

const probe = { kind: 'probe', method: 'OPTIONS' }

export const otherCases: Readonly<Record<string, RuleCase>> = {
  SCANNER_AGENT: {
    fires: { who: 'SIPVicious', activity: { ...probe, agent: 'friendly-scanner' } },
    spares: {
      who: 'a desk telephone',
      activity: { kind: 'registration', agent: 'Yealink SIP-T46S 66.85.0.5', outcome: 'accepted' },
    },
  },
  PROBING: {
    fires: { who: 'a scanner', activity: probe, features: { probes_1m: 40, probes_10m: 40 } },
    spares: {
      who: 'a trunk that keeps alive every ten seconds',
      activity: probe,
      features: { probes_1m: 6, probes_10m: 60 },
    },
  },
  CALL_PROBING: {
    fires: {
      who: 'a seeker of open relays',
      activity: { kind: 'probe', method: 'INVITE' },
      features: { probes_10m: 15 },
    },
    spares: {
      who: 'a wrong configuration that tries once',
      activity: { kind: 'probe', method: 'INVITE' },
      features: { probes_10m: 3 },
    },
  },
  REGISTRATION_ATTACK: {
    fires: {
      who: 'a guesser of passwords',
      activity: { kind: 'registration', outcome: 'failed', status: 403 },
      features: { registration_failures_1m: 60, registration_failures_10m: 300 },
    },
    spares: {
      who: 'a telephone with a wrong password',
      activity: { kind: 'registration', outcome: 'failed', status: 403 },
      features: { registration_failures_1m: 12, registration_failures_10m: 120 },
    },
  },
  DECOY_REACHED: {
    fires: { who: 'a number hunter', features: { decoy_hits_24h: 4 } },
    spares: { who: 'a wrong number', features: { decoy_hits_24h: 1 } },
  },
  COMPLAINT: {
    fires: { who: 'a caller two people reported', features: { complaints_24h: 2 } },
    spares: { who: 'a caller one person reported', features: { complaints_24h: 1 } },
  },
  COMPLAINTS: {
    fires: { who: 'a caller many reported', features: { complaints_24h: 9 } },
    spares: { who: 'a big firm over a month', features: { complaints_24h: 1, complaints_30d: 6 } },
  },
  UNWANTED_607: {
    fires: { who: 'a telemarketer', features: { rejections_607_24h: 8, distinct_targets_24h: 60 } },
    spares: { who: 'a former friend', features: { rejections_607_24h: 12, distinct_targets_24h: 3 } },
  },
  DENIED: {
    fires: { who: 'a listed number', activity: { from: { party: '+33162000001' } } },
    spares: { who: 'its neighbour', activity: { from: { party: '+33162000002' } } },
  },
  DENIED_ADDRESS: {
    fires: { who: 'a listed address', activity: { route: { tap: 'hep', peer: '192.0.2.17' } } },
    spares: { who: 'another address', activity: { route: { tap: 'hep', peer: '198.51.100.17' } } },
  },
}
