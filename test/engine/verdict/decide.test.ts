import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity, Reputation, Verdict } from '../../../engine/activity/index.ts'
import { jsonCodec, Reputation as ReputationSchema, Verdict as VerdictSchema } from '../../../engine/activity/index.ts'
import { type Finding, loadPacks, type Pack } from '../../../engine/rules/index.ts'
import { createDecider } from '../../../engine/verdict/index.ts'
import { activity, packFolder, vocabulary } from '../rules/support.ts'

const MINUTE = 60_000
const HOUR = 3_600_000

const says = 'says: { en: A, fr: B }, analysis: source, on: call.attempt, when: origin.calls_1m >= 1'
const rules = `
- { symbol: STRONG, score: 5, category: fraud, hold: 2h, halfLife: 1h, ${says} }
- { symbol: WEAK_A, score: 2, group: rate, category: robocall, ${says} }
- { symbol: WEAK_B, score: 3, group: rate, category: robocall, ${says} }
- { symbol: GHOST, score: 9, category: fraud, state: shadow, ${says} }
- { symbol: FLEETING, score: 5, category: fraud, hold: 0s, ${says} }
- { symbol: KIND, score: -3, category: fraud, ${says} }
- symbol: FLOODED
  protects: target
  on: call.attempt
  when: target.calls_in_1m >= 1
  score: 5
  category: flood
  hold: 30m
  analysis: source
  says: { en: Flooded, fr: Submergé }
`
const header = `name: p
version: 1
thresholds: { flag: 4, challenge: 6, divert: 9, block: 12 }
groups: { rate: 3.5 }
categories:
  fraud: { en: F, fr: F }
  robocall: { en: R, fr: R }
  flood: { en: T, fr: T }
composites:
  - { symbol: BOTH, when: WEAK_A && WEAK_B, score: 1, category: robocall, says: { en: C, fr: D } }
  - { symbol: HAUNTED, when: WEAK_A && GHOST, score: 6, category: fraud, says: { en: C, fr: D } }
lists:
  allow: { kind: numbers, entries: ["+33699999999"], effect: allow }
  emergency: { kind: numbers, entries: [112], effect: emergency }
  trusted: { kind: addresses, entries: [192.0.2.0/24], effect: trusted }
`
const pack: Pack = loadPacks([packFolder({ 'pack.yaml': header, 'rules/r.yaml': rules })], vocabulary)

function findings(...symbols: readonly string[]): Finding[] {
  return symbols.map(symbol => {
    const spec = pack.rules.find(rule => rule.symbol === symbol)
    assert.ok(spec, symbol)
    return { spec, score: spec.score, evidence: { 'origin.calls_1m': 3 } }
  })
}

const t0 = 1_764_000_000_000
const attempt = (offsetMs: number, fields: Partial<Activity> = {}) =>
  activity({ id: `a${offsetMs}`, time: t0 + offsetMs, ...fields })

/** A decider with short hands: what it says of one attempt. */
function start(options = {}) {
  const decider = createDecider(pack, options)
  const at = (offsetMs: number, symbols: readonly string[] = [], fields: Partial<Activity> = {}) =>
    decider.decide({ activity: attempt(offsetMs, fields), findings: findings(...symbols) })
  return { decider, at }
}

test('nothing found and nothing held: allow, without a word and without a standing', () => {
  const { decider, at } = start()
  assert.equal(at(0), undefined)
  assert.equal(decider.parties, 0)
})

test('verdict and reputation are as their schemas say', () => {
  const { at } = start()
  const decision = at(0, ['STRONG', 'GHOST', 'WEAK_A'])
  const verdicts = jsonCodec(VerdictSchema)
  const reputations = jsonCodec(ReputationSchema)
  assert.ok(verdicts.decode(verdicts.encode(decision?.verdict as Verdict)).ok)
  assert.ok(reputations.decode(reputations.encode(decision?.reputation as Reputation)).ok)
})

test('a group adds no more than its cap, shared among its symbols', () => {
  const { verdict } = start().at(0, ['WEAK_A', 'WEAK_B', 'STRONG'])!
  assert.equal(verdict?.score, 9.5)
  const score = (symbol: string) => verdict?.reasons.find(reason => reason.symbol === symbol)?.score
  assert.deepEqual([score('WEAK_A'), score('WEAK_B'), score('BOTH'), score('STRONG')], [1.4, 2.1, 1, 5])
  assert.equal(verdict?.action, 'divert')
  assert.equal(verdict?.category, 'fraud')
})

