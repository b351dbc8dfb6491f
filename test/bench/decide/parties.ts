import type { Reputation } from '../../../engine/activity/index.ts'

/** The i-th number: spread over mobile ranges as a real reputation is, not one block. */
export function numberOf(i: number): string {
  return `+336${String((i * 7_919) % 100_000_000).padStart(8, '0')}`
}

/** A standing that blocks for an hour. */
export function reputationOf(party: string, nowMs: number): Reputation {
  return {
    party,
    time: nowMs,
    score: 14,
    action: 'block',
    category: 'robocall',
    reasons: [
      { symbol: 'ROBOCALL', score: 8, state: 'enforce', says: { en: 'a', fr: 'b' }, evidence: {} },
      { symbol: 'MANY_TARGETS', score: 6, state: 'enforce', says: { en: 'a', fr: 'b' }, evidence: {} },
    ],
    first: nowMs,
    last: nowMs,
    activities: 100,
    expires: nowMs + 3_600_000,
    pack: 'bench',
  }
}
