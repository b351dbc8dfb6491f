import type { Activity, Campaign, Reputation, Verdict } from '../activity/index.ts'
import { idOf } from '../hash/index.ts'
import type { Finding, Pack, SymbolSpec } from '../rules/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { classOf } from './class.ts'
import { type Exemption, exemption } from './exempt.ts'
import { createFigures, type OpinionFigures, type SymbolFigures } from './figures.ts'
import { heldSymbols, holdFindings } from './hold.ts'
import { type PartyHistory, reputationChange } from './reputation.ts'
import { type Present, type Scored, scoreSymbols } from './score.ts'
import { createStandingTable, type Standing, type StandingCounters } from './standing.ts'
import { standingPages } from './standing-pages.ts'

/** What the rules and models found about one activity. */
export interface Judged {
  readonly activity: Activity
  readonly findings: readonly Finding[]
  /** Read only when a reputation record is written; without it the party's history since its first hit is given. */
  readonly history?: (() => PartyHistory) | undefined
  readonly campaign?: Campaign | undefined
  readonly model?: string | undefined
  readonly modelSkipped?: boolean | undefined
}

export interface Decision {
  readonly verdict: Verdict | undefined
  readonly reputation: Reputation | undefined
}

export interface DeciderOptions {
  /** Suspicious parties kept at most; the least recently hit leaves first and is counted. */
  readonly maxParties?: number
  /** At most one reputation record a party in so much event time, unless its action changes. */
  readonly reputationEveryMs?: number
}

export interface DeciderCounters extends StandingCounters {
  /** Activities with findings that a list exempts (allow, trusted, emergency). */
  exempted: number
}

export interface Decider {
  /** Whether there may be something to decide of an activity that nothing was found in: its party has a standing. */
  minds(activity: Activity): boolean
  /** Undefined: allow, and nothing to say. */
  decide(judged: Judged): Decision | undefined
  /** The full verdict, allow included, without changing any standing: for `explain`. */
  preview(judged: Judged): { verdict: Verdict; exempt: string | undefined }
  /** Takes a reloaded pack; standings go on, symbols that are gone stop counting. */
  usePack(pack: Pack): void
  /** Parties with a standing. */
  readonly parties: number
  readonly counters: DeciderCounters
  /** What each symbol has done since the start: hits, overlap with others, opinions of people. */
  figures(): readonly SymbolFigures[]
  /** What people said, and whether it was about somebody caught. */
  opinions(): readonly OpinionFigures[]
  readonly state: PagedState
}

/** Some 1 kB each: 50 MB at most, and few enough objects for short collections. */
const DEFAULT_PARTIES = 50_000
const DEFAULT_REPUTATION_EVERY_MS = 60_000

/** Kinds on which a standing alone speaks; the later records of a call repeat what its attempt was told. */
const opening = new Set<Activity['kind']>(['call.attempt', 'message', 'registration', 'probe'])

/** The decider of one partition. */
export function createDecider(initial: Pack, options: DeciderOptions = {}): Decider {
  const everyMs = options.reputationEveryMs ?? DEFAULT_REPUTATION_EVERY_MS
  let pack = initial
  let specs = specsOf(pack)
  let longestHold = longest(specs)
  const table = createStandingTable(options.maxParties ?? DEFAULT_PARTIES, () => longestHold)
  const { find, open } = table
  const state = standingPages(table)
  const figures = createFigures()
  const counters: DeciderCounters = Object.assign(table.counters, { exempted: 0 })

  const score = ({ activity, findings }: Judged, standing: Standing | undefined): Scored => {
    const present: Present[] = findings.map(({ spec, score, evidence }) => ({ spec, score, evidence, held: false }))
    if (standing !== undefined && activity.role === 'origin') {
      present.push(...heldSymbols(standing, findings, specs, activity.time))
    }
    return scoreSymbols(present, pack)
  }
  const change = (standing: Standing, judged: Judged) => {
    const reputation = reputationChange(
      standing,
      { pack, specs, everyMs, timeMs: judged.activity.time },
      judged.history,
    )
    if (standing.held.length === 0 && standing.shield === undefined) table.remove(standing)
    return reputation
  }
  /** Lets an exempt activity through. Only an allowed party is forgiven: nobody clears his name by calling 112. */
  const letThrough = (judged: Judged, { of }: Exemption): Decision | undefined => {
    const { activity, findings } = judged
    if (findings.length > 0) counters.exempted++
    const standing = activity.role === 'origin' && of === 'origin' ? find(activity.from.party) : undefined
    if (standing === undefined) return undefined
    open(standing.party, activity.time).held = []
    const reputation = change(standing, judged)
    return reputation && { verdict: undefined, reputation }
  }
  const decideOrigin = (judged: Judged): Decision | undefined => {
    const { activity, findings } = judged
    const party = activity.from.party
    const known = find(party)
    figures.hear(activity, known)
    if (known === undefined && findings.length === 0) return undefined
    const exempt = clears(activity) ? CLEARED : exemption(activity, pack)
    if (exempt !== undefined) return letThrough(judged, exempt)
    const scored = score(judged, known)
    figures.count(findings, scored, pack)
    if (known === undefined && !worthKeeping(findings, scored, pack)) {
      return { verdict: verdictOf(judged, scored, pack), reputation: undefined }
    }
    const standing = open(party, activity.time)
    standing.activities++
    standing.last = Math.max(standing.last, activity.time)
    holdFindings(standing, findings, specs, activity.time)
    const reputation = change(standing, judged)
    const speaks = findings.length > 0 || (opening.has(activity.kind) && loud(scored))
    const verdict = speaks ? verdictOf(judged, scored, pack) : undefined
    return verdict === undefined && reputation === undefined ? undefined : { verdict, reputation }
  }
  const decideTarget = (judged: Judged): Decision | undefined => {
    const { activity, findings } = judged
    const party = activity.to?.party
    if (party === undefined) return undefined
    const known = find(party)
    if (findings.length === 0 && (known?.shield === undefined || known.shield.until > activity.time)) return undefined
    const exempt = exemption(activity, pack)
    if (exempt !== undefined) return letThrough(judged, exempt)
    const scored = score(judged, undefined)
    figures.count(findings, scored, pack)
    const standing = open(party, activity.time)
    protect(standing, scored, findings, activity.time)
    const reputation = change(standing, judged)
    const verdict = findings.length > 0 ? verdictOf(judged, scored, pack) : undefined
    return verdict === undefined && reputation === undefined ? undefined : { verdict, reputation }
  }

  return {
    minds({ role, from, to }) {
      return find(role === 'target' && to !== undefined ? to.party : from.party) !== undefined
    },
    decide: judged => (judged.activity.role === 'origin' ? decideOrigin(judged) : decideTarget(judged)),
    preview(judged) {
      const scored = score(judged, find(judged.activity.from.party))
      const exempt = exemption(judged.activity, pack)?.list
      const verdict = verdictOf(judged, scored, pack)
      return { verdict: exempt === undefined ? verdict : { ...verdict, action: 'allow' }, exempt }
    },
    usePack(next) {
      pack = next
      specs = specsOf(pack)
      longestHold = longest(specs)
    },
    get parties() {
      return table.size
    },
    counters,
    figures: figures.figures,
    opinions: figures.opinions,
    state,
  }
}

