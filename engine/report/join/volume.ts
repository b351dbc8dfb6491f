import { addIntervals, type Interval, sumOf } from '../estimate.ts'
import type { BySeverity, Study } from '../model.ts'
import type { Overlap } from '../overlap.ts'
import type { Part } from '../part.ts'
import { joinShares } from './shares.ts'

const DAY_MS = 86_400_000

/** Events by severity, less those that two operators saw. */
export function counts(all: readonly BySeverity[], overlap: Overlap): BySeverity {
  const at = (s: number) => Math.max(0, Math.round(all.reduce((n, each) => n + each[s]!, 0) - overlap.severities[s]!))
  return [at(0), at(1), at(2), at(3), at(4)]
}

/** Each operator's reviews speak for its own events that are left; undefined where nobody reviewed. */
export function estimateOf(parts: readonly Part[], overlap: Overlap): Interval | undefined {
  if (parts.every(({ study }) => study.volume.estimate === undefined)) return undefined
  const strata = parts.flatMap(({ study }, operator) =>
    study.quality.strata.map(({ severity, events, share }) => ({
      items: Math.max(0, events - (overlap.operators[operator]?.severities[severity] ?? 0)),
      share: share ?? (severity === 0 ? { value: 0, low: 0, high: 0 } : { value: 1, low: 0, high: 1 }),
    })),
  )
  const own = sumOf(strata)
  const off = { value: 0, low: overlap.spam.low - overlap.spam.value, high: overlap.spam.high - overlap.spam.value }
  return addIntervals([own, off])
}

/** Events and spam of each day of the period, less what was seen twice on it. */
export function joinDays(studies: readonly Study[], overlap: Overlap): Study['volume']['byDay'] {
  return studies[0]!.volume.byDay.map(({ day }, i) => {
    const off = overlap.taken('day', String(Date.parse(day) / DAY_MS))
    const add = (pick: 'events' | 'spam') =>
      studies.reduce((all, study) => all + (study.volume.byDay[i]?.[pick] ?? 0), 0)
    return {
      day,
      events: Math.max(0, Math.round(add('events') - off.events)),
      spam: Math.max(0, Math.round(add('spam') - off.spam)),
    }
  })
}

/** What the joined figures rest on: days, files and rows of all operators. */
export function joinCoverage(studies: readonly Study[]): Study['coverage'] {
  const all = studies.map(study => study.coverage)
  const add = (pick: (coverage: Study['coverage']) => number) => all.reduce((sum, each) => sum + pick(each), 0)
  return {
    denominator: all.every(each => each.denominator === 'verdicts') ? 'verdicts' : 'activity',
    daysWithData: Math.min(...all.map(each => each.daysWithData)),
    missingDays: [...new Set(all.flatMap(each => each.missingDays))].sort(),
    files: add(each => each.files),
    rows: add(each => each.rows),
    repeated: add(each => each.repeated),
    versions: all.flatMap(each => each.versions),
    pseudonyms: all.every(each => each.pseudonyms === all[0]!.pseudonyms) ? all[0]!.pseudonyms : '',
    rotation: all[0]!.rotation,
  }
}

/** The period before, where every operator has it; else nothing. */
export function joinBefore(studies: readonly Study[]): Pick<Study, 'before'> {
  const all = studies.flatMap(({ before }) => (before === undefined ? [] : [before]))
  if (all.length < studies.length) return {}
  const events = all.reduce((sum, each) => sum + each.events, 0)
  const spam = all.reduce((sum, each) => sum + each.spam, 0)
  const categories = joinShares(
    all.map(each => each.categories),
    spam,
  )
  const { from, to } = all[0]!
  return { before: { events, spam, share: events === 0 ? 0 : spam / events, from, to, categories } }
}
