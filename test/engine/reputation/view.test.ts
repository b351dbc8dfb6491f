import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Reputation } from '../../../engine/activity/index.ts'
import { createReputationView } from '../../../engine/reputation/index.ts'

const NOW = 1_764_000_000_000
const says = { en: 'A', fr: 'B' }

function reputation(party: string, fields: Partial<Reputation> = {}): Reputation {
  return {
    party,
    time: NOW,
    score: 8.25,
    action: 'divert',
    category: 'robocall',
    reasons: [{ symbol: 'ROBOCALL', score: 8.25, state: 'enforce', says, evidence: {} }],
    first: NOW - 1000,
    last: NOW,
    activities: 3,
    expires: NOW + 3_600_000,
    pack: 'p-1',
    ...fields,
  }
}

/** Numbers, short codes, addresses, and texts that look like numbers and are not. */
const party = fc.oneof(
  fc.integer({ min: 1, max: 999_999_999_999_999 }).map(n => `+${n}`),
  fc.integer({ min: 1, max: 400 }).map(n => `+${n}`),
  fc.integer({ min: 0, max: 400 }).map(String),
  fc.constantFrom(
    '',
    '+',
    '+0',
    '007',
    '+0112',
    'bob@example.net',
    'ip:192.0.2.1',
    '1234567890123456',
    '+1234567890123456',
  ),
  fc.string({ maxLength: 8 }),
)

describe('the reputation view', () => {
  it('gives what a Map would, whatever comes and goes', () => {
    const step = fc.record({ party, remove: fc.boolean(), score: fc.integer({ min: -50, max: 200 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), steps => {
        const view = createReputationView(1_000_000)
        const oracle = new Map<string, number>()
        for (const [i, { party, remove, score }] of steps.entries()) {
          if (remove) {
            view.remove(party)
            oracle.delete(party)
          } else {
            view.apply(reputation(party, { score: score / 4 }), 0, i, NOW)
            oracle.set(party, score / 4)
          }
        }
        assert.equal(view.counters.parties, oracle.size)
        for (const { party } of steps) assert.equal(view.find(party)?.score, oracle.get(party))
        const seen = new Map<string, number>()
        view.each('allow', NOW, held => {
          seen.set(held.party, held.score)
          return true
        })
        assert.deepEqual([...seen].sort(), [...oracle].sort())
      }),
      { numRuns: 60 },
    )
  })

  it('keeps what a decision needs, and where the whole record lies', () => {
    const view = createReputationView(1000)
    const shield = { action: 'challenge' as const, category: 'callbacks', until: NOW + 60_500, says }
    const reasons = ['A', 'B', 'C', 'D', 'E'].map((symbol, i) => ({
      symbol,
      score: 5 - i,
      state: 'enforce' as const,
      says,
      evidence: {},
    }))
    view.apply(reputation('+33612345678', { shield, reasons }), 3, 42, NOW)
    assert.deepEqual(view.find('+33612345678'), {
      party: '+33612345678',
      action: 'divert',
      score: 8.25,
      category: 'robocall',
      timeMs: NOW,
      expiresMs: NOW + 3_600_000,
      reasons: [
        { symbol: 'A', score: 5 },
        { symbol: 'B', score: 4 },
        { symbol: 'C', score: 3 },
        { symbol: 'D', score: 2 },
      ],
      shield: { action: 'challenge', category: 'callbacks', untilMs: NOW + 61_000 },
      partition: 3,
      offset: 42,
    })
    assert.equal(view.find('33612345678'), undefined, 'without + it is another party')
  })

  it('lets go of parties without a standing when it is full, and counts those it cannot take', () => {
    const view = createReputationView(100)
    for (let i = 1; i <= 100; i++)
      view.apply(reputation(`+3361234${i}`, { expires: i <= 10 ? NOW - 1 : NOW + 1_000_000 }), 0, i, NOW)
    for (let i = 1; i <= 15; i++) view.apply(reputation(`+4477000${i}`), 0, 100 + i, NOW)
    const { parties, evicted, refused } = view.counters
    assert.deepEqual({ parties, evicted, refused }, { parties: 100, evicted: 10, refused: 5 })
    assert.equal(view.find('+33612341'), undefined)
    assert.notEqual(view.find('+336123411'), undefined)
  })

  it('passes by those who have faded or are too mild', () => {
    const view = createReputationView(100)
    view.apply(reputation('+3311', { action: 'block' }), 0, 1, NOW)
    view.apply(reputation('+3312', { action: 'flag' }), 0, 2, NOW)
    view.apply(reputation('+3313', { action: 'block', expires: NOW - 1000 }), 0, 3, NOW)
    const found: string[] = []
    view.each('divert', NOW, ({ party }) => found.push(party) > 0)
    assert.deepEqual(found, ['+3311'])
  })
})
