import type { RuleCase } from './case.ts'

const message = { kind: 'message' }
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
