import { type Action, type Reason, severityOf } from '../activity/index.ts'
import type { Evidence, Pack, SymbolSpec, Thresholds } from '../rules/index.ts'

/** A symbol that counts now: hit by this activity, or held from an earlier one. */
export interface Present {
  readonly spec: SymbolSpec
  readonly score: number
  readonly evidence: Evidence
  readonly held: boolean
}

export interface Scored {
  readonly score: number
  readonly action: Action
  /** What the action would be if every shadow symbol counted; equal to `action` when none changes it. */
  readonly shadowAction: Action
  readonly shadowScore: number
  readonly category: string | undefined
  /** The symbol that weighs most in the category: its class of spam is the verdict's. */
  readonly leading: SymbolSpec | undefined
  readonly reasons: readonly Reason[]
}

/** The strongest action whose threshold the score reaches; allow below the first. */
export function actionOf(score: number, thresholds: Thresholds): Action {
  if (score < thresholds.flag) return 'allow'
  if (score < thresholds.challenge) return 'flag'
  if (score < thresholds.divert) return 'challenge'
  return score < thresholds.block ? 'divert' : 'block'
}

/**
 * Σ weights, the positive sum of each group capped; composites join when their condition over the present symbols holds.
 * A shadow symbol counts in `shadowAction` only, and is no part of what an enforced composite sees.
 */
export function scoreSymbols(fresh: readonly Present[], pack: Pack): Scored {
  const present = withComposites(fresh, pack)
  const enforced = present.filter(symbol => symbol.spec.state === 'enforce')
  const shares = groupShares(enforced, pack)
  const score = round(enforced.reduce((sum, symbol) => sum + share(symbol, shares), 0))
  const action = actionOf(score, pack.thresholds)
  const { category, leading } = dominant(enforced)
  const shadowScore = shadowScoreOf(present, score, pack)
  const shadowAction = actionOf(shadowScore, pack.thresholds)
  return { score, action, shadowScore, shadowAction, category, leading, reasons: reasonsOf(present, shares) }
}

/** The score if every shadow symbol counted. */
function shadowScoreOf(present: readonly Present[], score: number, pack: Pack): number {
  if (!present.some(symbol => symbol.spec.state === 'shadow')) return score
  const shares = groupShares(present, pack)
  return round(present.reduce((sum, symbol) => sum + share(symbol, shares), 0))
}

function withComposites(fresh: readonly Present[], pack: Pack): readonly Present[] {
  if (pack.composites.length === 0 || fresh.length === 0) return fresh
  const all = new Set(fresh.map(({ spec }) => spec.symbol))
  const enforced = new Set(fresh.filter(({ spec }) => spec.state === 'enforce').map(({ spec }) => spec.symbol))
  const joined = [...fresh]
  for (const spec of pack.composites) {
    if (!spec.parts.some(part => all.has(part))) continue
    const holds = spec.test(symbol => enforced.has(symbol))
    if (!holds && !spec.test(symbol => all.has(symbol))) continue
    const evidence: Evidence = {}
    for (const part of spec.parts) evidence[part] = all.has(part)
    // An enforced composite that only holds thanks to a shadow symbol is itself a shadow.
    const state = holds ? spec.state : 'shadow'
    const held = fresh.every(symbol => symbol.held || !spec.parts.includes(symbol.spec.symbol))
    joined.push({ spec: { ...spec, state }, score: spec.score, evidence, held })
  }
  return joined
}

/** For each group that exceeds its cap: by how much its positive scores shrink. */
function groupShares(present: readonly Present[], pack: Pack): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { spec, score } of present) {
    if (spec.group !== undefined && score > 0) sums.set(spec.group, (sums.get(spec.group) ?? 0) + score)
  }
  const shares = new Map<string, number>()
  for (const [group, sum] of sums) {
    const cap = pack.groups.get(group)
    if (cap !== undefined && sum > cap) shares.set(group, cap / sum)
  }
  return shares
}

function share({ spec, score }: Present, shares: ReadonlyMap<string, number>): number {
  return score > 0 && spec.group !== undefined ? score * (shares.get(spec.group) ?? 1) : score
}

/**
 * What it is above all: the category of the strongest single finding that has one. Not the largest sum: general signs of
 * haste (many calls, many targets) go with every campaign and together would outweigh the one that says which it is.
 * Caps are left aside: they limit what a group may do to a party, not what it is.
 */
function dominant(enforced: readonly Present[]) {
  let leading: Present | undefined
  for (const symbol of enforced) {
    if (symbol.spec.category === undefined || symbol.score <= 0) continue
    if (leading === undefined || symbol.score > leading.score) leading = symbol
  }
  return { category: leading?.spec.category, leading: leading?.spec }
}

function reasonsOf(present: readonly Present[], shares: ReadonlyMap<string, number>): readonly Reason[] {
  return present
    .map((symbol): Reason => {
      const { spec, evidence, held } = symbol
      return {
        symbol: spec.symbol,
        score: spec.state === 'enforce' ? round(share(symbol, shares)) : 0,
        state: spec.state,
        ...(spec.category === undefined ? {} : { category: spec.category }),
        ...(spec.group === undefined ? {} : { group: spec.group }),
        says: spec.says,
        evidence,
        ...(held ? { held } : {}),
      }
    })
    .sort((a, b) => b.score - a.score)
}

/** Scores are sums of doubles; three digits keep thresholds exact and records readable. */
export function round(score: number): number {
  return Math.round(score * 1_000) / 1_000
}

/** Is `a` a stronger action than `b`? */
export function stronger(a: Action, b: Action): boolean {
  return severityOf(a) > severityOf(b)
}
