import { type Activity, severityOf } from '../activity/index.ts'
import { type Identity, neighbourDigits } from '../identity/index.ts'
import type { HeldReputation, ReputationView } from '../reputation/index.ts'
import { createJudge, type Judge, type Pack, type Rule, type Subject, type SymbolSpec } from '../rules/index.ts'
import { actionOf, exemption, scoreSymbols } from '../verdict/index.ts'
import { partyOf, serviceForms } from './party.ts'
import type { Decision, Question } from './question.ts'
import { fade } from './standing.ts'

export interface DecideOptions {
  readonly identity: Identity
  readonly view: Pick<ReputationView, 'find'>
  /** The pack in force; asked at every question, its rules are prepared again when it is another object. */
  readonly pack: () => Pack
  /** Milliseconds since the view was known to be complete. */
  readonly staleMs: () => number
}

/** Answers a question at a moment: a look-up in memory, no I/O. */
export type Decide = (question: Question, nowMs: number) => Decision

const NEUTRAL: Weighed = { score: 0, category: undefined, reasons: [] }
const NOTHING_FADED = { score: 0, reasons: [] } as const

interface Prepared {
  readonly pack: Pack
  readonly judge: Judge
  readonly specs: ReadonlyMap<string, SymbolSpec>
  readonly emergency: readonly string[]
}

/**
 * The decision (DESIGN §8): who is exempt is let through; else the origin's standing as it has faded, and what the pack's
 * rules find in the question itself (lists, do-not-originate, number plans, broken signatures), summed and held against the
 * pack's thresholds; a target under attack is shielded from whoever calls. Unknown parties weigh nothing. Emergency and
 * public-safety numbers are never blocked whatever the score.
 */
export function createDecide(options: DecideOptions): Decide {
  const { identity, view } = options
  let prepared = prepare(options.pack())
  const subject: { -readonly [K in keyof Subject]: Subject[K] } = {
    activity: undefined as never,
    facts: { from: undefined, to: undefined, neighbourDigits: 0 },
    feature: () => 0,
    text: () => 0,
    crowd: () => 0,
  }

  function factsOf(from: string, to: string | undefined): Subject['facts'] {
    return {
      from: numberOf(identity, from),
      to: to === undefined ? undefined : numberOf(identity, to),
      neighbourDigits: to === undefined ? 0 : neighbourDigits(from, to),
    }
  }

  return (question, nowMs) => {
    const pack = options.pack()
    if (pack !== prepared.pack) prepared = prepare(pack)
    const from = partyOf(identity, question.from)
    const to = question.to === undefined ? undefined : partyOf(identity, question.to)
    const activity = activityOf(question, from, to, identity, nowMs)
    const standing = strongest(view, from, question.peer, nowMs)
    const answer = {
      from,
      ...(to === undefined ? {} : { to }),
      known: standing !== undefined,
      ...(question.attestation === undefined ? {} : { attestation: question.attestation }),
      ...(question.callId === undefined ? {} : { callId: question.callId }),
      staleMs: finite(options.staleMs()),
      pack: pack.version,
    }
    const exempt = exemptBy(prepared, activity, to)
    if (exempt !== undefined) return { action: 'allow', score: 0, reasons: [], ...answer, exempt }

    subject.activity = activity
    subject.facts = factsOf(from, to)
    const weighed = weigh(prepared, subject, standing, nowMs)
    let action = actionOf(weighed.score, pack.thresholds)
    let { category } = weighed
    const shield = to === undefined ? undefined : shieldOf(view, to, nowMs)
    if (shield !== undefined && severityOf(shield.action) > severityOf(action)) {
      action = shield.action
      category = shield.category ?? category
    }
    // Whoever writes an emergency number into From gets no free pass, but its call is never refused either.
    if (severityOf(action) > severityOf('flag') && isEmergency(prepared, from)) action = 'flag'
    return {
      action,
      score: weighed.score,
      ...(category === undefined ? {} : { category }),
      reasons: weighed.reasons,
      ...answer,
      ...(shield?.category === undefined ? {} : { shield: shield.category }),
    }
  }
}

function prepare(pack: Pack): Prepared {
  const specs = new Map<string, SymbolSpec>()
  for (const spec of [...pack.rules, ...pack.composites, ...pack.models]) specs.set(spec.symbol, spec)
  return {
    pack,
    judge: createJudge({ ...pack, rules: pack.rules.filter(readsTheQuestionAlone) }),
    specs,
    emergency: [...pack.effects].filter(([, effect]) => effect === 'emergency').map(([list]) => list),
  }
}

