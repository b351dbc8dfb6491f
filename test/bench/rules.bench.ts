import { fileURLToPath } from 'node:url'
import type { Activity, ActivityKind } from '../../engine/activity/index.ts'
import { textFactNames } from '../../engine/content/index.ts'
import { catalogue, crowdNames, noFacts } from '../../engine/features/index.ts'
import { readList } from '../../engine/lists/index.ts'
import { createJudge, loadPacks, type Subject } from '../../engine/rules/index.ts'
import { createDecider } from '../../engine/verdict/index.ts'

const ROUNDS = 400_000
const LIST_ENTRIES = 5_000_000
const LOOKUPS = 2_000_000

/**
 * What the whole default pack costs an activity: rules and decision over ordinary traffic (features already at hand), the
 * same rules by the CEL library's own evaluation, and lists of five million numbers.
 */
export async function rulesBench(): Promise<Record<string, unknown>> {
  const folder = fileURLToPath(new URL('../../../engine/packs/default', import.meta.url))
  const vocabulary = { features: catalogue.map(feature => feature.name), textFacts: textFactNames, crowds: crowdNames }
  const pack = loadPacks([folder], vocabulary)
  const subjects = ordinarySubjects()
  const judge = createJudge(pack)
  const decider = createDecider(pack)
  const judgeNs = nsEach(ROUNDS, i => judge.judge(subjects[i % subjects.length]!))
  const decideNs = nsEach(ROUNDS, i => {
    const subject = subjects[i % subjects.length]!
    decider.decide({ activity: subject.activity, findings: judge.judge(subject) })
  })
  const library = createJudge(pack, 'library')
  const libraryNs = nsEach(ROUNDS / 40, i => library.judge(subjects[i % subjects.length]!))
  return {
    rules: pack.rules.length,
    rulesAnAttempt: pack.rules.filter(rule => rule.role === 'origin' && rule.kinds.includes('call.attempt')).length,
    judgeNs,
    judgeAndDecideNs: decideNs,
    activitiesPerSecond: Math.round(1e9 / decideNs),
    libraryNs,
    timesFasterThanLibrary: Math.round(libraryNs / judgeNs),
    lists: listFigures(),
  }
}

/** What ordinary parties do not do. */
const rare = /^(complaints|decoy|rejections|probes|registration_failures|invalid|unassigned|premium|campaign|gap_cv)/

/** A busy day's mix: attempts most of all, each kind on both sides, features of people and of a busy office. */
function ordinarySubjects(): Subject[] {
  const mix: ActivityKind[] = [
    'call.attempt',
    'call.attempt',
    'call.answered',
    'call.ended',
    'call.failed',
    'message',
    'message',
  ]
  const subjects: Subject[] = []
  for (let i = 0; i < 512; i++) {
    const values = Float64Array.from(catalogue, ({ name, unit }, at) => {
      const noise = (((i + 1) * 2_654_435_761 + at * 40_503_001) >>> 0) / 2 ** 32
      if (rare.test(name)) return 0
      return unit === 'share' ? noise * 0.5 : noise * 8
    })
    const text = new Float64Array(textFactNames.length)
    subjects.push({
      activity: record(i, mix[i % mix.length]!),
      feature: at => values[at]!,
      text: at => text[at]!,
      crowd: () => 0,
      facts: noFacts,
    })
  }
  return subjects
}

function record(i: number, kind: ActivityKind): Activity {
  return {
    id: `a${i}`,
    role: i % 3 === 0 ? 'target' : 'origin',
    kind,
    time: 1_764_000_000_000 + i * 10,
    from: { party: `+336${String(10_000_000 + i)}` },
    to: { party: `+337${String(20_000_000 + i)}` },
    route: { tap: 'bench', peer: '198.51.100.7' },
    agent: 'Yealink SIP-T46S 66.85.0.5',
    ...(kind === 'call.ended' ? { duration: 60, endedBy: 'origin' } : {}),
    ...(kind === 'call.failed' ? { status: 486, endedBy: 'target' } : {}),
  } as Activity
}

function listFigures() {
  const bytes = Buffer.alloc(LIST_ENTRIES * 13)
  for (let i = 0; i < LIST_ENTRIES; i++) bytes.write(`+${33_600_000_000 + i * 7}\n`, i * 13, 'latin1')
  const began = process.cpuUsage()
  const { set } = readList({ kind: 'numbers', bytes })
  const { user, system } = process.cpuUsage(began)
  const readMs = (user + system) / 1_000
  const wanted = Array.from(
    { length: 4_096 },
    (_, i) => `+${33_600_000_000 + ((i * 7_919 * 7) % (LIST_ENTRIES * 7)) + (i & 1)}`,
  )
  let hits = 0
  const lookupNs = nsEach(LOOKUPS, i => {
    if (set.has(wanted[i & 4_095]!)) hits++
  })
  return { entries: set.size, readMs: Math.round(readMs), megabytes: Math.round(set.bytes / 1e6), lookupNs, hits }
}

/** Mean nanoseconds of processor time a call (the machine may be shared), after a tenth of the rounds to warm up. */
function nsEach(rounds: number, run: (i: number) => unknown): number {
  for (let i = 0; i < rounds / 10; i++) run(i)
  const began = process.cpuUsage()
  for (let i = 0; i < rounds; i++) run(i)
  const { user, system } = process.cpuUsage(began)
  return Math.round(((user + system) * 1_000) / rounds)
}
