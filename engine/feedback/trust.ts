import type { Activity, ActivityOf } from '../activity/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createPagedTable } from './paged-table.ts'
import type { FeedbackOptions } from './schema.ts'

/** What a person's word is worth, in the state of one partition. */
export interface ReporterTrust {
  /** Whether there is anything to weigh in an activity; nearly never. */
  weighs(activity: Activity): boolean
  /**
   * Weighs an opinion in event time: gives it back with its `trust`, 0 when it is not to count. A refusal with 607 that is not
   * to count comes back as an ordinary refusal (603); everything else comes back as it is.
   */
  weigh(activity: Activity): Activity
  readonly states: readonly PagedState[]
  readonly counters: Readonly<TrustCounters>
}

/** Complaints by what became of them; plain numbers for the metrics. */
export interface TrustCounters {
  counted: number
  /** Said before by the same person of the same party, less than `repeatHours` ago. */
  repeated: number
  /** Beyond what one person may say in a day. */
  tooMany: number
  /** Not enough trust behind it yet. */
  weak: number
  /** Trust in the reporters of those that were counted or weak, added up: over their number it is the mean, as it has decayed. */
  trust: number
}

/** Agreement and disagreement with others, halved every half-life. */
interface Reporter {
  agree: number
  disagree: number
  /** When both were last brought up to date (ms). */
  at: number
  /** Day since the epoch, and what counted on it. */
  day: number
  today: number
}

/** What was lately said about a party. */
interface Reported {
  /** Trust not yet worth a complaint. */
  credit: number
  /** The latest to complain, at most sixteen. */
  by: { reporter: string; at: number; agreed: boolean }[]
}

const DAY_MS = 86_400_000
/** Others' complaints count as agreement for so long. */
const AGREEMENT_MS = 7 * DAY_MS
const MOST_REMEMBERED = 16
/** A stranger is believed: three to one, before anything is known of them. */
const PRIOR_AGREE = 3
const PRIOR_DISAGREE = 1
/** From here on a word counts whole; below, several are needed, and below `IGNORED` none is enough. */
const WHOLE = 0.5
const IGNORED = 0.2

/**
 * Trust in reporters (ITU-T X.1248 clause 8.5: complaints are weighed). One person counts once a day against one party and
 * against few parties a day; who agrees with others is trusted more, whom analysts contradict less; both are forgotten in
 * time. A complaint counts when the trust behind it adds up to one. Analysts' word always counts, and settles others'.
 * Per partition, and so a bound on what one reporter can do there: a party lies in one partition, with all said about it.
 */