/** Rules whose condition needs no feature and no text: what they find is in the question itself. */
function readsTheQuestionAlone({ role, condition, protects }: Rule): boolean {
  if (role !== 'origin' || protects) return false
  for (const name of condition.readers.keys()) if (!name.startsWith('activity.')) return false
  return true
}

interface Weighed {
  readonly score: number
  readonly category: string | undefined
  readonly reasons: Decision['reasons']
}

/** What the question itself shows, and what the standing still counts: a symbol that is found again counts once. */
function weigh(
  { judge, pack, specs }: Prepared,
  subject: Subject,
  standing: HeldReputation | undefined,
  nowMs: number,
): Weighed {
  const findings = judge.judge(subject)
  if (findings.length === 0 && standing === undefined) return NEUTRAL
  const fresh = scoreSymbols(
    findings.map(({ spec, score, evidence }) => ({ spec, score, evidence, held: false })),
    pack,
  )
  const faded = standing === undefined ? NOTHING_FADED : fade(standing, specs, nowMs)
  let score = fresh.score + faded.score
  const reasons: Decision['reasons'] = []
  for (const { symbol, score, says, state } of fresh.reasons)
    if (state === 'enforce') reasons.push({ symbol, score, says })
  for (const { spec, score: left } of faded.reasons) {
    if (findings.some(finding => finding.spec.symbol === spec.symbol)) score -= left
    else reasons.push({ symbol: spec.symbol, score: rounded(left), says: spec.says, held: true })
  }
  reasons.sort((a, b) => b.score - a.score)
  score = rounded(score)
  if (score <= 0) return { score, category: undefined, reasons }
  const isFresh = (fresh.leading?.score ?? 0) > (faded.reasons[0]?.score ?? 0)
  return { score, category: (isFresh ? fresh.category : standing?.category) ?? fresh.category, reasons }
}

/** The question as the record that rules judge. Fields are set one by one: spreading nine optional ones took a third of a decision. */
function activityOf(
  question: Question,
  party: string,
  to: string | undefined,
  identity: Identity,
  timeMs: number,
): Activity {
  const from: Activity['from'] = { party }
  if (question.asserted !== undefined) from.asserted = question.asserted
  if (question.attestation !== undefined) from.attestation = question.attestation
  if (question.verification !== undefined) from.verification = question.verification
  if (question.display !== undefined) from.display = question.display
  if (question.claimed !== undefined) {
    const claimed = partyOf(identity, question.claimed)
    if (claimed !== party) from.claimed = claimed
  }
  const route: Activity['route'] = { tap: 'decide' }
  if (question.peer !== undefined) route.peer = question.peer
  if (question.trunk !== undefined) route.trunk = question.trunk
  const activity: Activity = {
    id: 'question',
    role: 'origin',
    kind: question.kind === 'message' ? 'message' : 'call.attempt',
    time: timeMs,
    from,
    route,
  }
  if (to !== undefined) activity.to = { party: to }
  if (question.agent !== undefined) activity.agent = question.agent
  if (question.callId !== undefined) activity.callId = question.callId
  return activity
}

function exemptBy(prepared: Prepared, activity: Activity, to: string | undefined): string | undefined {
  if (to !== undefined) {
    for (const list of prepared.emergency)
      for (const form of serviceForms(to)) if (prepared.pack.lists.has(list, form)) return list
  }
  return exemption(activity, prepared.pack)?.list
}

function isEmergency({ emergency, pack }: Prepared, party: string): boolean {
  return emergency.some(list => serviceForms(party).some(form => pack.lists.has(list, form)))
}

/** The standing of the origin or, where that is less serious, of the address that it comes from. */
function strongest(
  view: DecideOptions['view'],
  from: string,
  peer: string | undefined,
  nowMs: number,
): HeldReputation | undefined {
  const party = current(view.find(from), nowMs)
  const address = peer === undefined ? undefined : current(view.find(`ip:${peer}`), nowMs)
  if (party === undefined || address === undefined) return party ?? address
  return severityOf(address.action) > severityOf(party.action) ? address : party
}

function current(held: HeldReputation | undefined, nowMs: number): HeldReputation | undefined {
  return held !== undefined && held.expiresMs !== 0 && held.expiresMs <= nowMs ? undefined : held
}

function shieldOf(view: DecideOptions['view'], to: string, nowMs: number) {
  const shield = view.find(to)?.shield
  return shield !== undefined && shield.untilMs > nowMs ? shield : undefined
}

function numberOf(identity: Identity, party: string) {
  const facts = identity.numberFacts(party)
  return facts.isNumber ? facts : undefined
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? Math.round(ms) : null
}

function rounded(score: number): number {
  return Math.round(score * 1_000) / 1_000
}
