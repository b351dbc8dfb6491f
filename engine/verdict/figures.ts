import type { Activity } from '../activity/index.ts'
import type { Finding, Pack } from '../rules/index.ts'
import { actionOf, type Scored, stronger } from './score.ts'
import type { Standing } from './standing.ts'

/** What a symbol has done since the start: how an operator tells whether a shadow rule is ready, or an old one is wrong. */
export interface SymbolFigures {
  readonly symbol: string
  /** Its state at the last hit. */
  readonly state: 'enforce' | 'shadow'
  /** Fresh hits. */
  readonly hits: number
  /** Hits on which the verdict asked for an action anyway: of a shadow rule, what the others catch as well. */
  readonly withAction: number
  /** Shadow hits that would have raised the action, had this symbol alone counted. */
  readonly wouldRaise: number
  /** Hits shared with each other symbol. */
  readonly overlap: Readonly<Record<string, number>>
  /** People's opinions of parties that it was held against at the time. */
  readonly spam: number
  readonly ham: number
  /** spam / (spam + ham); absent without opinions. */
  readonly precision?: number
}

/** Opinions of people, by who said so, what they said and whether something was held against the party at the time. */
export interface OpinionFigures {
  readonly source: string
  readonly opinion: 'spam' | 'ham'
  readonly caught: boolean
  readonly count: number
}

export interface FiguresKeeper {
  /** Counts the fresh findings of one activity. */
  count(findings: readonly Finding[], scored: Scored, pack: Pack): void
  /** Counts an opinion for every symbol that the party's standing holds; other kinds of record say nothing. */
  hear(activity: Activity, standing: Standing | undefined): void
  figures(): readonly SymbolFigures[]
  opinions(): readonly OpinionFigures[]
}

interface Tally {
  state: SymbolFigures['state']
  hits: number
  withAction: number
  wouldRaise: number
  readonly overlap: Map<string, number>
  spam: number
  ham: number
}

/** Counters by symbol. Bounded by the number of symbols; work only where something was found. */
export function createFigures(): FiguresKeeper {
  const tallies = new Map<string, Tally>()
  // Bounded by the closed lists of sources and opinions.
  const opinions = new Map<string, { -readonly [K in keyof OpinionFigures]: OpinionFigures[K] }>()
  const hearOpinion = (source: string, opinion: 'spam' | 'ham', caught: boolean) => {
    const key = `${source} ${opinion} ${caught}`
    const known = opinions.get(key)
    if (known === undefined) opinions.set(key, { source, opinion, caught, count: 1 })
    else known.count++
  }
  const tallyOf = (symbol: string): Tally => {
    const known = tallies.get(symbol)
    if (known !== undefined) return known
    const overlap = new Map<string, number>()
    const tally: Tally = { state: 'enforce', hits: 0, withAction: 0, wouldRaise: 0, overlap, spam: 0, ham: 0 }
    tallies.set(symbol, tally)
    return tally
  }
  return {
    count(findings, scored, pack) {
      for (const { spec, score } of findings) {
        const tally = tallyOf(spec.symbol)
        tally.state = spec.state
        tally.hits++
        if (scored.action !== 'allow') tally.withAction++
        const alone = actionOf(scored.score + score, pack.thresholds)
        if (spec.state === 'shadow' && stronger(alone, scored.action)) tally.wouldRaise++
        for (const other of findings) {
          if (other.spec !== spec) tally.overlap.set(other.spec.symbol, (tally.overlap.get(other.spec.symbol) ?? 0) + 1)
        }
      }
    },
    hear(activity, standing) {
      if (activity.kind === 'feedback') hearOpinion(activity.source, activity.opinion, (standing?.held.length ?? 0) > 0)
      // A 608 is another engine's judgement, not a person's.
      if (activity.kind !== 'feedback' || activity.source === '608') return
      for (const held of standing?.held ?? []) tallyOf(held.symbol)[activity.opinion]++
    },
    opinions: () => [...opinions.values()],
    figures: () =>
      [...tallies].map(([symbol, { overlap, ...tally }]) => ({
        symbol,
        ...tally,
        overlap: Object.fromEntries(overlap),
        ...(tally.spam + tally.ham === 0 ? {} : { precision: tally.spam / (tally.spam + tally.ham) }),
      })),
  }
}
