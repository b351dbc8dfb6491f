import { RingfenceError } from '../errors/index.ts'
import type { FrozenPages, PagedState } from '../snapshot/index.ts'

/** Where a record lies: the views of its chunk and the byte it starts at. Reused from record to record. */
export interface Cursor {
  u8: Uint8Array
  u16: Uint16Array
  u32: Uint32Array
  f32: Float32Array
  f64: Float64Array
  /** First byte of the record inside the views' buffer, a multiple of 8. */
  base: number
  /** Record number. */
  slot: number
}

export interface RecordPages extends PagedState {
  /** Records that have memory. */
  readonly capacity: number
  readonly recordBytes: number
  /** Bytes of typed arrays held. */
  readonly bytes: number
  /** A cursor on record 0. */
  cursor(): Cursor
  /** Puts the cursor on a record, for reading. */
  at(cursor: Cursor, slot: number): void
  /** The 32-bit word at byte `offset` of a record, without a cursor: four pointers less to move. */
  word(slot: number, offset: number): number
  /** Reads a word of every cache line of the first `count` records named; gives their sum, so that they are read indeed. */
  skim(slots: Uint32Array, count: number): number
  /** Must precede every write to a record: copies its page first when a snapshot still wants the old one. */
  touch(slot: number): void
  /** Makes room for `records` records. */
  ensure(records: number): void
  /** Zeroes the records `[from, to)`. */
  wipe(from: number, to: number): void
}

export interface RecordPagesOptions {
  readonly name: string
  /** Names the fields; part of the layout. */
  readonly layout: string
  /** Multiple of 8. */
  readonly recordBytes: number
  /** Records a page is 2^this; default 8. */
  readonly pageShift?: number
  /** Never more than so many records, all in one chunk from the start: a cursor's views reach every one of them. */
  readonly fixed?: number
  /** So many records are expected at most: the last chunk is cut to them. More can come all the same, out of a snapshot. */
  readonly most?: number
}

/** A cursor on a record of zeros that belongs to nobody: what a reader sees of what is not there. */
export function blankCursor(recordBytes: number): Cursor {
  return cursorOver(new ArrayBuffer(recordBytes))
}

/** Puts `cursor` where `other` is. */
export function aim(cursor: Cursor, other: Cursor): void {
  cursor.u8 = other.u8
  cursor.u16 = other.u16
  cursor.u32 = other.u32
  cursor.f32 = other.f32
  cursor.f64 = other.f64
  cursor.base = other.base
  cursor.slot = other.slot
}

function cursorOver(buffer: ArrayBuffer): Cursor {
  return {
    u8: new Uint8Array(buffer),
    u16: new Uint16Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    base: 0,
    slot: 0,
  }
}

/** The paged state of records on its own, for a snapshot. */
export function pagedOf(pages: PagedState): PagedState {
  const { name, layout } = pages
  return {
    name,
    layout,
    freeze: full => pages.freeze(full),
    load: (page, bytes) => pages.load(page, bytes),
    restored() {},
  }
}

/** A chunk of party records is 12 MB: of each, all but the ends can lie in huge pages (docs/benchmarks.md). */
const CHUNK_PAGES_SHIFT = 7
const CHUNK_PAGES = 1 << CHUNK_PAGES_SHIFT
/** A cache line in 32-bit words. */
const LINE_WORDS = 16
/** Never written to: all zeros, in no snapshot. */
const EMPTY = 0
const CLEAN = 1
const DIRTY = 2
/** Wanted by the snapshot under way and not yet taken. */
const WANTED = 3

/**
 * Fixed-size records in pages, pages in chunks of 128, so that growth allocates a few megabytes at a time, moves nothing and
 * leaves the garbage collector a handful of objects a million records. Freezing is copy-on-write by page.
 */
