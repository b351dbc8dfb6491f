import type { Study } from '../model.ts'
import { total } from '../money.ts'

/** What detection costs: rates weighted by events, sums where each operator pays its own. */
export function joinCost(studies: readonly Study[]): Study['cost'] {
  const all = studies.map(study => study.cost)
  const events = studies.reduce((sum, study) => sum + study.volume.events, 0)
  const mean = (pick: (cost: Study['cost']) => number) =>
    events === 0 ? 0 : studies.reduce((sum, study) => sum + pick(study.cost) * study.volume.events, 0) / events
  return {
    measured: all.some(each => each.measured),
    cpuSecondsPerMillion: mean(each => each.cpuSecondsPerMillion),
    rssBytes: all.reduce((sum, each) => sum + each.rssBytes, 0),
    storageBytesPerMillion: mean(each => each.storageBytesPerMillion),
    perMillion: {
      low: mean(each => each.perMillion.low),
      mid: mean(each => each.perMillion.mid),
      high: mean(each => each.perMillion.high),
    },
    perYear: total(all.map(each => each.perYear)),
    prices: all[0]!.prices,
  }
}

/** Losses of all operators, line by line. */
export function joinLosses(studies: readonly Study[]): Study['losses'] {
  const lines = studies[0]!.losses.lines.map((line, i) => ({
    ...line,
    quantity: studies.reduce((sum, study) => sum + study.losses.lines[i]!.quantity, 0),
    ...total(studies.map(study => study.losses.lines[i]!)),
  }))
  return { lines, total: total(lines) }
}
