import type { Activity, Reputation, Verdict } from '../activity/index.ts'
import { type BehaviourOptions, catalogue, createBehaviour, type Observation } from '../features/index.ts'
import { createReporterTrust, type FeedbackOptions, feedbackDefaults, type TrustCounters } from '../feedback/index.ts'
import type { Identity } from '../identity/index.ts'
import { createJudge, type Judge, modelFinding, type Pack, type RuleExplanation, type Subject } from '../rules/index.ts'
import { noScorer, type ScoreRequest, type ScoreResult } from '../scorer/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import {
  createDecider,
  type DeciderOptions,
  type Judged as Evidence,
  type OpinionFigures,
  type SymbolFigures,
} from '../verdict/index.ts'
import { createFacts } from './facts.ts'
import { type Asked, NO_QUESTIONS, questionsOf } from './questions.ts'
import { createActivityReader } from './view.ts'

export interface PartitionOptions {
  readonly pack: Pack
  readonly identity: Identity
  readonly behaviour?: BehaviourOptions
  readonly decider?: DeciderOptions
  /** How far people who complain are trusted. */
  readonly feedback?: FeedbackOptions
  /** `all`: every call attempt and message gets a verdict, allow included; `found`: only where something was found. */
  readonly verdicts?: 'all' | 'found'
  /** The models that may be asked; none by default: rules alone judge. */
  readonly scorer?: Asked
}

/** What came of one activity. */
export interface Judged {
  readonly verdict: Verdict | undefined
  readonly reputation: Reputation | undefined
}

/** An activity that state has taken in and rules have judged; it is decided once the models have answered. */
export interface Taken {
  /** Questions to the models, often none. */
  readonly questions: readonly ScoreRequest[]
  /** Undefined: a copy of what was counted before. */
  readonly evidence: Evidence | undefined
}

/** The same with what an explanation needs of that moment. */
export interface TakenToExplain {
  readonly questions: readonly ScoreRequest[]
  readonly evidence: Evidence
  readonly counted: boolean
  readonly rules: readonly RuleExplanation[]
  readonly features: Readonly<Record<string, number>>
}

export interface Explanation extends Judged {
  /** The verdict that was given or, where none is published, the one that stands. */
  readonly standing: Verdict
  /** The list that exempts it, if one does. */
  readonly exempt: string | undefined
  readonly rules: readonly RuleExplanation[]
  /** Features of the party at that moment that are not zero. */
  readonly features: Readonly<Record<string, number>>
}

export interface PartitionFigures {
  readonly parties: number
  readonly suspects: number
  readonly stateBytes: number
  readonly evicted: number
  readonly duplicates: number
  readonly late: number
  readonly clamped: number
  /** Message campaigns begun. */
  readonly campaigns: number
}

/**
 * One partition: state, features, rules and verdict for the parties whose keys fall into it. A deterministic function
 * of the activities applied so far, in event time: no wall clock, no randomness (DESIGN §5).
 */
export interface Partition {
  /** Brings what the next activities (at most `WARM`) will need into the caches. Never changes what comes of them. */
  warm(activities: readonly Activity[]): void
  /** Takes one activity in and gives what is to be published, by rules alone. */
  apply(activity: Activity): Judged
  /**
   * The same in two steps, with the models' answers between them. `take` moves the state that rules and models read,
   * `decide` moves standings; each is called in the order of the activities, and any number may be taken before the first
   * is decided.
   */
  take(activity: Activity): Taken
  /** @param answers the models' answers to the questions, in their order */
  decide(taken: Taken, answers: readonly ScoreResult[]): Judged
  /** The two steps with everything that led to the verdict: the rules that ran, their terms, the features. */
  takeToExplain(activity: Activity): TakenToExplain
  explain(taken: TakenToExplain, answers: readonly ScoreResult[]): Explanation
  /** Takes a reloaded pack between two activities; counters and standings go on. */
  usePack(pack: Pack): void
  /** All that a snapshot must hold. */
  readonly states: readonly PagedState[]
  figures(): PartitionFigures
  /** What each symbol has done, and what people said, since this process took the partition. */
  symbols(): readonly SymbolFigures[]
  opinions(): readonly OpinionFigures[]
  /** What became of people's complaints. */
  readonly complaints: Readonly<TrustCounters>
}

const NOTHING: Judged = { verdict: undefined, reputation: undefined }
const COPY: Taken = { questions: NO_QUESTIONS, evidence: undefined }

/** Whether a verdict is published even when nothing was found: someone may be waiting for the answer. */
function isAwaited({ kind, role }: Activity): boolean {
  return role === 'origin' && (kind === 'call.attempt' || kind === 'message')
}

/** Sum of what was found in the activity and its party; what its route or range is known for is left out. */
function ownScore(findings: Evidence['findings']): number {
  let sum = 0
  for (const { spec, score } of findings) if (spec.state === 'enforce' && !spec.byCrowd) sum += score
  return sum
}

