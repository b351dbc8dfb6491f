import type { PagedState } from '../snapshot/index.ts'
import { type Cursor, createRecordPages, pagedOf } from '../state/index.ts'
import { equalPlaces, type Fingerprint, MIN_EQUAL } from './fingerprint.ts'

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
  /** Record that is equal in at least half of its values, or 0. `hold` puts the cursor on a record; its first bytes are the values. */
  find(fingerprint: Fingerprint): number
  add(fingerprint: Fingerprint, slot: number): void
}

/** Index for up to `records` records; `hold` gives the cursor on a record, whose fingerprint lies at its start. */
export function createBandIndex(name: string, records: number, hold: (slot: number) => Cursor): BandIndex {
  const buckets = 2 ** Math.ceil(Math.log2(Math.max(256, (records * BANDS) / WAYS)))
  const pages = createRecordPages({
    name,
    layout: `ways:${WAYS} buckets:${buckets}`,
    recordBytes: WAYS * 4,
    pageShift: 12,
  })
  pages.ensure(buckets)
  const cursor = pages.cursor()

  function find(fingerprint: Fingerprint): number {
    for (let band = 0; band < BANDS; band++) {
      const key = keyOf(fingerprint, band)
      pages.at(cursor, key & (buckets - 1))
      const { u32, base } = cursor
      const tag = key >>> SLOT_BITS
      for (let i = base >>> 2, end = i + WAYS; i < end; i++) {
        const entry = u32[i]!
        if (entry === 0) break
        if (entry >>> SLOT_BITS !== tag) continue
        const slot = entry & SLOT_MASK
        const record = hold(slot)
        if (equalPlaces(fingerprint, 0, record.u16, record.base >>> 1) >= MIN_EQUAL) return slot
      }
    }
    return 0
  }

  function add(fingerprint: Fingerprint, slot: number): void {
    for (let band = 0; band < BANDS; band++) {
      const key = keyOf(fingerprint, band)
      const bucket = key & (buckets - 1)
      pages.touch(bucket)
      pages.at(cursor, bucket)
      const { u32, base } = cursor
      const first = base >>> 2
      for (let i = first + WAYS - 1; i > first; i--) u32[i] = u32[i - 1]!
      u32[first] = (((key >>> SLOT_BITS) << SLOT_BITS) | slot) >>> 0
    }
  }

  return {
    state: pagedOf(pages),
    get bytes() {
      return pages.bytes
    },
    find,
    add,
  }
}

function keyOf(fingerprint: Fingerprint, band: number): number {
  let key = ((fingerprint[2 * band]! << 16) | fingerprint[2 * band + 1]!) ^ Math.imul(band + 1, 0x9e3779b1)
  key = Math.imul(key ^ (key >>> 16), 0x85ebca6b)
  key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35)
  return (key ^ (key >>> 16)) >>> 0
}
