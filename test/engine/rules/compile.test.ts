import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Activity, activityKinds } from '../../../engine/activity/index.ts'
import { createJudge, loadPacks, type Pack } from '../../../engine/rules/index.ts'
import { activity, defaultPack, packFolder, subject, vocabulary } from './support.ts'

const seldom = [
  'origin.calls_10m',
  'origin.answer_ratio_1h',
  'origin.gap_cv',
  'text.links',
  'activity.duration',
  'activity.status',
] as const
const texts = ['activity.from', 'activity.agent', 'activity.kind', '"audio"', '"+33612345678"', '""'] as const
const bools = ['activity.from_valid', 'true', 'false', 'listed("deny", activity.from)'] as const

/** Numbers where doubles and integers, whole and not, meet. */
const literal = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map(String),
  fc.double({ min: 0, max: 2, noNaN: true }).map(x => x.toFixed(2)),
)

const { condition } = fc.letrec<{ condition: string; number: string; text: string }>(tie => ({
  number: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...seldom),
    literal,
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/'), tie('number'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('number').map(a => `(-${a})`),
    fc.tuple(tie('condition'), tie('number'), tie('number')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
  text: fc.constantFrom(...texts),
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...bools),
    fc
      .tuple(tie('number'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('number'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('text'), fc.constantFrom('==', '!='), tie('text')).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc
      .tuple(tie('text'), fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('text'))
      .map(([a, method, b]) => `${a}.${method}(${b})`),
    tie('text').map(a => `${a} in ["call.attempt", "+33612345678"]`),
    tie('text').map(a => `${a} in activity.media`),
    tie('number').map(a => `${a} in [1, 2.5, 20]`),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('condition').map(a => `!(${a})`),
    fc.tuple(tie('condition'), tie('condition'), tie('condition')).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
}))

function packWith(when: string, kinds: readonly string[] = activityKinds): Pack {
  const folder = packFolder({
    'pack.yaml': `name: p
version: 1
categories: { c: { en: C, fr: C } }
lists: { deny: { kind: numbers, entries: ["+33612345678"] } }
`,
    'rules/r.yaml': `- symbol: RULE
  on: [${kinds.join(', ')}]
  when: ${JSON.stringify(when)}
  score: 1
  category: c
  analysis: source
  says: { en: A, fr: B }
`,
  })
  return loadPacks([folder], vocabulary)
}

const record = fc
  .record({
    kind: fc.constantFrom(...activityKinds),
    party: fc.constantFrom('+33612345678', '+33187654321', 'sip:a@b'),
    agent: fc.option(fc.constantFrom('friendly-scanner', 'audio', 'Zoiper'), { nil: undefined }),
    status: fc.integer({ min: 0, max: 41 }),
    duration: fc.double({ min: 0, max: 3, noNaN: true }),
    media: fc.option(fc.constant(['audio']), { nil: undefined }),
  })
  .map(({ party, ...rest }): Activity => activity({ ...rest, from: { party } } as Partial<Activity>))
const values = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.double({ min: 0, max: 2, noNaN: true }))

test("closures agree with the CEL library's own evaluation on generated conditions and subjects", () => {
  fc.assert(
    fc.property(
      condition,
      fc.array(fc.tuple(record, values, values, values), { minLength: 1, maxLength: 8 }),
      (when, subjects) => {
        const pack = packWith(when)
        assert.ok(pack.rules[0]?.condition.closures, when)
        const [closures, library] = [createJudge(pack), createJudge(pack, 'library')]
        for (const [of, calls, ratio, links] of subjects) {
          const one = subject({ calls_10m: calls, answer_ratio_1h: ratio, gap_cv: ratio }, of, { links })
          assert.deepEqual(closures.judge(one), library.judge(one), when)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test("the default pack's closures agree with the library on random subjects", () => {
  const pack = loadPacks([defaultPack], vocabulary)
  const [closures, library] = [createJudge(pack), createJudge(pack, 'library')]
  const names = vocabulary.features
  fc.assert(
    fc.property(
      record,
      fc.constantFrom('origin', 'target'),
      fc.infiniteStream(values),
      fc.nat(3),
      (of, role, stream, scale) => {
        const features = Object.fromEntries(names.map(name => [name, (stream.next().value ?? 0) * 10 ** scale]))
        const text = Object.fromEntries(vocabulary.textFacts.map(name => [name, stream.next().value ?? 0]))
        const one = subject(features, { ...of, role } as Activity, text)
        assert.deepEqual(closures.judge(one), library.judge(one))
      },
    ),
    { numRuns: 60 },
  )
})

test('what has no closure is evaluated by the library, and says so', () => {
  const pack = packWith('activity.media.exists(m, m == "video") || activity.agent.matches("^Z.*r$")')
  assert.equal(pack.rules[0]?.condition.closures, false)
  const judge = createJudge(pack)
  const video = activity({ media: ['audio', 'video'] } as Partial<Activity>)
  assert.equal(judge.judge(subject({}, video)).length, 1)
  assert.equal(judge.judge(subject({}, activity({ agent: 'Zoiper' }))).length, 1)
  assert.equal(judge.judge(subject({}, activity({ agent: 'Other' }))).length, 0)
})

test('a condition that fails as it runs does not match, and stops nothing', () => {
  const judge = createJudge(packWith('activity.media[3] == "video" || int(activity.agent) > 3'))
  assert.equal(judge.judge(subject({}, activity({ agent: 'Zoiper' }))).length, 0)
})

test('whole numbers may be written without a point, except as arguments', () => {
  const pack = packWith('origin.calls_10m == 20 && origin.calls_1h * 2 > 3 && activity.from.substring(0, 3) == "+33"')
  const judge = createJudge(pack)
  assert.equal(judge.judge(subject({ calls_10m: 20, calls_1h: 2 })).length, 1)
  assert.equal(judge.judge(subject({ calls_10m: 19, calls_1h: 2 })).length, 0)
})
