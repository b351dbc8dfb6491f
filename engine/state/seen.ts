import { createHashQueue } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createRecordPages, pagedOf } from './pages.ts'
import { keepWarm } from './warm.ts'

/** Ids seen lately, bounded: at least the last `entries`, at most twice as many. */
export interface SeenIds {
  readonly state: PagedState
  readonly bytes: number
  /** Brings the places of ids that are about to be asked for, in that order, into the caches; changes nothing. */
  warm(ids: readonly string[]): void
  /** Remembers the id; true when it was there already. `salt` tells the two roles of one activity apart. */
  seen(id: string, salt: number): boolean
}

const FILLED = 0
const CURRENT = 1
const PAGE_SHIFT = 12
/** Table entries an id: half empty, so that a probe is one or two steps. */
const SPARSE = 2
/** Tells the roles of one activity apart: both lie in one place, one cache miss for the two. */
const SALT = 0x9e3779b0

/**
 * Two generations of open addressing over 64-bit hashes (8 bytes an id). When the current one is full the older is emptied
 * and takes over, so an id is remembered for `entries` to 2 × `entries` others. A wrong "seen" needs a 64-bit collision.
 * The generations lie side by side, entry by entry: looking in both is one cache miss, where two tables were two.
 */
export function createSeenIds(entries: number, seed: number): SeenIds {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(1024, entries * SPARSE)))
  const mask = slots - 1
  const limit = slots / SPARSE
  const records = 2 * slots + 1
  const pages = createRecordPages({
    name: 'seen-ids',
    layout: `side by side, generations:2 slots:${slots} seed:${seed}`,
    recordBytes: 8,
    pageShift: PAGE_SHIFT,
    fixed: records,
  })
  pages.ensure(records)
  const { touch } = pages
  const { u32 } = pages.cursor()
  const hash = new Uint32Array(4)
  const hashes = createHashQueue(seed)

  /** Record of the generation that holds the hash, or the empty one where it belongs; `found` says which. */
  function probe(generation: number, a: number, b: number): number {
    for (let i = b & mask; ; i = (i + 1) & mask) {
      const record = 1 + 2 * i + generation
      const first = u32[2 * record]!
      const second = u32[2 * record + 1]!
      if (first === a && second === b) {
        found = true
        return record
      }
      if (first === 0 && second === 0) {
        found = false
        return record
      }
    }
  }
  let found = false

  function turn(): void {
    const older = 1 - u32[CURRENT]!
    for (let record = 0; record < records; record += 1 << PAGE_SHIFT) touch(record)
    for (let at = 2 * (1 + older); at < 2 * records; at += 4) {
      u32[at] = 0
      u32[at + 1] = 0
    }
    u32[CURRENT] = older
    u32[FILLED] = 0
  }

  return {
    state: pagedOf(pages),
    get bytes() {
      return pages.bytes
    },
    warm(ids) {
      hashes.clear()
      let sum = 0
      for (const id of ids) {
        hashes.foresee(id, hash)
        sum += u32[2 * (1 + 2 * (hash[1]! & mask))]!
      }
      keepWarm(sum)
    },
    seen(id, salt) {
      hashes.of(id, hash)
      // Never all zero: that is an empty entry.
      const a = ((hash[0]! ^ (salt * SALT)) | 1) >>> 0
      const b = hash[1]!
      const generation = u32[CURRENT]!
      probe(1 - generation, a, b)
      if (found) return true
      const record = probe(generation, a, b)
      if (found) return true
      touch(record)
      u32[2 * record] = a
      u32[2 * record + 1] = b
      touch(0)
      if (++u32[FILLED]! >= limit) turn()
      return false
    },
  }
}