test('the action is the last threshold that the score reaches', () => {
  const { decider } = start()
  const actionAt = (score: number) => {
    const [finding] = findings('FLEETING')
    return decider.preview({ activity: attempt(0), findings: [{ ...finding!, score }] }).verdict.action
  }
  assert.deepEqual([3.999, 4, 6, 9, 12, 40].map(actionAt), ['allow', 'flag', 'challenge', 'divert', 'block', 'block'])
})

test('a shadow symbol counts for nothing and says what it would have done', () => {
  const { verdict } = start().at(0, ['GHOST', 'STRONG'])!
  assert.equal(verdict?.action, 'flag')
  assert.equal(verdict?.score, 5)
  assert.equal(verdict?.shadowAction, 'block')
  assert.deepEqual(verdict?.reasons.find(reason => reason.symbol === 'GHOST')?.score, 0)
  const alone = start().at(0, ['GHOST'])
  assert.equal(alone?.verdict?.action, 'allow')
  assert.equal(alone?.verdict?.shadowAction, 'divert')
})

test('a composite that needs a shadow symbol is a shadow itself', () => {
  const { verdict } = start().at(0, ['GHOST', 'WEAK_A'])!
  assert.equal(verdict?.score, 2)
  const haunted = verdict?.reasons.find(reason => reason.symbol === 'HAUNTED')
  assert.equal(haunted?.state, 'shadow')
  assert.equal(verdict?.shadowAction, 'block')
})

test('a negative symbol takes away', () => {
  const { verdict } = start().at(0, ['STRONG', 'KIND'])!
  assert.equal(verdict?.score, 2)
  assert.equal(verdict?.action, 'allow')
})

test('a hit is held, halves every half-life and ends with its hold', () => {
  const { at, decider } = start()
  at(0, ['STRONG'])
  const soon = at(10 * MINUTE)?.verdict
  assert.equal(soon?.score, 4.454)
  assert.equal(soon?.action, 'flag')
  assert.equal(soon?.reasons[0]?.held, true)
  assert.deepEqual(soon?.reasons[0]?.evidence, { 'origin.calls_1m': 3 })
  const later = at(HOUR)
  assert.equal(later?.verdict, undefined, 'decayed below flag: nothing to say of a single call')
  assert.equal(later?.reputation?.action, 'allow')
  assert.equal(decider.parties, 1)
  at(2 * HOUR)
  assert.equal(decider.parties, 0)
})

test('a fresh hit takes the place of the held one, and begins its hold anew', () => {
  const { at } = start()
  at(0, ['STRONG'])
  const again = at(HOUR, ['STRONG'])?.verdict
  assert.equal(again?.score, 5)
  assert.equal(again?.reasons.length, 1)
  assert.equal(at(HOUR + 10 * MINUTE)?.verdict?.score, 4.454)
})

test('what is held for no time leaves no standing', () => {
  const { at, decider } = start()
  assert.equal(at(0, ['FLEETING'])?.verdict?.action, 'flag')
  assert.equal(decider.parties, 0)
  assert.equal(at(1_000), undefined)
})

test('a late record finds the symbol undecayed, never grown', () => {
  const { at } = start()
  at(HOUR, ['STRONG'])
  assert.equal(at(0)?.verdict?.score, 5)
})

test('the later records of a call repeat no verdict', () => {
  const { at } = start()
  at(0, ['STRONG'])
  const ended = at(MINUTE, [], { kind: 'call.ended', duration: 5, endedBy: 'origin' } as Partial<Activity>)
  assert.equal(ended?.verdict, undefined)
})

test('reputation is written when the action changes, else when the score moved and the time is due', () => {
  const { at } = start({ reputationEveryMs: MINUTE })
  const first = at(0, ['WEAK_A'])?.reputation
  assert.equal(first?.score, 2)
  assert.equal(first?.action, 'allow')
  assert.equal(at(1_000, ['WEAK_B'])?.reputation?.action, 'flag', 'with the composite: at once')
  assert.equal(at(2_000, ['WEAK_B'])?.reputation, undefined, 'no change')
  assert.equal(at(3_000, ['KIND'])?.reputation?.action, 'allow')
  assert.equal(at(4_000, ['STRONG'])?.reputation?.action, 'challenge')
  assert.equal(at(70_000)?.reputation, undefined, 'due, but moved by less than a half')
})

