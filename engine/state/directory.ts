/**
 * From a 64-bit hash to a record: extendible hashing (Fagin et al., 1979) over segments of 4,096 entries. A full segment
 * splits in two, some 30 µs; no growth ever moves the whole table, so there is no pause at ten million keys.
 * An entry is 32 bits: record number (24) and the low byte of the hash's second word, so that a probe that does not match
 * seldom touches the record.
 */

const SEGMENT_BITS = 12
const SEGMENT = 1 << SEGMENT_BITS
const MASK = SEGMENT - 1
/** Split when more than this are in use: probes stay short. */
const FULL = Math.floor(SEGMENT * 0.8)
export const MAX_RECORDS = (1 << 24) - 1

/** What the directory must know of a record: its hash words. */
export interface HashedRecords {
  first(slot: number): number
  second(slot: number): number
}

export interface Directory {
  /** Bytes of typed arrays held. */
  readonly bytes: number
  /** Record of the hash for which `matches` holds, or 0. `first` picks the segment, `second` the place in it. */
  find(first: number, second: number): number
  /** The record that is most likely it, by the byte in the entry alone: no record is read. */
  guess(first: number, second: number): number
  insert(first: number, second: number, slot: number): void
  remove(first: number, second: number, slot: number): void
  clear(): void
}

interface Segment {
  readonly entries: Uint32Array
  depth: number
  used: number
}

/** Empty directory over `records`; record 0 means none. Equality is of both words: 64 bits, seeded by the caller. */
export function createDirectory(records: HashedRecords): Directory {
  let depth = 0
  let segments: Segment[] = [segment(0)]
  /** The entries of `segments`, place by place: a look-up is one load shorter. */
  let tables = segments.map(({ entries }) => entries)

  const of = (first: number): Segment => segments[depth === 0 ? 0 : first >>> (32 - depth)]!
  const entriesOf = (first: number): Uint32Array => tables[depth === 0 ? 0 : first >>> (32 - depth)]!

  function place(target: Segment, second: number, slot: number): void {
    let i = (second >>> 8) & MASK
    while (target.entries[i] !== 0) i = (i + 1) & MASK
    target.entries[i] = ((slot << 8) | (second & 0xff)) >>> 0
    target.used++
  }

  function split(full: Segment, first: number): void {
    if (full.depth === depth) {
      segments = segments.flatMap(one => [one, one])
      tables = segments.map(({ entries }) => entries)
      depth++
    }
    const low = segment(full.depth + 1)
    const high = segment(full.depth + 1)
    for (const entry of full.entries) {
      if (entry === 0) continue
      const slot = entry >>> 8
      const upper = (records.first(slot) >>> (31 - full.depth)) & 1
      place(upper === 1 ? high : low, records.second(slot), slot)
    }
    const span = 1 << (depth - full.depth)
    const start = ((first >>> (32 - depth)) / span) | 0
    for (let i = 0; i < span; i++) {
      const half = i < span / 2 ? low : high
      segments[start * span + i] = half
      tables[start * span + i] = half.entries
    }
  }

  return {
    get bytes() {
      let distinct = 0
      for (let i = 0; i < segments.length; i += 1 << (depth - segments[i]!.depth)) distinct++
      return distinct * SEGMENT * 4 + segments.length * 16
    },
    find(first, second) {
      const entries = entriesOf(first)
      const tag = second & 0xff
      for (let i = (second >>> 8) & MASK; ; i = (i + 1) & MASK) {
        const entry = entries[i]!
        if (entry === 0) return 0
        if ((entry & 0xff) !== tag) continue
        const slot = entry >>> 8
        if (records.second(slot) === second && records.first(slot) === first) return slot
      }
    },
    guess(first, second) {
      const entries = entriesOf(first)
      const tag = second & 0xff
      for (let i = (second >>> 8) & MASK; ; i = (i + 1) & MASK) {
        const entry = entries[i]!
        if (entry === 0 || (entry & 0xff) === tag) return entry >>> 8
      }
    },
    insert(first, second, slot) {
      let target = of(first)
      while (target.used >= FULL) {
        split(target, first)
        target = of(first)
      }
      place(target, second, slot)
    },
    remove(first, second, slot) {
      const target = of(first)
      const { entries } = target
      let hole = (second >>> 8) & MASK
      while (entries[hole] !== 0 && entries[hole]! >>> 8 !== slot) hole = (hole + 1) & MASK
      if (entries[hole] === 0) return
      target.used--
      // Backward shift (Knuth 6.4 R): no tombstones, so churn does not slow look-ups.
      for (let i = (hole + 1) & MASK; entries[i] !== 0; i = (i + 1) & MASK) {
        const home = (records.second(entries[i]! >>> 8) >>> 8) & MASK
        if (((i - home) & MASK) >= ((i - hole) & MASK)) {
          entries[hole] = entries[i]!
          hole = i
        }
      }
      entries[hole] = 0
    },
    clear() {
      depth = 0
      segments = [segment(0)]
      tables = [segments[0]!.entries]
    },
  }
}

function segment(depth: number): Segment {
  return { entries: new Uint32Array(SEGMENT), depth, used: 0 }
}
