import type { RuleCase } from './case.ts'

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
  CALL_CAMPAIGN: {
    fires: {
      who: 'a dialler that changes numbers',
      features: { campaign_origins: 12, campaign_messages: 30 },
    },
    spares: { who: 'three who share a line', features: { campaign_origins: 3, campaign_messages: 60 } },
  },
  SPAM_RANGE: {
    fires: { who: 'a number out of a bought block', crowds: { 'range.spam_24h': 40, 'range.spam_share_24h': 0.6 } },
    spares: { who: 'a neighbour of one spammer', crowds: { 'range.spam_24h': 40, 'range.spam_share_24h': 0.02 } },
  },
  SPAM_ROUTE: {
    fires: { who: 'a carrier of spam', crowds: { 'route.spam_24h': 400, 'route.spam_share_24h': 0.5 } },
    spares: { who: 'a large carrier', crowds: { 'route.spam_24h': 400, 'route.spam_share_24h': 0.01 } },
  },
}
