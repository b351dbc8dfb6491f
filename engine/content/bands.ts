import type { PagedState } from '../snapshot/index.ts'
import { createRecordPages, keepWarm, pagedOf } from '../state/index.ts'
import { type Fingerprint, resembles } from './fingerprint.ts'

/** Bands of two values: 1 - (1 - r²)⁸ of the texts that resemble by r meet in one: 0.98 at r = 0.6, 0.5 at r = 0.3. */
const BANDS = 8
const WAYS = 4
const SLOT_BITS = 20
const SLOT_MASK = (1 << SLOT_BITS) - 1
export const MAX_INDEXED = SLOT_MASK

/** Finds the record whose fingerprint resembles a given one, by bands. Bounded: a full bucket forgets its oldest entry. */
export interface BandIndex {
  readonly state: PagedState
  readonly bytes: number
  /** Record that is equal in at least half of its values, or 0. */
  find(fingerprint: Fingerprint): number
  add(fingerprint: Fingerprint, slot: number): void
}

/**
 * Index for up to `records` records: the fingerprint of each begins at `fingerprints[stride * slot]`.
 * Nearly every look-up finds nothing, and finds it in a quarter of the memory: one byte of each entry's tag, four to a word,
 * beside the entries (0.5 MB for 65,536 texts where the entries take 2 and lie in no cache).
 */
export function createBandIndex(name: string, records: number, fingerprints: Uint16Array, stride: number): BandIndex {
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(256, (records * BANDS) / WAYS)))
  const pages = createRecordPages({
    name,
    layout: `ways:${WAYS} buckets:${buckets}`,
    recordBytes: WAYS * 4,
    pageShift: 12,
    fixed: buckets,
  })
  pages.ensure(buckets)
  const { u32 } = pages.cursor()
  const { touch } = pages
  // Follows from the entries: not saved.
  const tags = new Uint32Array(buckets)

  // Filled by one look-up, read by it alone.
  const hitBuckets = new Uint32Array(BANDS)
  const hitTags = new Uint32Array(BANDS)
  const candidates = new Uint32Array(BANDS * WAYS)

  /** Bands first, then their entries, then the records: within a step no load waits for another. */
  function find(fingerprint: Fingerprint): number {
    let hits = 0
    for (let band = 0; band < BANDS; band++) {
      const key = keyOf(fingerprint, band)
      const bucket = key & (buckets - 1)
      if (!hasByte(tags[bucket]!, byteOf(key))) continue
      hitBuckets[hits] = bucket
      hitTags[hits++] = key >>> SLOT_BITS
    }
    return hits === 0 ? 0 : amongEntries(fingerprint, hits)
  }

  function amongEntries(fingerprint: Fingerprint, hits: number): number {
    let found = 0
    for (let hit = 0; hit < hits; hit++) {
      for (let i = hitBuckets[hit]! * WAYS, end = i + WAYS; i < end; i++) {
        const entry = u32[i]!
        if (entry === 0) break
        if (entry >>> SLOT_BITS === hitTags[hit]) candidates[found++] = entry & SLOT_MASK
      }
    }
    let sum = 0
    for (let c = 0; c < found; c++) sum += fingerprints[stride * candidates[c]!]!
    keepWarm(sum)
    for (let c = 0; c < found; c++) {
      if (resembles(fingerprint, 0, fingerprints, stride * candidates[c]!)) return candidates[c]!
    }
    return 0
  }

  function add(fingerprint: Fingerprint, slot: number): void {
    for (let band = 0; band < BANDS; band++) {
      const key = keyOf(fingerprint, band)
      const bucket = key & (buckets - 1)
      touch(bucket)
      const first = bucket * WAYS
      for (let i = first + WAYS - 1; i > first; i--) u32[i] = u32[i - 1]!
      u32[first] = (((key >>> SLOT_BITS) << SLOT_BITS) | slot) >>> 0
      tags[bucket] = (tags[bucket]! << 8) | byteOf(key)
    }
  }

  function restored(): void {
    for (let bucket = 0; bucket < buckets; bucket++) {
      let word = 0
      for (let i = (bucket + 1) * WAYS - 1; i >= bucket * WAYS; i--)
        word = (word << 8) | (u32[i] === 0 ? 0 : byteOf(u32[i]!))
      tags[bucket] = word
    }
  }

  return {
    state: { ...pagedOf(pages), restored },
    get bytes() {
      return pages.bytes + tags.byteLength
    },
    find,
    add,
  }
}

/** Lowest byte of the tag that an entry keeps of its key. */
function byteOf(key: number): number {
  return (key >>> SLOT_BITS) & 0xff
}

/** Whether one of the four bytes is it; now and then says so of none (a borrow), never misses one. */
function hasByte(word: number, byte: number): boolean {
  const x = word ^ Math.imul(byte, 0x01010101)
  return ((x - 0x01010101) & ~x & 0x80808080) !== 0
}

function keyOf(fingerprint: Fingerprint, band: number): number {
  let key = ((fingerprint[2 * band]! << 16) | fingerprint[2 * band + 1]!) ^ Math.imul(band + 1, 0x9e3779b1)
  key = Math.imul(key ^ (key >>> 16), 0x85ebca6b)
  key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35)
  return (key ^ (key >>> 16)) >>> 0
}
