import { type ModelScore, REASONS_SHOWN } from '../scorer/index.ts'
import type { Evidence, Finding } from './judge.ts'
import type { Pack } from './pack.ts'

/**
 * What a model's score adds: the pack's symbol for that model, weighed by the model's confidence; undefined when the model
 * sees no spam, has nothing to go by, or the pack gives it no symbol. Evidence: version, probability, the kind of spam where the model tells kinds,
 * and what moved the score most: features by name with their values, pieces of the text with their weight in `because` (a
 * sender's word must not pass for a field's name).
 */
export function modelFinding(pack: Pack, score: ModelScore): Finding | undefined {
  const spec = pack.models.find(symbol => symbol.model === score.model)
  if (spec === undefined || !score.spam || score.confidence <= 0) return undefined
  const evidence: Evidence = { model: score.version, probability: Math.round(score.probability * 10_000) / 10_000 }
  if (score.kind !== undefined) evidence.kind = score.kind
  const pieces: string[] = []
  for (const { what, value, weight } of score.reasons.slice(0, REASONS_SHOWN)) {
    if (value === undefined) pieces.push(`${what} ${weight > 0 ? '+' : ''}${Math.round(weight * 100) / 100}`)
    else evidence[what] = value
  }
  if (pieces.length > 0) evidence.because = pieces.join(', ')
  return { spec, score: spec.score * score.confidence, evidence }
}
