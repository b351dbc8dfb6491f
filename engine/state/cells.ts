import { windowLengths } from './windows.ts'

/**
 * Distinct counting over every window at once: linear counting (Whang et al., 1990) with cells that hold, in 4 bits, when
 * they were last hit: not a time but the finest window whose current or previous bucket the hit lies in. Windows nest
 * (a minute lies in one ten minutes, those in one hour, …), so the cell's state in each window follows from the clock.
 * 128 cells cost 64 bytes and serve 1 m, 10 m, 1 h, 24 h and 30 d; a pair of 64-bit maps a window would cost 80.
 */

/** The windows of the cells: places in `windowNames` of 1m, 10m, 1h, 24h, 30d. */
const FIRST_WINDOW = 1
const LEVELS = windowLengths.length - FIRST_WINDOW
/** Code of a hit: 0 never or forgotten; else 2 × (levels − level) − (1 if in the previous bucket), so newer is larger. */
const NEWEST = 2 * LEVELS
const CODES = 16

const level = (code: number): number => LEVELS - ((code + 1) >> 1)
const lengthOf = (l: number): number => windowLengths[l + FIRST_WINDOW]!
const codeOf = (l: number, previous: number): number => 2 * (LEVELS - l) - previous

/** Finest code for a hit in the bucket that starts at `startMs` and belongs to level `from`, seen from `nowMs`. */
function classify(startMs: number, from: number, nowMs: number): number {
  for (let l = from; l < LEVELS; l++) {
    const length = lengthOf(l)
    const age = Math.floor(nowMs / length) - Math.floor(startMs / length)
    if (age <= 1) return codeOf(l, Math.max(age, 0))
  }
  return 0
}

function startOf(code: number, frontierMs: number): number {
  const length = lengthOf(level(code))
  return (Math.floor(frontierMs / length) - (code & 1)) * length
}

const remap = new Uint8Array(CODES)

/** Brings `words` words of cells from `frontierMs` to `nowMs`, which is later. */
export function rollCells(u32: Uint32Array, at: number, words: number, frontierMs: number, nowMs: number): void {
  for (let code = 1; code <= NEWEST; code++) remap[code] = classify(startOf(code, frontierMs), level(code), nowMs)
  for (let w = at; w < at + words; w++) {
    const old = u32[w]!
    if (old === 0) continue
    let word = 0
    for (let shift = 0; shift < 32; shift += 4) word |= remap[(old >>> shift) & 15]! << shift
    u32[w] = word
  }
}

/** Hits cell `hash` mod (8 × words) at `timeMs`, the frontier or earlier; `words` a power of two. */
export function hitCell(
  u32: Uint32Array,
  at: number,
  words: number,
  hash: number,
  timeMs: number,
  frontierMs: number,
): void {
  const code = timeMs >= frontierMs ? NEWEST : classify(timeMs, 0, frontierMs)
  const w = at + ((hash >>> 3) & (words - 1))
  const shift = (hash & 7) << 2
  const old = u32[w]!
  if (code > ((old >>> shift) & 15)) u32[w] = (old & ~(15 << shift)) | (code << shift)
}

const histogram = new Uint32Array(CODES)
/** 0 not in the window, 1 in its previous bucket, 2 in its current one; for the minutes below. */
const place = new Uint8Array(LEVELS * CODES)
let placedFrontier = -1
let placedNow = -1

function locate(frontierMs: number, nowMs: number): void {
  const frontier = Math.floor(frontierMs / lengthOf(0))
  const now = Math.floor(nowMs / lengthOf(0))
  if (frontier === placedFrontier && now === placedNow) return
  placedFrontier = frontier
  placedNow = now
  for (let l = 0; l < LEVELS; l++) {
    for (let code = 1; code <= NEWEST; code++) {
      const own = level(code)
      const age = own > l ? 2 : Math.floor(nowMs / lengthOf(l)) - Math.floor(startOf(code, frontierMs) / lengthOf(l))
      place[l * CODES + code] = age <= 0 ? 2 : age === 1 ? 1 : 0
    }
  }
}

/** Places of an output of `surveyCells`. */
export const SURVEY = 2 * LEVELS

/**
 * Counts the cells that were hit, for every window at once: `out[2 l]` in its current bucket, `out[2 l + 1]` in either,
 * l = 0 for 1m. One pass serves all the features that are read of a party.
 */
export function surveyCells(
  u32: Uint32Array,
  at: number,
  words: number,
  frontierMs: number,
  nowMs: number,
  out: Uint16Array,
): void {
  locate(frontierMs, nowMs)
  histogram.fill(0)
  for (let w = at; w < at + words; w++) {
    const word = u32[w]!
    if (word === 0) continue
    for (let shift = 0; shift < 32; shift += 4) histogram[(word >>> shift) & 15]!++
  }
  for (let l = 0; l < LEVELS; l++) {
    let current = 0
    let both = 0
    for (let code = 1; code <= NEWEST; code++) {
      const where = place[l * CODES + code]!
      if (where > 0) both += histogram[code]!
      if (where === 2) current += histogram[code]!
    }
    out[2 * l] = current
    out[2 * l + 1] = both
  }
}

/** How many different things, by linear counting, filled 0 … `cells` of `cells`; a full map counts as half a cell free. */
export function linearCounts(cells: number): Float64Array {
  return Float64Array.from({ length: cells + 1 }, (_, used) =>
    used === 0 ? 0 : -cells * Math.log(Math.max(cells - used, 0.5) / cells),
  )
}

/**
 * Estimate for window `window` (place in `windowNames`, from 1m up) out of a survey: those of the current bucket are sure,
 * of those that only the previous bucket has, the share `left` that the window still covers.
 */
export function distinctOf(survey: Uint16Array, window: number, counts: Float64Array, left: number): number {
  const sure = counts[survey[2 * (window - FIRST_WINDOW)]!]!
  return sure + (counts[survey[2 * (window - FIRST_WINDOW) + 1]!]! - sure) * left
}
