import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Action, severityOf } from '../activity/index.ts'
import type { HeldReputation, ReputationView } from '../reputation/index.ts'
import type { Pack } from '../rules/index.ts'
import type { FeedEntry } from './edition.ts'

/** What the network would be told of this party now. */
export type Weigh = (
  party: string,
  nowMs: number,
) => { readonly action: Action; readonly score: number; readonly category?: string }

export interface CollectOptions {
  readonly view: Pick<ReputationView, 'each'>
  readonly pack: () => Pack
  readonly weigh: Weigh
  readonly atLeast: Action
  readonly lists: readonly string[]
  readonly maxEntries: number
  readonly maxAgeMs: number
}

export interface Collected {
  readonly entries: readonly FeedEntry[]
  /** Left out, by reason: a closed list. */
  readonly leftOut: ReadonlyMap<LeftOut, number>
}
export type LeftOut = 'too-mild' | 'old' | 'shielded' | 'exempt' | 'too-many'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Parties looked at before others get their turn: a decision in line must not wait for the feed. */
const SLICE = 500

/**
 * Draws up the list: every party whose decision would be at least `atLeast` at this moment, by its own standing or by a list
 * that names it. Left out are parties under a shield (their number was misused), exempt ones and emergency numbers, and those
 * of whom nothing was heard for long. Ranges are never published: nobody is condemned for a neighbour.
 */
export async function collect(options: CollectOptions, nowMs: number): Promise<Collected> {
  const { pack, maxAgeMs } = options
  const leftOut = new Map<LeftOut, number>()
  const leave = (reason: LeftOut, count = 1) => {
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + count)
  }
  const held: HeldReputation[] = []
  options.view.each(options.atLeast, nowMs, each => {
    held.push(each)
    return true
  })
  const found = new Map<string, FeedEntry & { readonly score: number }>()
  let looked = 0
  for (const { party, timeMs, expiresMs, shield } of held) {
    if (++looked % SLICE === 0) await nextTurn()
    if (nowMs - timeMs > maxAgeMs) leave('old')
    else if (shield !== undefined && shield.untilMs > nowMs) leave('shielded')
    else take(party, 'reputation', expiresMs === 0 ? timeMs + maxAgeMs : Math.min(expiresMs, timeMs + maxAgeMs))
  }
  // Who is on a list stays on it: an end that moves on once a day is no news every hour.
  const listedUntilMs = Math.floor(nowMs / DAY_MS) * DAY_MS + maxAgeMs
  for (const name of options.lists) {
    for (const set of pack().lists.sets(name)) {
      const parties: string[] = []
      set.each?.(party => parties.push(party))
      for (const party of parties) {
        if (++looked % SLICE === 0) await nextTurn()
        if (!found.has(party)) take(party, 'list', listedUntilMs)
      }
    }
  }

  function take(party: string, source: FeedEntry['source'], untilMs: number): void {
    if (isExempt(party, pack())) {
      leave('exempt')
      return
    }
    const { action, score, category } = options.weigh(party, nowMs)
    if (severityOf(action) < severityOf(options.atLeast)) leave('too-mild')
    else {
      const until = Math.ceil(untilMs / HOUR_MS) * HOUR_MS
      found.set(party, { party, action, category, untilMs: until, source, score })
    }
  }

  const all = [...found.values()]
  if (all.length > options.maxEntries) {
    leave('too-many', all.length - options.maxEntries)
    all.sort((a, b) => b.score - a.score || (a.party < b.party ? -1 : 1))
    all.length = options.maxEntries
  }
  return { entries: all.map(({ score: _, ...entry }) => entry), leftOut }
}

/** Allowed parties and emergency numbers, in whatever form the list names these. */
function isExempt(party: string, { lists, effects }: Pack): boolean {
  for (const [list, effect] of effects) {
    if (effect === 'none' || effect === 'trusted') continue
    if (lists.has(list, party)) return true
    // +33112: the short code behind its country (E.164 has no number this short).
    if (effect === 'emergency' && party.startsWith('+') && party.length <= 8)
      for (const end of [2, 3, 4]) if (lists.has(list, party.slice(end))) return true
  }
  return false
}
