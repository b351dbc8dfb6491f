import { type Action, severityOf, type Verdict } from '../../engine/activity/index.ts'

/** What another set of packs would have said about the same recording. */
export interface BacktestReport {
  readonly packs: { readonly version: string; readonly against: string }
  /** Verdicts by the action that each side gave, where they differ: `allow → flag`. */
  readonly actions: Readonly<Record<string, number>>
  /** Findings by rule, where they differ. */
  readonly rules: Readonly<Record<string, { readonly here: number; readonly against: number }>>
  /** Parties whose worst action differs. */
  readonly parties: readonly { readonly party: string; readonly here: Action; readonly against: Action }[]
}

export interface Backtest {
  /** Compares what these packs gave with what the other ones gave. */
  compare(here: Verdict | undefined, against: Verdict | undefined): void
  report(version: string, against: string): BacktestReport
}

interface Tally {
  here: number
  against: number
}
interface Worst {
  here: Action
  against: Action
}

/** Keeps the differences between two partitions that judge the same activities. */
export function createBacktest(): Backtest {
  const actions = new Map<string, number>()
  const rules = new Map<string, Tally>()
  const parties = new Map<string, Worst>()

  function take(side: keyof Tally, verdict: Verdict | undefined): void {
    if (verdict === undefined) return
    for (const { symbol, held } of verdict.reasons) {
      if (held === true) continue
      const tally = rules.get(symbol) ?? { here: 0, against: 0 }
      tally[side]++
      rules.set(symbol, tally)
    }
    if (verdict.role !== 'origin') return
    const worst = parties.get(verdict.party) ?? { here: 'allow', against: 'allow' }
    if (severityOf(verdict.action) > severityOf(worst[side])) worst[side] = verdict.action
    parties.set(verdict.party, worst)
  }

  return {
    compare(here, against) {
      take('here', here)
      take('against', against)
      const change = `${against?.action ?? 'allow'} → ${here?.action ?? 'allow'}`
      if ((here?.action ?? 'allow') !== (against?.action ?? 'allow'))
        actions.set(change, (actions.get(change) ?? 0) + 1)
    },
    report: (version, against) => ({
      packs: { version, against },
      actions: Object.fromEntries([...actions].sort()),
      rules: Object.fromEntries([...rules].filter(([, tally]) => tally.here !== tally.against).sort()),
      parties: [...parties]
        .filter(([, worst]) => worst.here !== worst.against)
        .map(([party, worst]) => ({ party, ...worst }))
        .sort((a, b) => (a.party < b.party ? -1 : 1)),
    }),
  }
}