test('reputation says when it will have decayed to allow', () => {
  const { at } = start()
  const reputation = at(0, ['STRONG'])?.reputation
  const expected = t0 + HOUR * Math.log2(5 / 4)
  assert.ok(Math.abs((reputation?.expires ?? 0) - expected) <= 2_000)
})

test('reputation carries the history that it is given', () => {
  const decider = createDecider(pack)
  const history = () => ({ first: 1, last: 2, activities: 3, campaign: 'c' })
  const decision = decider.decide({ activity: attempt(0), findings: findings('STRONG'), history })
  const reputation = decision?.reputation
  assert.deepEqual([reputation?.first, reputation?.last, reputation?.activities, reputation?.campaign], [1, 2, 3, 'c'])
})

test('a shield protects the target until its hold ends, and counts against nobody', () => {
  const { at, decider } = start()
  const inbound = { role: 'target' } as Partial<Activity>
  const decision = at(0, ['FLOODED'], inbound)
  assert.equal(decision?.verdict?.action, 'flag')
  assert.equal(decision?.verdict?.role, 'target')
  const reputation = decision?.reputation
  assert.deepEqual(
    [reputation?.party, reputation?.score, reputation?.action, reputation?.reasons],
    ['+33187654321', 0, 'allow', []],
  )
  assert.deepEqual(reputation?.shield, {
    action: 'flag',
    category: 'flood',
    until: t0 + 30 * MINUTE,
    says: { en: 'Flooded', fr: 'Submergé' },
  })
  assert.equal(
    at(MINUTE, [], { from: { party: '+33187654321' } }),
    undefined,
    'the victim calls: nothing is held against it',
  )
  const over = at(31 * MINUTE, [], inbound)
  assert.equal(over?.reputation?.shield, undefined)
  assert.equal(over?.verdict, undefined)
  assert.equal(decider.parties, 0)
})

for (const [what, fields] of [
  ['an allowed party', { from: { party: '+33699999999' } }],
  ['a trusted peer', { route: { tap: 'hep', peer: '192.0.2.9' } }],
  ['a call to an emergency service', { to: { party: '112' } }],
  ['a call back from an emergency service that the network vouches for', { from: { party: '112', asserted: 'pai' } }],
] as const) {
  test(`${what} is exempt, and counted`, () => {
    const { at, decider } = start()
    assert.equal(at(0, ['STRONG', 'WEAK_A'], fields as Partial<Activity>), undefined)
    assert.equal(decider.counters.exempted, 1)
    assert.equal(decider.parties, 0)
    const preview = decider.preview({ activity: attempt(0, fields as Partial<Activity>), findings: findings('STRONG') })
    assert.equal(preview.verdict.action, 'allow')
    assert.notEqual(preview.exempt, undefined)
  })
}

test('an exempt activity clears nobody: neither a call to an emergency service nor one through a trusted peer', () => {
  const { at } = start()
  at(0, ['STRONG'])
  at(1_000, [], { to: { party: '112' } })
  at(2_000, [], { route: { tap: 'hep', peer: '192.0.2.9' } })
  assert.equal(at(3_000)?.verdict?.action, 'flag')
})

test('an allowed caller changes nothing in the standing of the party it calls', () => {
  const { at } = start()
  const suspect = { from: { party: '+33187654321' } }
  at(0, ['STRONG'], suspect)
  at(1_000, ['FLOODED'], { role: 'target', from: { party: '+33699999999' } })
  assert.equal(at(2_000, [], suspect)?.verdict?.action, 'flag')
})

test('whoever merely writes an emergency number into From is not exempt', () => {
  const { at } = start()
  assert.equal(at(0, ['STRONG'], { from: { party: '112', asserted: 'from' } })?.verdict?.action, 'flag')
})

test('one weak sign alone is told and not held: standings are for suspects', () => {
  const { at, decider } = start()
  const [weak] = findings('WEAK_A')
  const decision = decider.decide({ activity: attempt(0), findings: [{ ...weak!, score: 1.9 }] })
  assert.equal(decision?.verdict?.score, 1.9)
  assert.equal(decision?.reputation, undefined)
  assert.equal(decider.parties, 0)
  at(1_000, ['WEAK_A'])
  assert.equal(decider.parties, 1)
})

