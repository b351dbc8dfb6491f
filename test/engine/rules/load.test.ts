import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { checkPacks, formatProblem, loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, packFolder, vocabulary } from './support.ts'

const header = `name: mine
version: 3
groups: { rate: 3 }
categories: { robocall: { en: Robocalls, fr: Appels automatisés } }
`
const rule = `- symbol: MY_RULE
  on: call.attempt
  when: origin.calls_10m >= 20 && origin.sequential_ratio_10m > 0.6
  score: 3.5
  group: rate
  category: robocall
  analysis: characteristics
  says: { en: One, fr: Un }
`

/** Problems of a pack with these files, each as one line without its folder. */
function problemsOf(files: Readonly<Record<string, string>>): string[] {
  const folder = packFolder(files)
  return checkPacks([folder], vocabulary).problems.map(problem => formatProblem(problem).replace(`${folder}/`, ''))
}
const withRule = (change: (text: string) => string) => problemsOf({ 'pack.yaml': header, 'rules/r.yaml': change(rule) })

test('a sound pack loads, with its name, version and a digest of what it says', () => {
  const files = { 'pack.yaml': header, 'rules/r.yaml': rule }
  const pack = loadPacks([packFolder(files)], vocabulary)
  assert.match(pack.version, /^mine-3\.[\w-]{8}$/)
  assert.equal(loadPacks([packFolder(files)], vocabulary).version, pack.version)
  const other = loadPacks([packFolder({ ...files, 'rules/r.yaml': rule.replace('20', '21') })], vocabulary)
  assert.notEqual(other.version, pack.version)
})

test('a misspelt feature is refused with its place and the nearest name', () => {
  assert.deepEqual(
    withRule(text => text.replace('sequential_ratio_10m', 'sequental_ratio_10m')),
    [
      'rules/r.yaml:3:42: MY_RULE.when: unknown name "origin.sequental_ratio_10m" (did you mean "sequential_ratio_10m"?)',
    ],
  )
})

test('the place is right in a folded condition too', () => {
  const folded = '>-\n    origin.calls_10m >= 20\n    && origin.calls_11m > 1'
  const [problem] = withRule(text => text.replace(/origin\.calls.*/, folded))
  assert.match(problem ?? '', /^rules\/r\.yaml:5:\d+: MY_RULE\.when: unknown name "origin\.calls_11m"/)
})

for (const [what, from, to, expected] of [
  [
    'a mix of origin and target',
    'origin.sequential_ratio_10m',
    'target.calls_in_1m',
    'rules/r.yaml:3:35: MY_RULE.when: mixes origin.* and target.*, which live in different partitions (make two rules and combine their symbols in a composite, or use facts of activity.*)',
  ],
  [
    'a condition that is no question',
    'origin.calls_10m >= 20 && origin.sequential_ratio_10m > 0.6',
    'origin.calls_10m',
    'rules/r.yaml:3:9: MY_RULE.when: gives double, must give true or false (compare it with something: … >= 20)',
  ],
  [
    'a comparison of text with a number',
    'origin.calls_10m >= 20',
    'activity.from >= 20',
    'rules/r.yaml:3:9: MY_RULE.when: no such overload: string >= double',
  ],
  [
    'a list nobody has',
    'origin.calls_10m >= 20',
    'listed("denied", activity.from)',
    'rules/r.yaml:3:16: MY_RULE.when: no list is named "denied"',
  ],
  ['an unknown field', 'score:', 'scores:', 'rules/r.yaml:4:3: rule: unknown field "scores" (did you mean "score"?)'],
  [
    'an unknown kind',
    'call.attempt',
    'call.atempt',
    'rules/r.yaml:2:7: MY_RULE.on: "call.atempt" is not valid (did you mean "call.attempt"?)',
  ],
  [
    'an unknown group',
    'group: rate',
    'group: rates',
    'rules/r.yaml:5:10: MY_RULE.group: no group is named "rates" (did you mean "rate"?)',
  ],
  [
    'an unknown category',
    'category: robocall',
    'category: robocal',
    'rules/r.yaml:6:13: MY_RULE.category: no category is named "robocal" (did you mean "robocall"?)',
  ],
  ['a missing language', ', fr: Un', '', 'rules/r.yaml:8:9: MY_RULE.says.fr: is missing'],
  [
    'a score out of range',
    'score: 3.5',
    'score: 99',
    'rules/r.yaml:4:10: MY_RULE.score: must be a number from -20 to 20',
  ],
] as const) {
  test(`${what} is refused with its place`, () => {
    const problems = withRule(text => text.replace(from, to))
    assert.ok(problems.includes(expected), problems.join('\n'))
  })
}

test('broken YAML is refused with its place', () => {
  const [problem] = withRule(text => text.replace('says: {', 'says: {{'))
  assert.match(problem ?? '', /^rules\/r\.yaml:\d+:\d+: YAML: /)
})

