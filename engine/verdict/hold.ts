import type { Finding, Pack, SymbolSpec } from '../rules/index.ts'
import { actionOf, type Present, scoreSymbols } from './score.ts'
import type { HeldSymbol, Standing } from './standing.ts'

/** What a held symbol still counts: halved every half-life since its last hit, nothing once the hold is over. */
export function decayed(held: HeldSymbol, spec: SymbolSpec, timeMs: number): number {
  // A late record is judged as if on time: it finds the symbol undecayed, never grown.
  const age = Math.max(0, timeMs - held.at)
  if (age >= spec.holdMs) return 0
  return spec.halfLifeMs > 0 ? held.score * 2 ** (-age / spec.halfLifeMs) : held.score
}

/** The symbols of a party's standing that still count at an instant and were not hit afresh. */
export function heldSymbols(
  standing: Standing,
  fresh: readonly Finding[],
  specs: ReadonlyMap<string, SymbolSpec>,
  timeMs: number,
): Present[] {
  const present: Present[] = []
  for (const held of standing.held) {
    const spec = specs.get(held.symbol)
    if (spec === undefined || fresh.some(finding => finding.spec.symbol === held.symbol)) continue
    const score = decayed(held, spec, timeMs)
    if (Math.abs(score) >= 0.01) present.push({ spec, score, evidence: held.evidence, held: true })
  }
  return present
}

/** Remembers fresh hits, forgets what is over or whose rule is gone. */
export function holdFindings(
  standing: Standing,
  fresh: readonly Finding[],
  specs: ReadonlyMap<string, SymbolSpec>,
  timeMs: number,
): void {
  for (const { spec, score, evidence } of fresh) {
    if (spec.holdMs <= 0) continue
    const known = standing.held.find(held => held.symbol === spec.symbol)
    if (known === undefined) standing.held.push({ symbol: spec.symbol, score, at: timeMs, evidence })
    else {
      known.score = score
      known.at = Math.max(known.at, timeMs)
      known.evidence = evidence
    }
  }
  standing.held = standing.held.filter(held => {
    const spec = specs.get(held.symbol)
    return spec !== undefined && timeMs - held.at < spec.holdMs
  })
}

/**
 * When the standing has decayed to allow if nothing more happens: the score only falls, so by bisection to the second.
 * `undefined` when it is allow already.
 */
export function expiryOf(
  standing: Standing,
  pack: Pack,
  specs: ReadonlyMap<string, SymbolSpec>,
  timeMs: number,
): number | undefined {
  const allowedAt = (at: number) => {
    const { score } = scoreSymbols(heldSymbols(standing, [], specs, at), pack)
    return actionOf(score, pack.thresholds) === 'allow'
  }
  if (allowedAt(timeMs)) return undefined
  let low = timeMs
  let high = timeMs
  for (const held of standing.held) high = Math.max(high, held.at + (specs.get(held.symbol)?.holdMs ?? 0))
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2)
    if (allowedAt(middle)) high = middle
    else low = middle
  }
  return high
}
