import { type ActivityKind, activityKinds, type Role } from '../activity/index.ts'
import type { Lists } from '../lists/index.ts'
import type { Run } from './compile.ts'
import type { Gate } from './gate.ts'
import type { Pack, Rule, SymbolSpec } from './pack.ts'
import type { Frame, Subject, Value } from './vocabulary.ts'
import { localClock } from './when-where.ts'

export type Evidence = Record<string, number | string | boolean>

/** A symbol that was found: by a rule, or by a model's scorer (its score then says how much). */
export interface Finding {
  readonly spec: SymbolSpec
  readonly score: number
  readonly evidence: Evidence
}

export interface Judge {
  readonly pack: Pack
  /** Runs the rules for the subject's kind and role. No finding, no allocation. */
  judge(subject: Subject): readonly Finding[]
  /** The same rules, the same closures: each with whether it applied, matched, and its terms. */
  explain(subject: Subject): readonly RuleExplanation[]
}

/** One comparison of a condition: what it asked and what it found. */
export interface TermExplanation {
  readonly text: string
  readonly holds: boolean
  readonly values: Evidence
  /** Of a comparison with a constant: how far the value lies from it, positive beyond it. */
  readonly distance?: number
}

export interface RuleExplanation {
  readonly rule: Rule
  /** False: outside its schedule or scope. */
  readonly applies: boolean
  readonly matched: boolean
  readonly terms: readonly TermExplanation[]
}

const NO_FINDINGS: readonly Finding[] = []
const MINUTES_AN_HOUR = 60
const MINUTES_A_DAY = 1_440

/** A rule with the evaluation that this judge uses. */
interface Runnable {
  readonly rule: Rule
  readonly test: Run<boolean>
  /** Its place among the pack's rules: findings are told in that order. */
  readonly order: number
}

/** The rules that one kind of record meets: those behind each gate, those behind none; `all` also what cannot hold now. */
interface Course {
  readonly all: readonly Runnable[]
  readonly gates: readonly (Gate & { readonly rules: readonly Runnable[] })[]
  readonly open: readonly Runnable[]
}

/**
 * A judge for one partition (it keeps a frame that it fills for every subject, so it is not to be shared).
 * `library` evaluates every condition by the CEL library: the oracle of the tests, the peer of the benchmark.
 */
export function createJudge(pack: Pack, evaluation: 'closures' | 'library' = 'closures'): Judge {
  const index = indexRules(pack, evaluation)
  const frame = createFrame(pack)
  let matched: Runnable[] = []

  function run(rules: readonly Runnable[]): void {
    for (let i = 0; i < rules.length; i++) {
      const { rule, test } = rules[i]!
      // Schedule and scope come second: a condition ends at its first term nearly always.
      if (test(frame) && (rule.applies === undefined || rule.applies(frame))) matched.push(rules[i]!)
    }
  }

  return {
    pack,
    judge(subject) {
      const { all, gates, open } = courseOf(index, subject)
      if (all.length === 0) return NO_FINDINGS
      frame.load(subject)
      for (let i = 0; i < gates.length; i++) {
        const { number, least, rules } = gates[i]!
        if (frame.number(number) >= least) run(rules)
      }
      run(open)
      if (matched.length === 0) return NO_FINDINGS
      const found = matched.sort((a, b) => a.order - b.order).map(({ rule }) => findingOf(rule, frame))
      matched = []
      return found
    },
    explain(subject) {
      frame.load(subject)
      return courseOf(index, subject).all.map(runnable => explainRule(runnable, frame))
    },
  }
}

function findingOf(rule: Rule, frame: Frame): Finding {
  return { spec: rule, score: rule.score, evidence: evidenceOf(rule.condition.readers.keys(), rule, frame) }
}

function explainRule({ rule, test }: Runnable, frame: Frame): RuleExplanation {
  const applies = rule.applies?.(frame) ?? true
  return {
    rule,
    applies,
    matched: applies && test(frame),
    terms: rule.condition.leaves.map(leaf => ({
      text: leaf.text,
      holds: leaf.test(frame),
      values: evidenceOf(leaf.names, rule, frame),
      ...(leaf.bound === undefined ? {} : { distance: rounded(leaf.bound.value(frame) - leaf.bound.limit) }),
    })),
  }
}

