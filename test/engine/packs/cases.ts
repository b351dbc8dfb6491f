import type { NumberFacts } from '../../../engine/features/index.ts'

/** A situation as a rule sees it: what is not said is 0, empty, or an unremarkable call. */
export interface Situation {
  readonly who: string
  readonly features?: Readonly<Record<string, number>>
  readonly activity?: Readonly<Record<string, unknown>>
  readonly text?: Readonly<Record<string, number>>
  readonly from?: NumberFacts
  readonly to?: NumberFacts
}

/** For every rule of the default pack: traffic that fires it, and the harmless traffic most like it that must not. */
export interface RuleCase {
  readonly fires: Situation
  readonly spares: Situation
}

const mobile: NumberFacts = { valid: true, type: 'mobile', country: 'FR' }
const message = { kind: 'message' }
const probe = { kind: 'probe', method: 'OPTIONS' }

export const callCases: Readonly<Record<string, RuleCase>> = {
  CALL_BURST: {
    fires: { who: 'a dialler', features: { calls_1m: 12, calls_10m: 12 } },
    spares: { who: 'a person who redials', features: { calls_1m: 6, calls_10m: 15 } },
  },
  MANY_TARGETS: {
    fires: {
      who: 'a dialler at any rate',
      features: { calls_10m: 2_000, distinct_targets_10m: 620, distinct_ratio_10m: 0.3 },
    },
    spares: {
      who: 'an office that calls its contacts',
      features: { calls_10m: 44, distinct_targets_10m: 22, distinct_ratio_10m: 0.5 },
    },
  },
  MANY_TARGETS_DAY: {
    fires: { who: 'a slow dialler', features: { calls_24h: 206, distinct_targets_24h: 200, distinct_ratio_24h: 0.97 } },
    spares: {
      who: 'a switchboard of 400 calls a day to repeat contacts',
      features: { calls_24h: 400, distinct_targets_24h: 180, distinct_ratio_24h: 0.45 },
    },
  },
  MANY_AT_ONCE: {
    fires: { who: 'a dialler with thirty lines', features: { concurrent_calls: 30, distinct_targets_10m: 80 } },
    spares: { who: 'a conference of twelve', features: { concurrent_calls: 12, distinct_targets_10m: 12 } },
  },
  ROBOCALL: {
    fires: {
      who: 'a robocaller whose calls are cut off',
      features: {
        calls_10m: 41,
        distinct_targets_10m: 40,
        distinct_ratio_10m: 0.98,
        short_call_share_1h: 0.8,
        answer_ratio_1h: 0.5,
      },
    },
    spares: {
      who: 'a switchboard in its busy hour',
      features: {
        calls_10m: 50,
        distinct_targets_10m: 40,
        distinct_ratio_10m: 0.8,
        short_call_share_1h: 0.15,
        answer_ratio_1h: 0.65,
      },
    },
  },
  ROBOCALL_SLOW: {
    fires: {
      who: 'a robocaller below the burst',
      features: {
        calls_24h: 158,
        distinct_targets_24h: 150,
        distinct_ratio_24h: 0.95,
        answer_ratio_24h: 0.1,
        short_call_share_24h: 0.2,
      },
    },
    spares: {
      who: 'a courier who is answered',
      features: {
        calls_24h: 100,
        distinct_targets_24h: 90,
        distinct_ratio_24h: 0.9,
        answer_ratio_24h: 0.7,
        short_call_share_24h: 0.3,
      },
    },
  },
  INVALID_TARGETS: {
    fires: { who: 'a random dialler', features: { invalid_targets_1h: 20, calls_1h: 40 } },
    spares: { who: 'a firm with a stale list', features: { invalid_targets_1h: 10, calls_1h: 100 } },
  },
  UNASSIGNED_TARGETS: {
    fires: { who: 'a random dialler', features: { unassigned_targets_1h: 15, calls_1h: 50 } },
    spares: { who: 'somebody who mistypes', features: { unassigned_targets_1h: 2, calls_1h: 5 } },
  },
  DECLINED: {
    fires: { who: 'a telemarketer', features: { failed_6xx_1h: 12, calls_1h: 30 } },
    spares: { who: 'an office', features: { failed_6xx_1h: 8, calls_1h: 80 } },
  },
  CLOCKWORK_PACING: {
    fires: { who: 'a dialler', features: { calls_10m: 30, distinct_targets_10m: 30, gap_cv: 0.1 } },
    spares: { who: 'a busy office', features: { calls_10m: 30, distinct_targets_10m: 25, gap_cv: 0.9 } },
  },
  SEQUENTIAL_DIALLING: {
    fires: { who: 'a number hunter', features: { calls_10m: 20, sequential_ratio_10m: 0.9, distinct_targets_10m: 19 } },
    spares: {
      who: 'a desk that redials two neighbouring extensions',
      features: { calls_10m: 16, sequential_ratio_10m: 0.9, distinct_targets_10m: 2 },
    },
  },
  SEQUENTIAL_DIALLING_SLOW: {
    fires: {
      who: 'a slow number hunter',
      features: { calls_1h: 25, sequential_ratio_1h: 0.95, distinct_targets_1h: 24 },
    },
    spares: { who: 'a switchboard', features: { calls_1h: 80, sequential_ratio_1h: 0.1, distinct_targets_1h: 60 } },
  },
  BLOCK_DIALLING: {
    fires: { who: 'a block dialler', features: { calls_1h: 60, same_block_ratio_1h: 0.95, distinct_targets_1h: 60 } },
    spares: {
      who: 'a firm that calls its branch',
      features: { calls_1h: 60, same_block_ratio_1h: 0.9, distinct_targets_1h: 8 },
    },
  },
  WANGIRI: {
    fires: { who: 'a wangiri caller', features: { missed_calls_10m: 30, missed_ratio_1h: 1, distinct_ratio_10m: 1 } },
    spares: {
      who: 'a parent who lets it ring for a lift home',
      features: { missed_calls_10m: 10, missed_ratio_1h: 0.9, distinct_ratio_10m: 0.1 },
    },
  },
  WANGIRI_SLOW: {
    fires: {
      who: 'a slow wangiri caller',
      features: { missed_calls_24h: 50, missed_ratio_24h: 0.9, distinct_ratio_24h: 0.95 },
    },
    spares: {
      who: 'a taxi rank that rings to say it is there',
      features: { missed_calls_24h: 30, missed_ratio_24h: 0.4, distinct_ratio_24h: 0.9 },
    },
  },
  NIGHT_CALLS: {
    fires: {
      who: 'a night caller',
      features: { calls_1h: 30, distinct_targets_1h: 30, distinct_ratio_1h: 1 },
      activity: { time: Date.UTC(2026, 2, 4, 2, 30) },
    },
    spares: {
      who: 'the same by day',
      features: { calls_1h: 30, distinct_targets_1h: 30, distinct_ratio_1h: 1 },
      activity: { time: Date.UTC(2026, 2, 4, 10, 30) },
    },
  },
}

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

