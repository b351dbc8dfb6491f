import { OTHER } from './tally.ts'

/** Counts by a key of which there may be many, for the busiest only; each key has the same few columns. */
export interface TopTally {
  add(key: string, column: number): void
  /** `[count, key, name of the column]` of every series shown. */
  samples(): Iterable<readonly [value: number, ...labels: string[]]>
}

export interface TopTallyOptions {
  /** Keys shown by name. */
  readonly limit: number
  readonly columns: readonly string[]
  /** Additions between two looks at who is busiest; default 4,096. */
  readonly period?: number
}

interface Shown {
  readonly counts: number[]
  recent: number
}

/**
 * The busiest keys by name and the rest under `other`, so that every sum is right and no series ever goes backwards: an
 * addition counts for the name that its key has at that moment. A key that became twice as busy as the least busy one
 * shown takes its place; its series begins at zero, as after a restart. Memory is bounded by `limit` and four times as
 * many candidates (their counts halved each period and forgotten at zero: Misra and Gries' frequent items, aged).
 */
export function createTopTally(options: TopTallyOptions): TopTally {
  const { limit, columns, period = 4096 } = options
  const shown = new Map<string, Shown>()
  const candidates = new Map<string, number>()
  const other: number[] = columns.map(() => 0)
  let untilLook = period

  function weigh(key: string): void {
    const weight = candidates.get(key)
    if (weight !== undefined) candidates.set(key, weight + 1)
    else if (candidates.size < limit * 4) candidates.set(key, 1)
    else fade()
  }

  /** One off every candidate: what makes room in Misra and Gries' summary. */
  function fade(): void {
    for (const [key, weight] of candidates) {
      if (weight > 1) candidates.set(key, weight - 1)
      else candidates.delete(key)
    }
  }

  function look(): void {
    untilLook = period
    const busiest = [...candidates].sort((a, b) => b[1] - a[1])
    const idlest = [...shown].sort((a, b) => a[1].recent - b[1].recent)
    for (const [i, [key, weight]] of busiest.entries()) {
      const least = idlest[i]
      if (least === undefined || weight <= 2 * least[1].recent) break
      shown.delete(least[0])
      shown.set(key, { counts: columns.map(() => 0), recent: weight })
      candidates.delete(key)
    }
    for (const each of shown.values()) each.recent >>= 1
    for (const [key, weight] of candidates) {
      if (weight > 1) candidates.set(key, weight >> 1)
      else candidates.delete(key)
    }
  }

  return {
    add(key, column) {
      let mine = shown.get(key)
      if (mine === undefined && shown.size < limit) {
        mine = { counts: columns.map(() => 0), recent: 0 }
        shown.set(key, mine)
      }
      if (mine !== undefined) {
        mine.counts[column]!++
        mine.recent++
      } else {
        other[column]!++
        weigh(key)
      }
      if (--untilLook === 0) look()
    },
    *samples() {
      for (const [key, { counts }] of shown)
        for (const [i, column] of columns.entries()) yield [counts[i]!, key, column]
      if (other.some(count => count > 0)) for (const [i, column] of columns.entries()) yield [other[i]!, OTHER, column]
    },
  }
}
