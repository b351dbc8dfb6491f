import { auc } from '../training/index.ts'
import type { BehaviourRow } from './collect.ts'
import type { ConfidenceStep } from './weights.ts'

const CONFIDENCE_DAYS = [1.5, 3, 6, 10, 18, Number.MAX_VALUE]

/** 2 · AUC − 1 by age, of parties scored by what had not learnt from them. */
export function confidenceSteps(rows: readonly BehaviourRow[], scores: Float64Array): ConfidenceStep[] {
  let from = -1
  return CONFIDENCE_DAYS.map(uptoDays => {
    const of = (callsOnly: boolean) => {
      const own = rows.flatMap(({ callsOnly: calls, ageDays }, i) =>
        calls === callsOnly && ageDays > from && ageDays <= uptoDays ? [i] : [],
      )
      const area = auc(
        own.map(i => scores[i]!),
        own.map(i => rows[i]!.label),
      )
      return Number.isFinite(area) ? Number(Math.max(0, 2 * area - 1).toFixed(3)) : 0
    }
    const step = { uptoDays, all: of(false), callsOnly: of(true) }
    from = uptoDays
    return step
  })
}
