import type { Action, BilingualText } from '../activity/index.ts'
import { type Hash128, hashText } from '../hash/index.ts'
import type { Evidence } from '../rules/index.ts'

/** A symbol that hit this party and still counts: score at the hit, halving from then on until its hold ends. */
export interface HeldSymbol {
  readonly symbol: string
  score: number
  /** Event time of the last hit. */
  at: number
  evidence: Evidence
}

export interface Shield {
  action: Action
  category: string
  until: number
  says: BilingualText
}

/** What was last published of a party, so that the reputation topic carries changes only. */
export interface Published {
  action: Action
  score: number
  time: number
  shieldUntil: number
  shieldAction: Action
}

/** A suspicious party: kept from its first hit until its holds are over. */
export interface Standing {
  readonly party: string
  readonly bucket: number
  first: number
  last: number
  activities: number
  held: HeldSymbol[]
  shield: Shield | undefined
  published: Published
  /** Order of last use; the smallest is evicted first. */
  sequence: number
  older: Standing | undefined
  newer: Standing | undefined
}

export interface StandingTable {
  readonly size: number
  find(party: string): Standing | undefined
  /** The party's standing for writing: made when absent, moved to the young end, its page kept for a running snapshot. */
  open(party: string, timeMs: number): Standing
  remove(standing: Standing): void
  readonly counters: StandingCounters
  readonly buckets: readonly ReadonlySet<Standing>[]
  /** Called with the bucket before anything in it changes. */
  onChange: (bucket: number) => void
  /** Puts a saved standing back; `relink` when all are. */
  insert(standing: Standing): void
  relink(): void
}

export interface StandingCounters {
  /** Left because the table was full, oldest first, while they may still have counted. */
  evicted: number
  /** Left because all their holds were over. */
  expired: number
}

export const BUCKETS = 1_024

const hash: Hash128 = new Uint32Array(4)

/** Page of a party's standing in a snapshot: a pure function of the party. */
export function bucketOf(party: string): number {
  hashText(party, 0, hash)
  return hash[0]! & (BUCKETS - 1)
}

/**
 * The side table of suspicious parties of one partition: bounded, least recently hit leaves first. Objects, not slabs: it
 * holds the few parties with a hit (some 0.1 % of the live ones), 600 B each with three symbols.
 */
export function createStandingTable(maxParties: number, longestHoldMs: () => number): StandingTable {
  const byParty = new Map<string, Standing>()
  const buckets = Array.from({ length: BUCKETS }, () => new Set<Standing>())
  const counters: StandingCounters = { evicted: 0, expired: 0 }
  let oldest: Standing | undefined
  let youngest: Standing | undefined
  let sequence = 0

  const unlink = (standing: Standing): void => {
    if (standing.older === undefined) oldest = standing.newer
    else standing.older.newer = standing.newer
    if (standing.newer === undefined) youngest = standing.older
    else standing.newer.older = standing.older
    standing.older = undefined
    standing.newer = undefined
  }
  const append = (standing: Standing): void => {
    standing.older = youngest
    if (youngest === undefined) oldest = standing
    else youngest.newer = standing
    youngest = standing
  }
  const remove = (standing: Standing): void => {
    table.onChange(standing.bucket)
    unlink(standing)
    byParty.delete(standing.party)
    buckets[standing.bucket]!.delete(standing)
  }
  const makeRoom = (timeMs: number): void => {
    // Two looks at the old end a newcomer: the expired leave as fast as others come, without a sweep.
    for (let looks = 0; looks < 2 && oldest !== undefined; looks++) {
      if (oldest.last + longestHoldMs() >= timeMs || (oldest.shield?.until ?? 0) >= timeMs) break
      counters.expired++
      remove(oldest)
    }
    if (byParty.size >= maxParties && oldest !== undefined) {
      counters.evicted++
      remove(oldest)
    }
  }

  const table: StandingTable = {
    get size() {
      return byParty.size
    },
    // Asked at every activity, and mostly of nobody.
    find: party => (byParty.size === 0 ? undefined : byParty.get(party)),
    open(party, timeMs) {
      const known = byParty.get(party)
      if (known !== undefined) {
        table.onChange(known.bucket)
        known.sequence = ++sequence
        if (known !== youngest) {
          unlink(known)
          append(known)
        }
        return known
      }
      makeRoom(timeMs)
      const standing = newStanding(party, timeMs, ++sequence)
      table.onChange(standing.bucket)
      byParty.set(party, standing)
      buckets[standing.bucket]!.add(standing)
      append(standing)
      return standing
    },
    remove,
    counters,
    buckets,
    onChange: () => {},
    insert(standing) {
      byParty.set(standing.party, standing)
      buckets[standing.bucket]!.add(standing)
    },
    relink() {
      oldest = undefined
      youngest = undefined
      sequence = 0
      for (const standing of [...byParty.values()].sort((a, b) => a.sequence - b.sequence)) {
        standing.newer = undefined
        append(standing)
        sequence = standing.sequence
      }
    },
  }
  return table
}

function newStanding(party: string, timeMs: number, sequence: number): Standing {
  return {
    party,
    bucket: bucketOf(party),
    first: timeMs,
    last: timeMs,
    activities: 0,
    held: [],
    shield: undefined,
    published: { action: 'allow', score: 0, time: 0, shieldUntil: 0, shieldAction: 'allow' },
    sequence,
    older: undefined,
    newer: undefined,
  }
}
