import { createHash } from 'node:crypto'
import type { Action } from '../activity/index.ts'

/** One party that the network is told of. */
export interface FeedEntry {
  readonly party: string
  readonly action: Action
  readonly category: string | undefined
  /** When it is no longer to be acted upon, rounded up to an hour so that small extensions are no change (ms). */
  readonly untilMs: number
  readonly source: 'reputation' | 'list'
}

/** The list at a moment, in order of parties: what every format is rendered from. */
export interface Edition {
  /** Names the content: two processes that publish the same parties give the same version. */
  readonly version: string
  readonly entries: readonly FeedEntry[]
  readonly madeMs: number
  /** A copy is to be thrown away then. */
  readonly expiresMs: number
}

/** An edition of entries, which are put in order. */
export function editionOf(entries: readonly FeedEntry[], madeMs: number, validMs: number): Edition {
  const sorted = [...entries].sort((a, b) => (a.party < b.party ? -1 : a.party > b.party ? 1 : 0))
  const hash = createHash('sha256')
  for (const { party, action, category, untilMs } of sorted)
    hash.update(`${party}\n${action}\n${category ?? ''}\n${untilMs}\n`)
  return {
    version: hash.digest('hex').slice(0, 16),
    entries: sorted,
    madeMs,
    expiresMs: madeMs + validMs,
  }
}

/** What changed between two editions. */
export interface Delta {
  readonly since: string
  /** New, or with another action, category or end. */
  readonly changed: readonly FeedEntry[]
  readonly removed: readonly string[]
}

/** One walk over both, which are in order. */
export function deltaOf(before: Edition, after: Edition): Delta {
  const changed: FeedEntry[] = []
  const removed: string[] = []
  let i = 0
  for (const entry of after.entries) {
    while (i < before.entries.length && before.entries[i]!.party < entry.party) removed.push(before.entries[i++]!.party)
    const old = before.entries[i]
    if (old?.party !== entry.party) changed.push(entry)
    else {
      if (!isSame(old, entry)) changed.push(entry)
      i++
    }
  }
  for (; i < before.entries.length; i++) removed.push(before.entries[i]!.party)
  return { since: before.version, changed, removed }
}

function isSame(a: FeedEntry, b: FeedEntry): boolean {
  return a.action === b.action && a.category === b.category && a.untilMs === b.untilMs
}
