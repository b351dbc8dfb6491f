import { hashText } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createRecordPages, pagedOf } from './pages.ts'

/** Ids seen lately, bounded: at least the last `entries`, at most twice as many. */
export interface SeenIds {
  readonly state: PagedState
  readonly bytes: number
  /** Remembers the id; true when it was there already. `salt` tells the two roles of one activity apart. */
  seen(id: string, salt: number): boolean
}

const FILLED = 0
const CURRENT = 1
/** Table entries an id: half empty, so that a probe is one or two steps. */
const SPARSE = 2

/**
 * Two generations of open addressing over 64-bit hashes (8 bytes an id). When the current one is full the older is emptied
 * and takes over, so an id is remembered for `entries` to 2 × `entries` others. A wrong "seen" needs a 64-bit collision.
 */
export function createSeenIds(entries: number, seed: number): SeenIds {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(1024, entries * SPARSE)))
  const mask = slots - 1
  const limit = slots / SPARSE
  const pages = createRecordPages({
    name: 'seen-ids',
    layout: `generations:2 slots:${slots} seed:${seed}`,
    recordBytes: 8,
    pageShift: 12,
  })
  pages.ensure(2 * slots + 1)
  const head = pages.cursor()
  const self = pages.cursor()
  const hash = new Uint32Array(4)
  const first = (generation: number): number => 1 + generation * slots

  /** Leaves `self` at the entry that holds the hash, or at the empty one where it belongs. */
  function probe(generation: number, a: number, b: number): boolean {
    for (let i = b & mask; ; i = (i + 1) & mask) {
      pages.at(self, first(generation) + i)
      const at = self.base >>> 2
      if (self.u32[at] === a && self.u32[at + 1] === b) return true
      if (self.u32[at] === 0 && self.u32[at + 1] === 0) return false
    }
  }

  function turn(): void {
    const older = 1 - head.u32[CURRENT]!
    pages.wipe(first(older), first(older) + slots)
    head.u32[CURRENT] = older
    head.u32[FILLED] = 0
  }

  return {
    state: pagedOf(pages),
    get bytes() {
      return pages.bytes
    },
    seen(id, salt) {
      hashText(id, seed ^ salt, hash)
      // Never all zero: that is an empty entry.
      const a = (hash[0]! | 1) >>> 0
      const b = hash[1]!
      const generation = head.u32[CURRENT]!
      if (probe(1 - generation, a, b) || probe(generation, a, b)) return true
      pages.touch(self.slot)
      self.u32[self.base >>> 2] = a
      self.u32[(self.base >>> 2) + 1] = b
      pages.touch(0)
      if (++head.u32[FILLED]! >= limit) turn()
      return false
    },
  }
}