const atTarget = { role: 'target' }
export const floodCases: Readonly<Record<string, RuleCase>> = {
  TDOS: {
    fires: {
      who: 'a flooded line',
      features: { calls_in_1m: 60, distinct_origins_1m: 50, calls_in_24h: 80 },
      activity: { ...atTarget, kind: 'call.failed', status: 486, endedBy: 'target' },
    },
    spares: {
      who: 'a call centre one of whose callers gives up',
      features: { calls_in_1m: 60, distinct_origins_1m: 55, calls_in_24h: 30_000 },
      activity: { ...atTarget, kind: 'call.failed', status: 487, endedBy: 'origin' },
    },
  },
  TDOS_SURGE: {
    fires: {
      who: 'a private line under attack',
      features: { calls_in_1m: 60, distinct_origins_1m: 50, calls_in_24h: 90, age_days: 20 },
      activity: atTarget,
    },
    spares: {
      who: 'a call centre that answers',
      features: { calls_in_1m: 60, distinct_origins_1m: 55, calls_in_24h: 20_000, age_days: 20 },
      activity: atTarget,
    },
  },
  CALL_FLOOD: {
    fires: {
      who: 'a line one caller floods',
      features: { calls_in_1m: 40, distinct_origins_1m: 1 },
      activity: atTarget,
    },
    spares: {
      who: 'a line a friend redials',
      features: { calls_in_1m: 6, distinct_origins_1m: 1 },
      activity: atTarget,
    },
  },
  CALLBACK_STORM: {
    fires: {
      who: 'a victim of spoofing',
      features: { new_origins_1h: 60, distinct_origins_1h: 60, calls_in_1h: 65, calls_in_24h: 68, age_days: 30 },
      activity: atTarget,
    },
    spares: {
      who: 'a surgery on Monday morning',
      features: { new_origins_1h: 25, distinct_origins_1h: 30, calls_in_1h: 35, calls_in_24h: 160, age_days: 30 },
      activity: atTarget,
    },
  },
  MESSAGE_FLOOD: {
    fires: {
      who: 'a victim of a text bomb',
      features: { messages_in_1m: 60, distinct_origins_1m: 40 },
      activity: { ...atTarget, ...message },
    },
    spares: {
      who: 'a member of a lively group',
      features: { messages_in_1m: 30, distinct_origins_1m: 6 },
      activity: { ...atTarget, ...message },
    },
  },
  OTP_FLOOD: {
    fires: {
      who: 'a number whose codes earn money',
      features: { otp_messages_in_1h: 30 },
      text: { otp: 1 },
      activity: { ...atTarget, ...message },
    },
    spares: {
      who: 'somebody who asks for a code again',
      features: { otp_messages_in_1h: 4 },
      text: { otp: 1 },
      activity: { ...atTarget, ...message },
    },
  },
}

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

