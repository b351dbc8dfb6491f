import type { Reputation } from '../activity/index.ts'
import type { Pack, SymbolSpec } from '../rules/index.ts'
import { expiryOf, heldSymbols } from './hold.ts'
import { scoreSymbols } from './score.ts'
import type { Standing } from './standing.ts'

/** A party's record beyond its standing, from the partition's state. */
export interface PartyHistory {
  readonly first: number
  readonly last: number
  readonly activities: number
  readonly campaign?: string
}

export interface ReputationContext {
  readonly pack: Pack
  readonly specs: ReadonlyMap<string, SymbolSpec>
  readonly everyMs: number
  readonly timeMs: number
}

/** A score has to move by so much before the topic hears of it. */
const MATERIAL = 0.5

/**
 * The reputation record when a party's standing has materially changed since the last one: its action or its shield's
 * action changed, or, at most once every `everyMs` of event time, its score moved by 0.5 or its shield was extended.
 */
export function reputationChange(
  standing: Standing,
  context: ReputationContext,
  history: (() => PartyHistory) | undefined,
): Reputation | undefined {
  const { pack, specs, everyMs, timeMs } = context
  const { score, action, category, reasons } = scoreSymbols(heldSymbols(standing, [], specs, timeMs), pack)
  const { published, shield } = standing
  const shieldAction = shield?.action ?? 'allow'
  const due = timeMs - published.time >= everyMs
  const moved = Math.abs(score - published.score) >= MATERIAL || (shield?.until ?? 0) - published.shieldUntil >= everyMs
  if (action === published.action && shieldAction === published.shieldAction && !(due && moved)) return undefined
  standing.published = { action, score, time: timeMs, shieldUntil: shield?.until ?? 0, shieldAction }
  const known = history?.() ?? standing
  const expires = expiryOf(standing, pack, specs, timeMs)
  const campaign = history?.().campaign
  return {
    party: standing.party,
    time: timeMs,
    score,
    action,
    ...(category === undefined ? {} : { category }),
    reasons: [...reasons],
    first: known.first,
    last: known.last,
    activities: known.activities,
    ...(expires === undefined ? {} : { expires }),
    ...(campaign === undefined ? {} : { campaign }),
    ...(shield === undefined ? {} : { shield }),
    pack: pack.version,
  }
}
