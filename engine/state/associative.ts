import type { PagedState } from '../snapshot/index.ts'
import { type Cursor, createRecordPages, pagedOf } from './pages.ts'

/** Bytes at the start of every record that belong to the table: two words of hash, time of the last touch. */
export const ENTRY_HEADER_BYTES = 16
const LAST = 1
const WAYS = 8

/** A small table of fixed size in which the entry touched longest ago makes room: for what is few and may be forgotten. */
export interface AssociativeTable {
  readonly state: PagedState
  readonly bytes: number
  /** Views over all records: an entry's bytes begin where `find` and `obtain` say. */
  readonly views: Pick<Cursor, 'u8' | 'u16' | 'u32' | 'f32' | 'f64'>
  /** Entries that made room for others. */
  readonly evicted: number
  /** First byte of the entry; -1 when there is none. */
  find(first: number, second: number): number
  /** First byte of the entry for writing; a new one is all zeros but for its header, last touched at `nowMs`. */
  obtain(first: number, second: number, nowMs: number): number
  /** Time of the entry's last touch, which the owner moves on. */
  lastMs(entry: number): number
  setLastMs(entry: number, ms: number): void
}

export interface AssociativeOptions {
  readonly name: string
  readonly layout: string
  /** Header included; a multiple of 8. */
  readonly recordBytes: number
  /** Rounded up to a power of two, at least 8. */
  readonly entries: number
}

/** Eight places an entry, chosen by its hash; of a full eight the one touched longest ago goes. Deterministic. */
export function createAssociativeTable(options: AssociativeOptions): AssociativeTable {
  const { name, recordBytes } = options
  const sets = 2 ** Math.max(0, Math.ceil(Math.log2(options.entries / WAYS)))
  const pages = createRecordPages({
    name,
    layout: `${options.layout}/sets:${sets} ways:${WAYS}`,
    recordBytes,
    pageShift: 6,
    fixed: sets * WAYS + 1,
  })
  pages.ensure(sets * WAYS + 1)
  const { u8, u16, u32, f32, f64 } = pages.cursor()
  const { touch, wipe } = pages
  const startOf = (second: number): number => 1 + (second & (sets - 1)) * WAYS
  const lastMs = (entry: number): number => f64[(entry >>> 3) + LAST]!

  function find(first: number, second: number): number {
    const start = startOf(second)
    for (let record = start; record < start + WAYS; record++) {
      const entry = record * recordBytes
      if (u32[entry >>> 2] === first && u32[(entry >>> 2) + 1] === second) return entry
    }
    return -1
  }

  /** A free place among the eight, else the one touched longest ago, emptied. */
  function place(second: number): number {
    const start = startOf(second)
    let oldest = start
    for (let record = start; record < start + WAYS; record++) {
      if (lastMs(record * recordBytes) < lastMs(oldest * recordBytes)) oldest = record
    }
    const entry = oldest * recordBytes
    if (lastMs(entry) !== 0) {
      touch(0)
      u32[0]!++
      wipe(oldest, oldest + 1)
    }
    return entry
  }

  return {
    state: pagedOf(pages),
    get bytes() {
      return pages.bytes
    },
    views: { u8, u16, u32, f32, f64 },
    get evicted() {
      return u32[0]!
    },
    find,
    obtain(first, second, nowMs) {
      const known = find(first, second)
      const entry = known < 0 ? place(second) : known
      touch(entry / recordBytes)
      if (known < 0) {
        u32[entry >>> 2] = first
        u32[(entry >>> 2) + 1] = second
        f64[(entry >>> 3) + LAST] = nowMs
      }
      return entry
    },
    lastMs,
    setLastMs(entry, ms) {
      f64[(entry >>> 3) + LAST] = ms
    },
  }
}
