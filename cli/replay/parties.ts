import {
  type Action,
  type Activity,
  keyOf,
  type Reason,
  severityOf,
  type Verdict,
} from '../../engine/activity/index.ts'

/** One line of `--parties` (DESIGN §9): the worst that was found of a party. */
export interface PartyLine {
  readonly party: string
  readonly score: number
  readonly action: Action
  readonly category?: string
  readonly reasons: readonly Reason[]
  readonly first: number
  readonly last: number
  readonly activities: number
}

interface Summary {
  first: number
  last: number
  activities: number
  worst: Verdict | undefined
}

/** What came of every party that acted or was acted upon. */
export interface PartyBook {
  activity(activity: Activity): void
  verdict(verdict: Verdict): void
  readonly size: number
  lines(): IterableIterator<PartyLine>
}

/**
 * Keeps every party of a recording. A verdict on the target's copy protects that target and condemns nobody: callers in a
 * storm of call-backs are innocent, so only verdicts on origins' own copies count here.
 */
export function createPartyBook(): PartyBook {
  const book = new Map<string, Summary>()
  return {
    activity(activity) {
      const party = keyOf(activity)
      const summary = book.get(party)
      if (summary === undefined) {
        book.set(party, { first: activity.time, last: activity.time, activities: 1, worst: undefined })
        return
      }
      summary.activities++
      if (activity.time < summary.first) summary.first = activity.time
      if (activity.time > summary.last) summary.last = activity.time
    },
    verdict(verdict) {
      const summary = book.get(verdict.party)
      if (summary === undefined || verdict.role !== 'origin') return
      const { worst } = summary
      if (worst === undefined || isWorse(verdict, worst)) summary.worst = verdict
    },
    get size() {
      return book.size
    },
    *lines() {
      for (const [party, summary] of book) yield lineOf(party, summary)
    },
  }
}

function isWorse(a: Verdict, b: Verdict): boolean {
  return a.score > b.score || (a.score === b.score && severityOf(a.action) > severityOf(b.action))
}

function lineOf(party: string, { first, last, activities, worst }: Summary): PartyLine {
  return {
    party,
    score: worst?.score ?? 0,
    action: worst?.action ?? 'allow',
    ...(worst?.category === undefined ? {} : { category: worst.category }),
    reasons: worst?.reasons ?? [],
    first,
    last,
    activities,
  }
}
