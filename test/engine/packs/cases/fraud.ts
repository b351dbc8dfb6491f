import type { NumberFacts } from '../../../../engine/features/index.ts'
import type { RuleCase } from './case.ts'

const mobile: NumberFacts = { valid: true, type: 'mobile', country: 'FR' }

export const fraudCases: Readonly<Record<string, RuleCase>> = {
  ONE_CALL_PER_PEER: {
    fires: {
      who: 'a fraud caller',
      features: { calls_24h: 9, outgoing_share_30d: 0.9, contacts_30d: 60, calls_per_target_30d: 1.05 },
    },
    spares: { who: 'a person', features: { outgoing_share_30d: 0.6, contacts_30d: 60, calls_per_target_30d: 4 } },
  },
  LOW_RECIPROCITY: {
    fires: {
      who: 'a fraud caller',
      features: { calls_24h: 9, contacts_30d: 60, reciprocity_30d: 0, outgoing_share_30d: 0.9, age_days: 3 },
    },
    spares: {
      who: 'a courier whom customers ring back',
      features: { contacts_30d: 60, reciprocity_30d: 0.16, outgoing_share_30d: 0.85, age_days: 30 },
    },
  },
  OUTGOING_ONLY: {
    fires: { who: 'a fraud caller', features: { calls_24h: 9, contacts_30d: 60, outgoing_share_30d: 1, age_days: 3 } },
    spares: {
      who: 'a surgery that calls patients',
      features: { contacts_30d: 60, outgoing_share_30d: 0.4, age_days: 30 },
    },
  },
  STRANGERS_ALL_DAY: {
    fires: {
      who: 'a fraud caller at work',
      features: { calls_24h: 60, distinct_targets_24h: 58, outgoing_share_24h: 1, distinct_ratio_24h: 0.97 },
    },
    spares: {
      who: 'a courier at work',
      features: {
        calls_24h: 60,
        distinct_targets_24h: 55,
        outgoing_share_24h: 0.85,
        distinct_ratio_24h: 0.92,
        reciprocity_30d: 0.15,
      },
    },
  },
  SIM_BOX: {
    fires: {
      who: 'a SIM in a box',
      from: mobile,
      features: { calls_24h: 90, distinct_targets_24h: 90, hours_active_24h: 22, outgoing_share_24h: 1 },
    },
    spares: {
      who: "a fleet's telephone",
      from: mobile,
      features: {
        calls_24h: 90,
        distinct_targets_24h: 90,
        hours_active_24h: 10,
        outgoing_share_24h: 0.9,
        reciprocity_30d: 0.2,
      },
    },
  },
  PREMIUM_PUMPING: {
    fires: {
      who: 'a captured switchboard',
      features: { premium_targets_1h: 40, calls_1h: 50, distinct_targets_1h: 12 },
    },
    spares: { who: 'a televoter', features: { premium_targets_1h: 30, calls_1h: 30, distinct_targets_1h: 1 } },
  },
  HIGH_COST_PUMPING: {
    fires: {
      who: 'a captured telephone',
      features: { calls_1h: 30, international_share_1h: 1 },
      activity: { to: { party: '+881631234567' } },
    },
    spares: {
      who: 'a shipping office that calls a ship',
      features: { calls_1h: 20, international_share_1h: 0.3 },
      activity: { to: { party: '+870773123456' } },
    },
  },
  COUNTRY_SPREAD: {
    fires: {
      who: 'a tester of routes',
      features: { calls_24h: 60, international_share_24h: 1, country_entropy_24h: 2.8 },
    },
    spares: {
      who: 'a family with relations in two countries',
      features: { calls_24h: 40, international_share_24h: 0.9, country_entropy_24h: 0.9 },
    },
  },
  SHARED_ACCOUNT: {
    fires: { who: 'a stolen account', features: { sources_24h: 14, agent_changes_24h: 40 } },
    spares: { who: 'a telephone on a train', features: { sources_24h: 12, agent_changes_24h: 1 } },
  },
}
