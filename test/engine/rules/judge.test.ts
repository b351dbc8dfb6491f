import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity } from '../../../engine/activity/index.ts'
import { createJudge, createPackHolder, loadPacks, modelFinding, type Subject } from '../../../engine/rules/index.ts'
import { activity, defaultPack, packFolder, subject, vocabulary } from './support.ts'

const pack = loadPacks([defaultPack], vocabulary)

test('evidence holds the value of every name in the condition, under that name', () => {
  const features = { missed_calls_10m: 12, missed_ratio_1h: 0.93333333, distinct_ratio_10m: 1 }
  const found = createJudge(pack)
    .judge(subject(features))
    .find(({ spec }) => spec.symbol === 'WANGIRI')
  assert.deepEqual(found?.evidence, {
    'origin.missed_calls_10m': 12,
    'origin.missed_ratio_1h': 0.933,
    'origin.distinct_ratio_10m': 1,
  })
})

test('a feature is read once a judgement, however many rules ask, and afresh for the next', () => {
  let reads = 0
  const calls = vocabulary.features.indexOf('calls_10m')
  const one: Subject = {
    ...subject(),
    feature(index) {
      if (index === calls) reads++
      return 0
    },
  }
  const judge = createJudge(pack)
  judge.judge(one)
  assert.equal(reads, 1)
  judge.judge(one)
  assert.equal(reads, 2)
})

test('a record meets the rules of its kind and role only', () => {
  const judge = createJudge(pack)
  const symbols = (fields: Partial<Activity>) =>
    judge.explain(subject({}, activity(fields))).map(({ rule }) => rule.symbol)
  assert.ok(symbols({ kind: 'message' } as Partial<Activity>).includes('REPEATED_TEXT'))
  assert.ok(!symbols({ kind: 'message' } as Partial<Activity>).includes('WANGIRI'))
  assert.ok(symbols({ role: 'target' }).includes('TDOS_SURGE'))
  assert.ok(!symbols({ role: 'target' }).includes('CALL_BURST'))
})

test('an explanation says for each rule what it asked, what it found and by how much it missed', () => {
  const explained = createJudge(pack).explain(
    subject({ missed_calls_10m: 7, missed_ratio_1h: 0.9, distinct_ratio_10m: 1 }),
  )
  const wangiri = explained.find(({ rule }) => rule.symbol === 'WANGIRI')
  assert.equal(wangiri?.matched, false)
  assert.deepEqual(wangiri?.terms, [
    { text: 'origin.missed_calls_10m >= 10', holds: false, values: { 'origin.missed_calls_10m': 7 }, distance: -3 },
    { text: 'origin.missed_ratio_1h >= 0.6', holds: true, values: { 'origin.missed_ratio_1h': 0.9 }, distance: 0.3 },
    {
      text: 'origin.distinct_ratio_10m >= 0.7',
      holds: true,
      values: { 'origin.distinct_ratio_10m': 1 },
      distance: 0.3,
    },
  ])
})

test('an explanation and a judgement never disagree', () => {
  const judge = createJudge(pack)
  for (let i = 0; i < 200; i++) {
    const features = Object.fromEntries(
      vocabulary.features.map((name, at) => [name, ((i * 7_919 + at * 104_729) % 400) / ((i % 9) + 1)]),
    )
    const one = subject(features)
    const explained = judge.explain(one).filter(({ matched }) => matched)
    assert.deepEqual(
      explained.map(({ rule }) => rule.symbol),
      judge.judge(one).map(({ spec }) => spec.symbol),
    )
  }
})

test('a rule that asks empty lists is passed over, and asked again once a list has entries', () => {
  const holder = createPackHolder(() => loadPacks([defaultPack], vocabulary))
  const from = { party: '+33699000001' }
  const symbols = () => {
    const one = subject({}, activity({ from }))
    return createJudge(holder.current)
      .judge(one)
      .map(({ spec }) => spec.symbol)
  }
  assert.deepEqual(symbols(), [])
  assert.ok(holder.setEntries('do-not-originate', [from.party]).ok)
  assert.deepEqual(symbols(), ['DO_NOT_ORIGINATE'])
  assert.ok(holder.setEntries('do-not-originate', []).ok)
  assert.deepEqual(symbols(), [])
})

