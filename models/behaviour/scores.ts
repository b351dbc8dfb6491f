import { vectorNames } from '../../engine/features/index.ts'
import type { Tensorflow } from '../backend/index.ts'
import type { BehaviourRow } from './collect.ts'
import { createBehaviourJudge } from './judge.ts'
import type { BehaviourWeights } from './weights.ts'

/** The vectors of looks, one after the other. */
export function vectorsOf(rows: readonly BehaviourRow[]): Float32Array {
  const vectors = new Float32Array(rows.length * vectorNames.length)
  for (const [i, row] of rows.entries()) vectors.set(row.vector, i * vectorNames.length)
  return vectors
}

/** Calibrated probabilities of looks, kept off 0 and 1. */
export function scoresOfRows(tf: Tensorflow, weights: BehaviourWeights, rows: readonly BehaviourRow[]): Float64Array {
  const judge = createBehaviourJudge(tf, weights)
  const out = new Float64Array(rows.length)
  for (let at = 0; at < rows.length; at += 1024) {
    const part = rows.slice(at, at + 1024)
    out.set(judge.score(vectorsOf(part), part.length).probability, at)
  }
  judge.close()
  return out.map(p => Math.min(1 - 1e-7, Math.max(1e-7, p)))
}