/** An analyst knows better: what was found so far is forgiven, what is found from now on counts. */
const CLEARED: Exemption = { list: 'analyst', of: 'origin' }

function clears(activity: Activity): boolean {
  return activity.kind === 'feedback' && activity.source === 'analyst' && activity.opinion === 'ham'
}

/**
 * A standing is for suspects: from half a flag on. One weak sign alone (one busy customer in twenty shows some) is told in
 * the verdict and found again with the next call, since it lies in the party's windows and profile.
 */
function worthKeeping(findings: readonly Finding[], { score, shadowScore }: Scored, { thresholds }: Pack): boolean {
  return Math.max(score, shadowScore) >= thresholds.flag / 2 && findings.some(finding => finding.spec.holdMs > 0)
}

/** Puts up or extends the target's shield; takes it down once it is over. */
function protect(standing: Standing, scored: Scored, findings: readonly Finding[], timeMs: number): void {
  if (standing.shield !== undefined && standing.shield.until <= timeMs) standing.shield = undefined
  const { leading, category } = scored
  if (scored.action === 'allow' || leading === undefined) return
  const holdMs = Math.max(...findings.map(finding => finding.spec.holdMs))
  const until = Math.max(standing.shield?.until ?? 0, timeMs + holdMs)
  standing.shield = { action: scored.action, category: category ?? 'other', until, says: leading.says }
}

function loud({ action, shadowAction }: Scored): boolean {
  return action !== 'allow' || shadowAction !== 'allow'
}

function verdictOf(judged: Judged, scored: Scored, pack: Pack): Verdict {
  const { activity, campaign, model, modelSkipped } = judged
  const { trunk, peer } = activity.route
  const spamClass = scored.leading?.class ?? classOf(activity)
  const shadow = scored.shadowAction === scored.action ? undefined : scored.shadowAction
  return {
    id: idOf(activity.id, activity.role, pack.version, model ?? ''),
    activity: activity.id,
    role: activity.role,
    kind: activity.kind,
    time: activity.time,
    party: activity.from.party,
    ...(activity.to === undefined ? {} : { target: activity.to.party }),
    score: scored.score,
    action: scored.action,
    ...(scored.category === undefined ? {} : { category: scored.category }),
    ...(spamClass === undefined ? {} : { class: spamClass }),
    reasons: [...scored.reasons],
    ...(shadow === undefined ? {} : { shadowAction: shadow }),
    ...(trunk === undefined && peer === undefined ? {} : { route: routeOf(trunk, peer) }),
    ...(activity.callId === undefined ? {} : { callId: activity.callId }),
    ...(campaign === undefined ? {} : { campaign }),
    pack: pack.version,
    ...(model === undefined ? {} : { model }),
    ...(modelSkipped === true ? { modelSkipped } : {}),
  }
}

function routeOf(trunk: string | undefined, peer: string | undefined) {
  return { ...(trunk === undefined ? {} : { trunk }), ...(peer === undefined ? {} : { peer }) }
}

function specsOf(pack: Pack): ReadonlyMap<string, SymbolSpec> {
  return new Map([...pack.rules, ...pack.models].map(spec => [spec.symbol, spec]))
}

function longest(specs: ReadonlyMap<string, SymbolSpec>): number {
  let holdMs = 0
  for (const spec of specs.values()) holdMs = Math.max(holdMs, spec.holdMs)
  return holdMs
}