export const messageCases: Readonly<Record<string, RuleCase>> = {
  MESSAGE_BURST: {
    fires: { who: 'a sender in bulk', activity: message, features: { messages_10m: 80, distinct_targets_10m: 78 } },
    spares: { who: 'a lively chat', activity: message, features: { messages_10m: 60, distinct_targets_10m: 3 } },
  },
  NOBODY_REPLIES: {
    fires: {
      who: 'a sender in bulk',
      activity: message,
      features: { messages_24h: 200, distinct_targets_24h: 190, outgoing_share_24h: 1 },
    },
    spares: {
      who: 'the organiser of a feast',
      activity: message,
      features: { messages_24h: 90, distinct_targets_24h: 70, outgoing_share_24h: 0.6 },
    },
  },
  REPEATED_TEXT: {
    fires: { who: 'a sender in bulk', activity: message, features: { repeated_texts_1h: 40, repeat_ratio_1h: 0.95 } },
    spares: {
      who: 'a surgery with twelve reminders',
      activity: message,
      features: { repeated_texts_1h: 11, repeat_ratio_1h: 0.92 },
    },
  },
  REPEATED_LINK: {
    fires: {
      who: 'a phisher',
      activity: message,
      features: { repeated_texts_1h: 30, repeat_ratio_1h: 0.95, links_1h: 30 },
      text: { links: 1 },
    },
    spares: {
      who: 'a surgery with forty reminders and no link',
      activity: message,
      features: { repeated_texts_1h: 40, repeat_ratio_1h: 0.95 },
    },
  },
  MESSAGE_BLAST: {
    fires: {
      who: 'a sender in bulk',
      activity: message,
      features: { repeated_texts_1h: 300, repeat_ratio_1h: 0.99, distinct_targets_1h: 280 },
    },
    spares: {
      who: 'a surgery with sixty reminders',
      activity: message,
      features: { repeated_texts_1h: 60, repeat_ratio_1h: 0.95, distinct_targets_1h: 60 },
    },
  },
  CAMPAIGN: {
    fires: {
      who: 'one SIM of a farm',
      activity: message,
      features: { campaign_origins: 12, campaign_messages: 200 },
      text: { links: 1 },
    },
    spares: {
      who: 'a greeting of New Year',
      activity: message,
      features: { campaign_origins: 90, campaign_messages: 900 },
    },
  },
  SMISHING_TEXT: {
    fires: { who: 'a parcel that is not', activity: message, text: { links: 1, urgency: 1, amounts: 1 } },
    spares: { who: 'a friend with a link', activity: message, text: { links: 1, amounts: 1 } },
  },
  SHORTENED_LINK: {
    fires: {
      who: 'a sender of hidden links',
      activity: message,
      features: { links_1h: 10, distinct_targets_1h: 10 },
      text: { shortened_links: 1 },
    },
    spares: {
      who: 'a friend with one',
      activity: message,
      features: { links_1h: 1, distinct_targets_1h: 1 },
      text: { shortened_links: 1 },
    },
  },
  MIXED_SCRIPTS: {
    fires: { who: 'an evader of filters', activity: message, text: { mixed_scripts: 1 } },
    spares: { who: 'somebody who writes Greek', activity: message, text: { length: 60 } },
  },
  CALL_THIS_NUMBER: {
    fires: {
      who: 'a false support desk',
      activity: message,
      features: { repeated_texts_1h: 12, repeat_ratio_1h: 0.9 },
      text: { phone_numbers: 1, urgency: 1 },
    },
    spares: {
      who: 'a friend: call me on this number',
      activity: message,
      features: { repeated_texts_1h: 1, repeat_ratio_1h: 0.2 },
      text: { phone_numbers: 1, urgency: 1 },
    },
  },
  OTP_PUMPING: {
    fires: {
      who: 'codes to invented numbers',
      activity: message,
      features: { messages_1h: 200, unassigned_targets_1h: 60 },
      text: { otp: 1 },
    },
    spares: {
      who: 'a bank that sends codes',
      activity: message,
      features: { messages_1h: 5_000, unassigned_targets_1h: 20 },
      text: { otp: 1 },
    },
  },
}

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