export function createReporterTrust(
  options: Pick<FeedbackOptions, 'repeatHours' | 'perReporterPerDay' | 'halfLifeDays' | 'maxReporters'>,
): ReporterTrust {
  const { maxReporters } = options
  const halfLifeMs = options.halfLifeDays * DAY_MS
  const repeatMs = options.repeatHours * 3_600_000
  const reporters = createPagedTable<Reporter>('reporters', 'reporters-1', maxReporters)
  const reported = createPagedTable<Reported>('reported', 'reported-1', maxReporters)
  const counters: TrustCounters = { counted: 0, repeated: 0, tooMany: 0, weak: 0, trust: 0 }

  function open(name: string, timeMs: number): Reporter {
    const reporter = reporters.open(name, () => ({ agree: 0, disagree: 0, at: timeMs, day: 0, today: 0 }))
    if (timeMs > reporter.at) {
      const left = 2 ** (-(timeMs - reporter.at) / halfLifeMs)
      reporter.agree *= left
      reporter.disagree *= left
      reporter.at = timeMs
    }
    return reporter
  }

  /** Expected share of agreement, with the prior (the mean of a beta distribution). */
  function trustIn({ agree, disagree }: Reporter): number {
    return (agree + PRIOR_AGREE) / (agree + disagree + PRIOR_AGREE + PRIOR_DISAGREE)
  }

  /** A complaint of `name` about `party`: what it is worth, 0 when it is not to count (yet). */
  function complain(name: string, party: string, timeMs: number, evidence: number): number {
    const about = reported.open(party, () => ({ credit: 0, by: [] }))
    const before = about.by.find(each => each.reporter === name)
    if (before !== undefined && timeMs - before.at < repeatMs) {
      counters.repeated++
      return 0
    }
    const reporter = open(name, timeMs)
    const day = Math.floor(timeMs / DAY_MS)
    if (day > reporter.day) {
      reporter.day = day
      reporter.today = 0
    }
    if (reporter.today >= options.perReporterPerDay) {
      counters.tooMany++
      reporter.disagree += 0.5
      return 0
    }
    reporter.today++
    const trust = trustIn(reporter)
    counters.trust += trust
    agreeWith(about, name, reporter, timeMs)
    if (before === undefined) about.by.push({ reporter: name, at: timeMs, agreed: about.by.length > 0 })
    else before.at = Math.max(before.at, timeMs)
    if (about.by.length > MOST_REMEMBERED) about.by.shift()
    const worth = trust < IGNORED ? 0 : (trust >= WHOLE ? 1 : trust) * evidence
    about.credit += worth
    if (about.credit < 1 - 1e-9) {
      counters.weak++
      return 0
    }
    about.credit -= 1
    counters.counted++
    return Math.min(1, worth)
  }

  /** Two people who complain of one party bear each other out, once each. */
  function agreeWith(about: Reported, name: string, reporter: Reporter, timeMs: number): void {
    const others = about.by.filter(each => each.reporter !== name && timeMs - each.at < AGREEMENT_MS)
    if (others.length === 0) return
    reporter.agree += 1
    for (const other of others) {
      if (other.agreed) continue
      other.agreed = true
      open(other.reporter, timeMs).agree += 1
    }
  }

  /** Somebody who knows, or somebody else, says otherwise or the same. */
  function settle(party: string, timeMs: number, agree: number, disagree: number, isFinal: boolean): void {
    const about = reported.find(party)
    if (about === undefined) return
    for (const { reporter, at } of about.by) {
      if (timeMs - at >= AGREEMENT_MS) continue
      const known = open(reporter, timeMs)
      known.agree += agree
      known.disagree += disagree
    }
    // Cleared by an analyst: it takes more than one new complaint to begin again.
    if (isFinal && disagree > 0)
      Object.assign(
        reported.open(party, () => about),
        { credit: -2 },
      )
  }

  function weighFeedback(activity: ActivityOf<'feedback'>): Activity {
    const { source, opinion, from, to, time } = activity
    // 608 is an engine's word, ours perhaps: it weighs nothing either way.
    if (source === '608') return activity
    if (source === 'analyst') {
      settle(from.party, time, opinion === 'spam' ? 2 : 0, opinion === 'ham' ? 2 : 0, true)
      return { ...activity, trust: 1 }
    }
    if (opinion === 'ham') {
      settle(from.party, time, 0, 0.5, false)
      return activity
    }
    const name = to?.party ?? `tap:${activity.route.tap}`
    return { ...activity, trust: complain(name, from.party, time, Math.min(1, Math.max(0, activity.trust ?? 1))) }
  }

  return {
    counters,
    states: [reporters.state, reported.state],
    weighs,
    weigh(activity) {
      if (!weighs(activity)) return activity
      if (activity.kind === 'feedback') return weighFeedback(activity)
      if (activity.to === undefined) return activity
      const worth = complain(activity.to.party, activity.from.party, activity.time, 1)
      return worth > 0 ? activity : { ...activity, status: 603 }
    },
  }
}

function weighs(activity: Activity): activity is ActivityOf<'feedback' | 'call.failed'> {
  if (activity.role !== 'origin') return false
  return activity.kind === 'feedback' || (activity.kind === 'call.failed' && activity.status === 607)
}
