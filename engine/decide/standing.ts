import type { HeldReputation } from '../reputation/index.ts'
import type { SymbolSpec } from '../rules/index.ts'

/** What a standing still counts. */
export interface FadedStanding {
  readonly score: number
  readonly reasons: readonly { readonly spec: SymbolSpec; readonly score: number }[]
}

const NOTHING: FadedStanding = { score: 0, reasons: [] }

/**
 * The standing as it has faded since it was published, by the half-lives of the pack in force: each symbol's weight halved
 * every half-life, nothing once its hold is over, nothing for a symbol that the pack no longer enforces. What the view does
 * not itemise (it keeps four symbols) fades with the slowest of those kept.
 */
export function fade(held: HeldReputation, specs: ReadonlyMap<string, SymbolSpec>, nowMs: number): FadedStanding {
  if (held.expiresMs !== 0 && held.expiresMs <= nowMs) return NOTHING
  const ageMs = Math.max(0, nowMs - held.timeMs)
  const reasons: { spec: SymbolSpec; score: number }[] = []
  let score = 0
  let itemised = 0
  let slowest = 0
  for (const { symbol, score: weight } of held.reasons) {
    itemised += weight
    const spec = specs.get(symbol)
    if (spec === undefined || spec.state !== 'enforce') continue
    const factor = factorOf(spec, ageMs)
    slowest = Math.max(slowest, factor)
    const left = weight * factor
    if (Math.abs(left) < 0.01) continue
    reasons.push({ spec, score: left })
    score += left
  }
  const rest = held.score - itemised
  // Hundredths are rounded away in the view: only more than that is another symbol.
  if (rest > 0.05) score += rest * slowest
  return { score, reasons }
}

function factorOf({ holdMs, halfLifeMs }: SymbolSpec, ageMs: number): number {
  // A composite holds nothing itself: it stands while its parts do, and the record's own expiry ends it.
  if (holdMs > 0 && ageMs >= holdMs) return 0
  return halfLifeMs > 0 ? 2 ** (-ageMs / halfLifeMs) : 1
}
