import { cellCounts, distinctOf, surveyCells, type WindowName, windowIndex } from '../state/index.ts'
import { hourBits } from './calls.ts'
import { at } from './layout.ts'
import type { PartyRow, Reader } from './row.ts'

/** Readers of what is not a plain count: sketches, masks, moments. */

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const TARGET_WORDS = 16
export const ORIGIN_WORDS = 8
export const PEERS = 20
export const PEER_OUT = 1
export const PEER_IN = 2
/** Span that concurrency is aged by. */
export const CALL_SPAN_MS = 2 * HOUR_MS
export const SOURCE_CELLS = 16
/** The whole, in shares kept in 16 bits. */
export const SHARE_UNIT = 65_535
/** One contact in the favourite's weight. */
export const TOP_UNIT = 32
export const HOURS_GENERATION_DAYS = 20

const u32At = (row: PartyRow, offset: number): number => row.cursor.u32[(row.cursor.base + offset) >>> 2]!
const f32At = (row: PartyRow, offset: number): number => row.cursor.f32[(row.cursor.base + offset) >>> 2]!
const u16At = (row: PartyRow, offset: number): number => row.cursor.u16[(row.cursor.base + offset) >>> 1]!
const lastMs = (row: PartyRow): number => row.cursor.f64[(row.cursor.base + 8) >>> 3]!

/** Buckets of `lengthMs` that began between the record's last activity and the moment it is read at. */
const stepsSince = (row: PartyRow, lengthMs: number): number =>
  Math.floor(row.nowMs / lengthMs) - Math.floor(lastMs(row) / lengthMs)

const TARGET_COUNTS = cellCounts(TARGET_WORDS)
const ORIGIN_COUNTS = cellCounts(ORIGIN_WORDS)

/** Different parties contacted within the window. */
export function distinctTargets(window: WindowName): Reader {
  const w = windowIndex(window)
  return row => {
    if (!row.targetsKnown) {
      surveyCells(
        row.cursor.u32,
        (row.cursor.base + at.targets) >>> 2,
        TARGET_WORDS,
        lastMs(row),
        row.nowMs,
        row.targets,
      )
      row.targetsKnown = true
    }
    return distinctOf(row.targets, w, TARGET_COUNTS, row.weights.left[w]!)
  }
}

/** Different parties it was contacted by within the window. */
export function distinctOrigins(window: WindowName): Reader {
  const w = windowIndex(window)
  return row => {
    if (!row.originsKnown) {
      surveyCells(
        row.cursor.u32,
        (row.cursor.base + at.origins) >>> 2,
        ORIGIN_WORDS,
        lastMs(row),
        row.nowMs,
        row.origins,
      )
      row.originsKnown = true
    }
    return distinctOf(row.origins, w, ORIGIN_COUNTS, row.weights.left[w]!)
  }
}

/** Over the remembered peers: those contacted that ever contacted back. */
export const reciprocity: Reader = row => {
  const { u16, base } = row.cursor
  let out = 0
  let back = 0
  for (let i = (base + at.peers) >>> 1, end = i + PEERS; i < end; i++) {
    const peer = u16[i]!
    if ((peer & PEER_OUT) === 0) continue
    out++
    if ((peer & PEER_IN) !== 0) back++
  }
  return out === 0 ? 0 : back / out
}

export const gapCv: Reader = row => {
  const mean = f32At(row, at.gapMean)
  return mean > 0 ? Math.sqrt(Math.max(0, f32At(row, at.gapM2))) / mean : 1
}

export const concurrent: Reader = row => {
  const steps = stepsSince(row, CALL_SPAN_MS)
  if (steps > 1) return 0
  return u16At(row, at.concurrent) + (steps === 0 ? u16At(row, at.concurrentBefore) : 0)
}

export const talkCv: Reader = row => {
  const mean = f32At(row, at.talkMean)
  return mean > 0 ? Math.sqrt(Math.max(0, f32At(row, at.talkM2))) / mean : 0
}

function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const shifted = (mask: number, steps: number, bits: number): number =>
  steps >= bits ? 0 : (mask << steps) & (bits === 32 ? -1 : (1 << bits) - 1)

const hoursAt = (row: PartyRow, offset: number): number => hourBits(row.cursor.u8, row.cursor.base + offset)

export const activeHours: Reader = row => bitsOf(shifted(hoursAt(row, at.hoursMask), stepsSince(row, HOUR_MS), 24))

/** Days with something in the last 30, out of a mask of days. */
export function daysOf(mask: number): Reader {
  return row => bitsOf(shifted(u32At(row, mask), stepsSince(row, DAY_MS), 30))
}

/** Hours of the day with something, out of two generations of hours. */
export function hoursOfDay(now: number, before: number): Reader {
  return row => {
    const steps = stepsSince(row, HOURS_GENERATION_DAYS * DAY_MS)
    if (steps > 1) return 0
    return bitsOf(hoursAt(row, now) | (steps === 0 ? hoursAt(row, before) : 0))
  }
}

/** A share that was kept in 16 bits. */
export function keptShare(offset: number): Reader {
  return row => u16At(row, offset) / SHARE_UNIT
}

export const ageDays: Reader = row => Math.max(0, (row.nowMs / 1000 - u32At(row, at.firstSeconds)) / 86_400)

export const countryEntropy: Reader = row => {
  const cells = halveCountries(u32At(row, at.countries), stepsSince(row, DAY_MS))
  let total = 0
  let weighted = 0
  for (let shift = 0; shift < 32; shift += 4) {
    const n = (cells >>> shift) & 15
    if (n === 0) continue
    total += n
    weighted += n * Math.log2(n)
  }
  return total === 0 ? 0 : Math.log2(total) - weighted / total
}

/** Two aligned day buckets, like a counter. */
export const talkSeconds: Reader = row => {
  const w = windowIndex('24h')
  return (
    u16At(row, at.talkSeconds) * row.weights.current[w]! + u16At(row, at.talkSecondsBefore) * row.weights.previous[w]!
  )
}

export const distinctSources: Reader = row => {
  const steps = stepsSince(row, DAY_MS)
  if (steps > 1) return 0
  const used = bitsOf(u16At(row, at.sources) | (steps === 0 ? u16At(row, at.sourcesBefore) : 0))
  return used === 0 ? 0 : -SOURCE_CELLS * Math.log(Math.max(SOURCE_CELLS - used, 0.5) / SOURCE_CELLS)
}

/** Contacts of the favourite target, faded. */
export const topWeight: Reader = row => Math.floor(u16At(row, at.topWeight) * row.decay) / TOP_UNIT

/** Eight cells of four bits, each halved `times`. */
export function halveCountries(cells: number, times: number): number {
  if (times > 3) return 0
  const keep = [0xf, 0x7, 0x3, 0x1][times]! * 0x11111111
  return ((cells >>> times) & keep) >>> 0
}