function evidenceOf(names: Iterable<string>, rule: Rule, frame: Frame): Evidence {
  const evidence: Evidence = {}
  for (const name of names) {
    const read = rule.condition.readers.get(name)
    if (read !== undefined) evidence[name] = plain(read(frame))
  }
  return evidence
}

function plain(value: Value): number | string | boolean {
  if (typeof value === 'number') return rounded(value)
  return typeof value === 'object' ? value.join(', ') : value
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

/** Courses in the order of `activityKinds`. */
type RuleIndex = readonly { readonly origin: Course; readonly target: Course }[]

/** Rules by kind and role: a record meets only those that can concern it. */
function indexRules({ rules, lists }: Pack, evaluation: 'closures' | 'library'): RuleIndex {
  const all = rules.map((rule, order) => ({
    rule,
    test: evaluation === 'closures' ? rule.condition.test : rule.condition.byLibrary,
    order,
  }))
  const of = (kind: ActivityKind, role: Role) =>
    courseFor(
      all.filter(({ rule }) => rule.role === role && rule.kinds.includes(kind)),
      lists,
    )
  return activityKinds.map(kind => ({ origin: of(kind, 'origin'), target: of(kind, 'target') }))
}

function courseFor(all: readonly Runnable[], lists: Lists): Course {
  const byNumber = new Map<number, Runnable[]>()
  const open: Runnable[] = []
  for (const runnable of all) {
    const { gate, canHold } = runnable.rule.condition
    if (!canHold(lists)) continue
    if (gate === undefined) open.push(runnable)
    else byNumber.set(gate.number, [...(byNumber.get(gate.number) ?? []), runnable])
  }
  const gates = [...byNumber].map(([number, rules]) => ({
    number,
    least: Math.min(...rules.map(({ rule }) => rule.condition.gate!.least)),
    rules,
  }))
  return { all, gates, open }
}

const NO_COURSE: Course = { all: [], gates: [], open: [] }

function courseOf(index: RuleIndex, { activity }: Subject): Course {
  const { kind, role } = activity
  // Eight texts that compare by address: a look-up in a map takes longer than all of them.
  for (let i = 0; i < activityKinds.length; i++) {
    if (activityKinds[i] === kind) return role === 'target' ? index[i]!.target : index[i]!.origin
  }
  return NO_COURSE
}

interface LoadableFrame extends Frame {
  load(subject: Subject): void
  /** A feature or, behind the features, a fact of the text. */
  number(index: number): number
}

/**
 * Features are remembered for the length of one judgement, since several rules ask for the same: a generation stamp beside
 * each value, so that nothing is cleared between subjects.
 */
function createFrame(pack: Pack): LoadableFrame {
  const featureCount = pack.vocabulary.features.length
  const textCount = pack.vocabulary.textFacts.length
  const clock = localClock(pack.timezone)
  const values = new Float64Array(featureCount + textCount)
  const stamps = new Uint32Array(featureCount + textCount)
  let generation = 0
  const frame: LoadableFrame = {
    activity: undefined as never,
    subject: undefined as never,
    lists: pack.lists,
    load(subject) {
      frame.subject = subject
      frame.activity = subject.activity
      generation = (generation + 1) >>> 0
      if (generation === 0) {
        stamps.fill(0)
        generation = 1
      }
    },
    feature(index) {
      if (stamps[index] === generation) return values[index]!
      stamps[index] = generation
      const value = frame.subject.feature(index)
      values[index] = value
      return value
    },
    text(index) {
      const at = featureCount + index
      if (stamps[at] === generation) return values[at]!
      stamps[at] = generation
      const value = frame.subject.text(index)
      values[at] = value
      return value
    },
    number: index => (index < featureCount ? frame.feature(index) : frame.text(index - featureCount)),
    hour: () => Math.floor((clock(frame.activity.time) % MINUTES_A_DAY) / MINUTES_AN_HOUR),
    weekday: () => Math.floor(clock(frame.activity.time) / MINUTES_A_DAY) % 7,
  }
  return frame
}