export function createRecordPages(options: RecordPagesOptions): RecordPages {
  const { name, recordBytes } = options
  const pageShift = options.pageShift ?? 8
  const pageBytes = recordBytes << pageShift
  const chunkPages = options.fixed === undefined ? CHUNK_PAGES : Math.ceil(options.fixed / (1 << pageShift))
  // Of a fixed table every record number falls into the first chunk.
  const chunkShift = options.fixed === undefined ? pageShift + CHUNK_PAGES_SHIFT : 30
  const chunkMask = (1 << chunkShift) - 1
  const layout = `${options.layout}/${recordBytes}x${1 << pageShift}`
  const chunks: Cursor[] = []
  let flags = new Uint8Array(0)
  let pages = 0
  const saved = new Map<number, Uint8Array>()
  let frozen = false

  const mostPages = Math.ceil((options.most ?? Number.POSITIVE_INFINITY) / (1 << pageShift))
  const chunkOf = (count: number): Cursor => cursorOver(new ArrayBuffer(pageBytes * count))

  function grow(): void {
    const cut = pages % chunkPages
    if (cut === 0) {
      // The first chunk is never cut: cursors are kept on its record 0.
      const added = pages === 0 ? chunkPages : Math.min(chunkPages, Math.max(1, mostPages - pages))
      chunks.push(chunkOf(added))
      pages += added
    } else {
      const whole = chunkOf(chunkPages)
      whole.u8.set(chunks.at(-1)!.u8)
      chunks[chunks.length - 1] = whole
      pages += chunkPages - cut
    }
    const next = new Uint8Array(Math.max(pages, flags.length))
    next.set(flags)
    flags = next
  }

  function ensure(records: number): void {
    if (options.fixed !== undefined && pages > 0 && records > pages << pageShift)
      throw new RingfenceError('SNAPSHOT_INCOMPATIBLE', `${name}: holds ${pages << pageShift} records, not ${records}`)
    while (pages << pageShift < records) grow()
  }

  function bytesOf(page: number): Uint8Array {
    const start = (page % chunkPages) * pageBytes
    return chunks[Math.floor(page / chunkPages)]!.u8.subarray(start, start + pageBytes)
  }

  function touchSlow(page: number): void {
    if (flags[page] === WANTED) saved.set(page, bytesOf(page).slice())
    flags[page] = DIRTY
  }

  function freeze(full: boolean): FrozenPages {
    if (frozen) throw new RingfenceError('SNAPSHOT_CORRUPT', `${name}: a freeze is still open`)
    frozen = true
    const wanted: number[] = []
    for (let page = 0; page < pages; page++) {
      if (flags[page] === EMPTY || (flags[page] === CLEAN && !full)) continue
      wanted.push(page)
      flags[page] = WANTED
    }
    const total = pages
    const out = new Uint8Array(pageBytes)
    let taken = 0
    return {
      total,
      next() {
        const page = wanted[taken]
        if (page === undefined) return undefined
        taken++
        const copy = saved.get(page)
        out.set(copy ?? bytesOf(page))
        if (copy === undefined) flags[page] = CLEAN
        else saved.delete(page)
        return { page, bytes: out }
      },
      release() {
        // What was not taken is still owed to the next freeze.
        for (; taken < wanted.length; taken++) flags[wanted[taken]!] = DIRTY
        saved.clear()
        frozen = false
      },
    }
  }

  ensure(1)
  return {
    name,
    layout,
    recordBytes,
    get capacity() {
      return pages << pageShift
    },
    get bytes() {
      return pages * pageBytes + flags.length
    },
    cursor() {
      // Field by field: an object that is spread may get a shape of its own, and cursors are read everywhere.
      const { u8, u16, u32, f32, f64 } = chunks[0]!
      return { u8, u16, u32, f32, f64, base: 0, slot: 0 }
    },
    at(cursor, slot) {
      const chunk = chunks[slot >>> chunkShift]!
      cursor.u8 = chunk.u8
      cursor.u16 = chunk.u16
      cursor.u32 = chunk.u32
      cursor.f32 = chunk.f32
      cursor.f64 = chunk.f64
      cursor.base = (slot & chunkMask) * recordBytes
      cursor.slot = slot
    },
    word: (slot, offset) => chunks[slot >>> chunkShift]!.u32[((slot & chunkMask) * recordBytes + offset) >>> 2]!,
    skim(slots, count) {
      let sum = 0
      for (let i = 0; i < count; i++) {
        const slot = slots[i]!
        const { u32 } = chunks[slot >>> chunkShift]!
        const first = ((slot & chunkMask) * recordBytes) >>> 2
        for (let at = first, end = first + recordBytes / 4; at < end; at += LINE_WORDS) sum = (sum + u32[at]!) | 0
      }
      return sum
    },
    touch(slot) {
      const page = slot >>> pageShift
      if (flags[page] !== DIRTY) touchSlow(page)
    },
    ensure,
    wipe(from, to) {
      for (let slot = from; slot < to; ) {
        const page = slot >>> pageShift
        const end = Math.min(to, (page + 1) << pageShift)
        if (flags[page] !== DIRTY) touchSlow(page)
        const first = (slot & ((1 << pageShift) - 1)) * recordBytes
        bytesOf(page).fill(0, first, first + (end - slot) * recordBytes)
        slot = end
      }
    },
    freeze,
    load(page, bytes) {
      if (bytes.length !== pageBytes)
        throw new RingfenceError(
          'SNAPSHOT_INCOMPATIBLE',
          `${name}: page ${page} has ${bytes.length} bytes, not ${pageBytes}`,
        )
      ensure((page + 1) << pageShift)
      bytesOf(page).set(bytes)
      flags[page] = CLEAN
    },
    restored() {},
  }
}
