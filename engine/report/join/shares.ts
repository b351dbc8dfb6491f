import { addIntervals, type Interval, scaled } from '../estimate.ts'
import { type Share, type Study, SUPPRESSED } from '../model.ts'
import type { Overlap, OverlapDimension } from '../overlap.ts'

/** Rows of one name added up, less what was seen twice. */
export function joinShares(
  tables: readonly (readonly Share[])[],
  spam: number,
  less?: { readonly overlap: Overlap; readonly dimension: OverlapDimension },
): readonly Share[] {
  const names = [...new Set(tables.flatMap(rows => rows.map(({ name }) => name)))]
  const rows = names.map(name => {
    const found = tables.flatMap(table => table.filter(row => row.name === name))
    const off = less?.overlap.taken(less.dimension, name) ?? { events: 0, spam: 0, blocked: 0 }
    const add = (pick: (row: Share) => number) => found.reduce((all, row) => all + pick(row), 0)
    const before = add(row => row.spam)
    const left = Math.max(0, Math.round(before - off.spam))
    const estimates = found.flatMap(({ estimate }) => (estimate === undefined ? [] : [estimate]))
    const part = before === 0 ? 1 : left / before
    return {
      name,
      events: Math.max(left, Math.round(add(row => row.events) - off.events)),
      spam: left,
      blocked: Math.max(0, Math.round(add(row => row.blocked) - off.blocked)),
      share: spam === 0 ? 0 : left / spam,
      ...(estimates.length === 0 ? {} : { estimate: scaled(addIntervals(estimates), part) }),
    }
  })
  return rows.sort((a, b) => b.spam - a.spam || (a.name < b.name ? -1 : 1))
}

/**
 * Folds rows of fewer than `k` events of spam into one. A single small row takes the next one with it: else it could be
 * worked out from the total.
 */
export function fold<T extends Share>(rows: readonly T[], k: number, hidden: { cells: number }): readonly T[] {
  const small = rows.filter(row => row.spam > 0 && row.spam < k)
  if (small.length === 0) return rows
  const shown = rows.filter(row => !small.includes(row))
  const next = small.length === 1 ? shown.filter(row => row.spam > 0).at(-1) : undefined
  const all = next === undefined ? small : [next, ...small]
  hidden.cells += all.length
  const add = (pick: (row: Share) => number) => all.reduce((sum, row) => sum + pick(row), 0)
  const rest = {
    ...all[0]!,
    name: SUPPRESSED,
    events: add(row => row.events),
    spam: add(row => row.spam),
    blocked: add(row => row.blocked),
    share: add(row => row.share),
    // Attributes of the row that happened to come first say nothing of the rest.
    ...('country' in all[0]! ? { country: '' } : {}),
    ...('place' in all[0]! ? { place: '' } : {}),
  }
  delete (rest as { estimate?: Interval }).estimate
  return [...shown.filter(row => row !== next), rest]
}

/** Kinds of traffic are no dimension of the sample: they shrink as all spam does (`keep`). */
export function joinTypes(studies: readonly Study[], spam: number, keep: number): readonly Share[] {
  return joinShares(
    studies.map(study =>
      study.types.map(row => ({
        ...row,
        spam: Math.round(row.spam * keep),
        ...(row.estimate === undefined ? {} : { estimate: scaled(row.estimate, keep) }),
      })),
    ),
    spam,
  )
}