test('a party that is flagged and then allowed is forgiven in its reputation', () => {
  const decider = createDecider(pack)
  const party = '+33699999998'
  decider.decide({ activity: attempt(0, { from: { party } }), findings: findings('STRONG') })
  const lists = loadPacks(
    [
      packFolder({
        'pack.yaml': header.replace('+33699999999', party),
        'rules/r.yaml': rules,
      }),
    ],
    vocabulary,
  )
  decider.usePack(lists)
  const decision = decider.decide({ activity: attempt(1_000, { from: { party } }), findings: [] })
  assert.equal(decision?.reputation?.action, 'allow')
  assert.equal(decider.parties, 0)
})

test('a symbol that a reload took away stops counting; the others go on', () => {
  const { at, decider } = start()
  at(0, ['STRONG', 'WEAK_A'])
  const without = packFolder({ 'pack.yaml': header, 'rules/r.yaml': rules.replace('symbol: STRONG', 'symbol: OTHER') })
  decider.usePack(loadPacks([without], vocabulary))
  const verdict = at(1_000, ['WEAK_B'])?.verdict
  assert.deepEqual(verdict?.reasons.map(reason => reason.symbol).sort(), ['BOTH', 'WEAK_A', 'WEAK_B'])
})

test('an analyst who says ham clears what was found so far; what comes after counts anew', () => {
  const { at, decider } = start()
  at(0, ['STRONG', 'WEAK_B'])
  const cleared = at(1_000, [], { kind: 'feedback', source: 'analyst', opinion: 'ham' } as Partial<Activity>)
  assert.deepEqual([cleared?.reputation?.action, cleared?.reputation?.score], ['allow', 0])
  assert.equal(decider.parties, 0)
  assert.equal(at(2_000, []), undefined)
  assert.equal(at(3_000, ['STRONG'])?.verdict?.score, 5)
})

test('figures say what a shadow rule would have done, what it shares with others, and what people think', () => {
  const { at, decider } = start()
  at(0, ['GHOST'])
  at(1_000, ['GHOST', 'STRONG'], { from: { party: '+33611111111' } })
  at(2_000, [], {
    from: { party: '+33611111111' },
    kind: 'feedback',
    source: '607',
    opinion: 'spam',
  } as Partial<Activity>)
  at(3_000, [], { kind: 'feedback', source: 'analyst', opinion: 'ham' } as Partial<Activity>)
  at(4_000, [], { kind: 'feedback', source: '608', opinion: 'spam' } as Partial<Activity>)
  const ghost = decider.figures().find(figures => figures.symbol === 'GHOST')
  assert.deepEqual(ghost, {
    symbol: 'GHOST',
    hits: 2,
    state: 'shadow',
    withAction: 1,
    wouldRaise: 2,
    overlap: { STRONG: 1 },
    spam: 1,
    ham: 1,
    precision: 0.5,
  })
  assert.equal(decider.figures().find(figures => figures.symbol === 'STRONG')?.precision, 1)
})

test('verdict ids depend on activity, role, pack and model, and on nothing else', () => {
  const idOf = (judged: Partial<Parameters<ReturnType<typeof createDecider>['preview']>[0]>) =>
    createDecider(pack).preview({ activity: attempt(0), findings: [], ...judged }).verdict.id
  assert.equal(idOf({}), idOf({ findings: findings('STRONG') }))
  assert.notEqual(idOf({}), idOf({ model: 'text-1' }))
  assert.notEqual(idOf({}), idOf({ activity: attempt(1) }))
  assert.notEqual(idOf({}), idOf({ activity: attempt(0, { role: 'target' }) }))
})

test('the class of spam follows kind, media and protocol (X.1244 clause 7)', () => {
  const classOf = (fields: Record<string, unknown>) =>
    createDecider(pack).preview({ activity: attempt(0, fields as Partial<Activity>), findings: [] }).verdict.class
  assert.equal(classOf({}), 'real-time voice')
  assert.equal(classOf({ media: ['audio', 'video'] }), 'real-time video')
  assert.equal(classOf({ kind: 'message', protocol: 'smpp' }), 'non-real-time text')
  assert.equal(classOf({ kind: 'message', protocol: 'msrp' }), 'real-time text')
  assert.equal(classOf({ kind: 'registration' }), undefined)
})