/** A partition with empty state. */
export function createPartition(options: PartitionOptions): Partition {
  const publishAll = options.verdicts !== 'found'
  const behaviour = createBehaviour(options.behaviour)
  const facts = createFacts(options.identity)
  const scorer = options.scorer ?? noScorer()
  const decider = createDecider(options.pack, options.decider)
  const trust = createReporterTrust(options.feedback ?? feedbackDefaults)
  let judge: Judge = createJudge(options.pack)
  const reader = createActivityReader()
  const { weighs, weigh } = trust
  const { minds } = decider
  /** The activity under way as it is told of; `subject.activity` is the view that it is judged through. */
  let current: Activity
  const subject: { -readonly [K in keyof Subject]: Subject[K] } & { observation: Observation } = {
    activity: undefined as never,
    observation: undefined as never,
    facts,
    feature: behaviour.read,
    text: index => subject.observation.text[index]!,
    crowd: behaviour.readCrowd,
  }

  /** State first: a rule sees the activity it judges already counted. Gives whether it counted. */
  function observe(seen: Activity): boolean {
    const shown = reader.of(seen)
    current = weighs(shown) ? weigh(seen) : seen
    const activity = current === seen ? shown : reader.of(current)
    facts.of(activity)
    const observation = behaviour.observe(activity, facts)
    subject.observation = observation
    subject.activity = activity
    // A clock that ran ahead was set back: holds and schedules go by the time that was believed.
    if (observation.clamped) {
      current = { ...current, time: observation.timeMs }
      subject.activity = reader.of(current)
    }
    return !observation.duplicate
  }

  /** Whether an activity in which nothing was found is told of at all. */
  function isSilent(activity: Activity): boolean {
    return !(publishAll && isAwaited(activity)) && !minds(activity)
  }

  /** What the rules find; what of it speaks of this activity itself counts for its route and range. */
  function findingsNow(): Evidence['findings'] {
    const findings = judge.judge(subject)
    if (findings.length > 0 && ownScore(findings) >= judge.pack.thresholds.flag) behaviour.markSpam()
    return findings
  }

  /** What was found so far; `model` names the models that are asked. All are of one hidden class, whatever they hold. */
  function evidence(model?: string, findings = findingsNow()): Evidence {
    const { observation } = subject
    const { firstMs, lastMs, activities } = observation
    const campaign = observation.campaign === 0 ? undefined : behaviour.campaign(observation.campaign)
    return {
      activity: current,
      findings,
      history: () => ({
        first: firstMs,
        last: lastMs,
        activities,
        ...(campaign === undefined ? {} : { campaign: campaign.id }),
      }),
      campaign,
      model,
      modelSkipped: undefined,
    }
  }

  function decide(found: Evidence): Judged {
    const { activity } = found
    if (found.findings.length === 0 && isSilent(activity)) return NOTHING
    const decision = decider.decide(found)
    if (decision?.verdict !== undefined || !publishAll || !isAwaited(activity)) return decision ?? NOTHING
    return { verdict: decider.preview(found).verdict, reputation: decision?.reputation }
  }

  /** The evidence with what the models found beside the rules. */
  function withAnswers(found: Evidence, answers: readonly ScoreResult[]): Evidence {
    let { findings, modelSkipped } = found
    for (const answer of answers) {
      if (!answer.scored) modelSkipped = true
      const finding = answer.scored ? modelFinding(judge.pack, answer) : undefined
      if (finding !== undefined) findings = [...findings, finding]
    }
    if (findings === found.findings && modelSkipped === found.modelSkipped) return found
    const { activity, history, campaign, model } = found
    return { activity, findings, history, campaign, model, modelSkipped }
  }

  const questions = () => questionsOf(subject.activity, subject.observation, judge.pack, scorer)
  /** The evidence, naming the models in force when some are asked: also where they then fail to answer in time. */
  const evidenceFor = (asked: readonly ScoreRequest[]): Evidence =>
    evidence(asked.length === 0 ? undefined : scorer.version)

  return {
    warm: activities => behaviour.warm(reader.ahead(activities)),
    apply(activity) {
      if (!observe(activity)) return NOTHING
      const findings = findingsNow()
      // Asked before the evidence is put together, too: nearly always that is all there is to it.
      return findings.length === 0 && isSilent(subject.activity) ? NOTHING : decide(evidence(undefined, findings))
    },
    take(activity) {
      if (!observe(activity)) return COPY
      const asked = questions()
      return { questions: asked, evidence: evidenceFor(asked) }
    },
    decide: (taken, answers) => (taken.evidence === undefined ? NOTHING : decide(withAnswers(taken.evidence, answers))),
    takeToExplain(activity) {
      const counted = observe(activity)
      const asked = questions()
      const rules = judge.explain(subject)
      return { questions: asked, evidence: evidenceFor(asked), counted, rules, features: features(behaviour.read) }
    },
    explain({ evidence, counted, rules, features }, answers) {
      const found = withAnswers(evidence, answers)
      const { verdict, exempt } = decider.preview(found)
      return { ...(counted ? decide(found) : NOTHING), standing: verdict, exempt, rules, features }
    },
    usePack(pack) {
      judge = createJudge(pack)
      decider.usePack(pack)
    },
    states: [...behaviour.states, decider.state, ...trust.states],
    figures() {
      const counts = behaviour.counts()
      return {
        parties: counts.parties,
        suspects: decider.parties,
        stateBytes: counts.bytes,
        evicted: counts.evictedIdle + counts.evictedFull,
        duplicates: counts.duplicates,
        late: counts.late,
        clamped: counts.clamped,
        campaigns: counts.campaigns,
      }
    },
    symbols: decider.figures,
    opinions: decider.opinions,
    complaints: trust.counters,
  }
}

function features(read: (index: number) => number): Record<string, number> {
  const values: Record<string, number> = {}
  catalogue.forEach(({ name }, index) => {
    const value = read(index)
    if (value !== 0) values[name] = Math.round(value * 1000) / 1000
  })
  return values
}
