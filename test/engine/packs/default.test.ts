import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity } from '../../../engine/activity/index.ts'
import { createJudge, loadPacks, type Subject } from '../../../engine/rules/index.ts'
import { createDecider } from '../../../engine/verdict/index.ts'
import { activity, defaultPack, packFolder, subject, vocabulary } from '../rules/support.ts'
import { cases, floodCases, type Situation } from './cases/index.ts'

/** The lists that only an operator can fill. */
const operator = packFolder({
  'pack.yaml': `name: operator
version: 1
lists:
  deny: { kind: numbers, entries: ["+33162000001"] }
  deny-addresses: { kind: addresses, entries: [192.0.2.0/24] }
  do-not-originate: { kind: numbers, entries: ["+33800000001"] }
`,
})
const pack = loadPacks([defaultPack, operator], vocabulary)
const judge = createJudge(pack)

function asSubject({ features, activity: fields, text, from, to, neighbourDigits = 0, crowds }: Situation): Subject {
  return subject(features, activity(fields as Partial<Activity>), text, { from, to, neighbourDigits }, crowds)
}

const symbolsOf = (situation: Situation) => judge.judge(asSubject(situation)).map(({ spec }) => spec.symbol)

test('the default pack has at least thirty rules, all of them compiled to closures', () => {
  assert.ok(pack.rules.length >= 30)
  const interpreted = pack.rules.filter(rule => !rule.condition.closures).map(rule => rule.symbol)
  assert.deepEqual(interpreted, [])
})

test('every rule says why in two languages, names its analysis and a reference, and carries evidence', () => {
  for (const rule of pack.rules) {
    assert.notEqual(rule.says.en, rule.says.fr, rule.symbol)
    assert.ok(rule.references.length > 0, rule.symbol)
    assert.ok(rule.condition.readers.size > 0, rule.symbol)
    assert.ok(pack.categories.has(rule.category ?? ''), rule.symbol)
  }
})

test('every rule has a case, and no case is without its rule', () => {
  assert.deepEqual(Object.keys(cases).sort(), pack.rules.map(rule => rule.symbol).sort())
})

for (const [symbol, { fires, spares }] of Object.entries(cases)) {
  test(`${symbol} fires on ${fires.who} and spares ${spares.who}`, () => {
    assert.ok(symbolsOf(fires).includes(symbol))
    assert.ok(!symbolsOf(spares).includes(symbol))
  })
}

/** Found alone, these are proof enough. A rule that joins them must be argued for here. */
const strong = [
  'SEQUENTIAL_DIALLING',
  'SEQUENTIAL_DIALLING_SLOW',
  'WANGIRI',
  'WANGIRI_SLOW',
  'PREMIUM_PUMPING',
  'HIGH_COST_PUMPING',
  'TDOS',
  'TDOS_SURGE',
  'CALL_FLOOD',
  'CALLBACK_STORM',
  'MESSAGE_FLOOD',
  'OTP_FLOOD',
  'DO_NOT_ORIGINATE',
  'MESSAGE_BLAST',
  'OTP_PUMPING',
  'SCANNER_AGENT',
  'PROBING',
  'CALL_CAMPAIGN',
  'CALL_PROBING',
  'REGISTRATION_ATTACK',
  'DECOY_REACHED',
  'DENIED',
  'DENIED_ADDRESS',
]

test('only rules with strong evidence reach flag alone', () => {
  const alone = pack.rules.filter(({ score, group }) => {
    const cap = pack.groups.get(group ?? '') ?? Number.POSITIVE_INFINITY
    return Math.min(score, cap) >= pack.thresholds.flag
  })
  assert.deepEqual(alone.map(rule => rule.symbol).sort(), [...strong].sort())
})

test('groups of weak signs stay below flag even when every rule of the group fires', () => {
  for (const group of ['rate', 'profile', 'outcome'])
    assert.ok((pack.groups.get(group) ?? 99) < pack.thresholds.flag, group)
})

test('what is done to a party is never held against it', () => {
  for (const rule of pack.rules) {
    const readsTarget = [...rule.condition.readers.keys()].some(name => name.startsWith('target.'))
    assert.equal(readsTarget, rule.protects, rule.symbol)
  }
  const decider = createDecider(pack)
  const decision = decider.decide({
    activity: activity({ role: 'target' }),
    findings: judge.judge(asSubject(floodCases.TDOS_SURGE!.fires)),
  })
  assert.equal(decision?.verdict?.action, 'flag')
  assert.equal(decision?.reputation?.party, '+33187654321')
  assert.equal(decision?.reputation?.action, 'allow')
  assert.equal(decision?.reputation?.score, 0)
  assert.equal(decision?.reputation?.shield?.category, 'tdos')
})