test('what is done to a party cannot be held against it', () => {
  const [problem] = withRule(text => text.replace(/when: .*/, 'when: target.calls_in_1m >= 30'))
  assert.match(problem ?? '', /target\.calls_in_1m is about the party acted upon \(add `protects: target`/)
})

test('schedules and scopes are checked', () => {
  const hours = withRule(text => `${text}  schedule: { hours: 8-20 }\n`)
  assert.match(hours[0] ?? '', /schedule\.hours: must be hours of the day \("08:00-20:00"/)
  const zone = withRule(text => `${text}  schedule: { timezone: Europe/Pariss }\n`)
  assert.match(zone[0] ?? '', /"Europe\/Pariss" is no time zone/)
  const scope = withRule(text => `${text}  scope: { trunks: [ix-*] }\n`)
  assert.match(scope[0] ?? '', /unknown field "trunks" \(did you mean "trunk"\?\)/)
})

test('thresholds have to rise', () => {
  const [problem] = problemsOf({ 'pack.yaml': `${header}thresholds: { flag: 9, challenge: 6 }\n` })
  assert.match(problem ?? '', /^pack\.yaml:5:\d+: thresholds: must rise: flag 9, challenge 6/)
})

test('a bad entry of a list is refused with its file and line', () => {
  const lists = 'lists: { bad: { kind: numbers, file: lists/bad.txt } }\n'
  const problems = problemsOf({
    'pack.yaml': header + lists,
    'lists/bad.txt': '# ours\n+33123456789\n 0612345678 # national\n',
  })
  assert.deepEqual(problems, [
    'lists/bad.txt:3:2: lists.bad: "0612345678" is not a number or an address of a party (one a line: +33123456789 or sip:name@host)',
  ])
})

test('a symbol said twice in one layer is refused, with both places', () => {
  const folder = packFolder({ 'pack.yaml': header, 'rules/a.yaml': rule, 'rules/b.yaml': `\n${rule}` })
  const [problem] = checkPacks([folder], vocabulary).problems
  assert.equal(problem?.message, `is already at ${join(folder, 'rules/a.yaml')}:1`)
  assert.equal(problem?.line, 2)
})

test('every problem is found, and loading throws the first with the number of the others', () => {
  const files = { 'pack.yaml': header, 'rules/r.yaml': rule.replace('calls_10m', 'cals_10m').replace('3.5', 'much') }
  const folder = packFolder(files)
  assert.equal(checkPacks([folder], vocabulary).problems.length, 2)
  assert.throws(
    () => loadPacks([folder], vocabulary),
    (error: unknown) =>
      error instanceof RingfenceError && error.code === 'PACK_INVALID' && / … and 1 more$/.test(error.message),
  )
})

test('a folder that is no pack is refused', () => {
  const [problem] = checkPacks(['/nowhere/at/all'], vocabulary).problems
  assert.match(problem?.message ?? '', /cannot be read: ENOENT/)
  assert.equal(checkPacks([], vocabulary).problems[0]?.message, 'no pack folder is given')
})

test('an operator overrides field by field, and it shows who said what', () => {
  const jurisdiction = packFolder({
    'pack.yaml': 'name: fr\nversion: 1\ntimezone: Europe/Paris\nthresholds: { flag: 3 }\n',
  })
  const operator = packFolder({
    'pack.yaml':
      'name: operator\nversion: 7\ngroups: { rate: 2 }\nlists: { deny: { kind: numbers, entries: ["+33162000001"] } }\n',
    'rules/mine.yaml': '- { symbol: WANGIRI, score: 1.5, state: shadow }\n- { symbol: CALL_BURST, state: "off" }\n',
  })
  const base = loadPacks([defaultPack], vocabulary)
  const pack = loadPacks([defaultPack, jurisdiction, operator], vocabulary)
  const wangiri = pack.rules.find(found => found.symbol === 'WANGIRI')
  assert.equal(wangiri?.score, 1.5)
  assert.equal(wangiri?.state, 'shadow')
  assert.equal(wangiri?.when, base.rules.find(found => found.symbol === 'WANGIRI')?.when)
  assert.equal(wangiri?.setBy.score, 'operator')
  assert.equal(wangiri?.setBy.when, 'default')
  assert.deepEqual(pack.off, ['CALL_BURST'])
  assert.ok(!pack.rules.some(found => found.symbol === 'CALL_BURST'))
  assert.equal(pack.thresholds.flag, 3)
  assert.equal(pack.setBy['thresholds.flag'], 'fr')
  assert.equal(pack.groups.get('rate'), 2)
  assert.equal(pack.timezone, 'Europe/Paris')
  assert.ok(pack.lists.has('deny', '+33162000001'))
  assert.equal(pack.version.split('+').length, 3)
})

test('an override of a misspelt symbol says which one was meant', () => {
  const operator = packFolder({
    'pack.yaml': 'name: o\nversion: 1\n',
    'rules/mine.yaml': '- { symbol: WANGIRY, score: 2 }\n',
  })
  const [problem] = checkPacks([defaultPack, operator], vocabulary).problems
  assert.match(problem?.hint ?? '', /did you mean "WANGIRI"\?/)
})

test('a later layer extends a list, or replaces it when it says so', () => {
  const layer = (merge: string, number: string) =>
    packFolder({
      'pack.yaml': `name: l\nversion: 1\nlists: { deny: { kind: numbers, entries: ["${number}"]${merge} } }\n`,
    })
  const extended = loadPacks([defaultPack, layer('', '+33162000001'), layer('', '+33162000002')], vocabulary)
  assert.ok(extended.lists.has('deny', '+33162000001') && extended.lists.has('deny', '+33162000002'))
  const replaced = loadPacks(
    [defaultPack, layer('', '+33162000001'), layer(', merge: replace', '+33162000002')],
    vocabulary,
  )
  assert.ok(!replaced.lists.has('deny', '+33162000001') && replaced.lists.has('deny', '+33162000002'))
})

test('a rule that is off is checked all the same', () => {
  const problems = withRule(text => `${text.replace('calls_10m', 'cals_10m')}  state: "off"\n`)
  assert.match(problems[0] ?? '', /unknown name "origin\.cals_10m"/)
})