test('a rule that begins with a fact of the text finds what it found without a gate', () => {
  const judge = createJudge(pack)
  const message = activity({ kind: 'message', content: { type: 'text/plain' } })
  const found = (text: Readonly<Record<string, number>>) =>
    judge.judge(subject({}, message, text)).map(f => f.spec.symbol)
  assert.deepEqual(found({}), [])
  assert.deepEqual(found({ mixed_scripts: 1 }), ['MIXED_SCRIPTS'])
  assert.deepEqual(found({ links: 1, urgency: 1, amounts: 1 }), ['SMISHING_TEXT'])
  assert.deepEqual(found({ links: 1, urgency: 1 }), [])
})

const scoped = (lines: string) =>
  createJudge(
    loadPacks(
      [
        packFolder({
          'pack.yaml': 'name: p\nversion: 1\ntimezone: Europe/Paris\ncategories: { c: { en: C, fr: C } }\n',
          'rules/r.yaml': `- symbol: RULE\n  on: call.attempt\n  when: origin.calls_1m >= 0\n  score: 1\n  category: c\n  analysis: source\n  says: { en: A, fr: B }\n${lines}`,
        }),
      ],
      vocabulary,
    ),
  )
const hits = (judge: ReturnType<typeof scoped>, fields: Partial<Activity>) =>
  judge.judge(subject({}, activity(fields))).length === 1

test('a scope holds on the route and on prefixes of the parties, all of its fields at once', () => {
  const judge = scoped('  scope: { trunk: [ix-*], prefix: ["+336", "+337"], tenant: acme }\n')
  const route = { tap: 'hep', trunk: 'ix-orange', tenant: 'acme' }
  assert.ok(hits(judge, { route }))
  assert.ok(!hits(judge, { route: { ...route, trunk: 'access' } }))
  assert.ok(!hits(judge, { route: { tap: 'hep', trunk: 'ix-orange' } }))
  assert.ok(!hits(judge, { route, from: { party: '+33155667788' } }))
})

test('a schedule follows its time zone through summer time, and runs over midnight', () => {
  const judge = scoped('  schedule: { hours: "22:00-06:00", weekdays: [fri], timezone: Europe/Paris }\n')
  const at = (text: string) => ({ time: Date.parse(text) })
  assert.ok(hits(judge, at('2026-07-03T20:30:00Z')), 'Friday 22:30 in Paris, summer')
  assert.ok(!hits(judge, at('2026-01-02T20:30:00Z')), 'Friday 21:30 in Paris, winter')
  assert.ok(hits(judge, at('2026-07-04T03:59:00Z')), 'Saturday 05:59: still the night of Friday')
  assert.ok(!hits(judge, at('2026-07-04T04:00:00Z')), 'Saturday 06:00')
  assert.ok(!hits(judge, at('2026-07-03T03:00:00Z')), 'Friday 05:00: the night of Thursday')
})

test("activity.hour and activity.weekday are those of the pack's time zone", () => {
  const judge = createJudge(
    loadPacks(
      [
        packFolder({
          'pack.yaml': 'name: p\nversion: 1\ntimezone: Asia/Kolkata\ncategories: { c: { en: C, fr: C } }\n',
          'rules/r.yaml':
            '- symbol: RULE\n  on: call.attempt\n  when: activity.hour == 0 && activity.weekday == 1\n  score: 1\n  category: c\n  analysis: source\n  says: { en: A, fr: B }\n',
        }),
      ],
      vocabulary,
    ),
  )
  assert.ok(hits(judge, { time: Date.parse('2026-03-01T18:45:00Z') }), 'Monday 00:15 in Kolkata')
  assert.ok(!hits(judge, { time: Date.parse('2026-03-01T18:15:00Z') }), 'Sunday 23:45')
})

test("a model's score weighs what the pack gives it, times its confidence, and nothing when it sees no spam", () => {
  const score = {
    scored: true,
    model: 'text',
    version: 'text-3',
    probability: 0.98765,
    spam: true,
    confidence: 0.5,
    kind: 'scam',
    reasons: [
      { what: 'model', weight: 2.345 },
      { what: 'prices', value: 0.5, weight: 0.9 },
    ],
  } as const
  const finding = modelFinding(pack, score)
  assert.equal(finding?.spec.symbol, 'TEXT_MODEL')
  assert.equal(finding?.score, 1.75)
  assert.deepEqual(finding?.evidence, {
    model: 'text-3',
    probability: 0.9877,
    kind: 'scam',
    prices: 0.5,
    because: 'model +2.35',
  })
  assert.equal(modelFinding(pack, { ...score, spam: false }), undefined)
  assert.equal(modelFinding(pack, { ...score, confidence: 0 }), undefined)
})
