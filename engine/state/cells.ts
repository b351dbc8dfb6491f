import { windowLengths } from './windows.ts'

/**
 * Distinct counting over every window at once: linear counting (Whang et al., 1990) with cells that hold, in 4 bits, when
 * they were last hit: not a time but the finest window whose current or previous bucket the hit lies in. Windows nest
 * (a minute lies in one ten minutes, those in one hour, …), so the cell's state in each window follows from the clock.
 * 128 cells cost 64 bytes and serve 1 m, 10 m, 1 h, 24 h and 30 d; a pair of 64-bit maps a window would cost 80.
 *
 * The cells form a multiresolution bitmap (Estan, Varghese & Fisk, 2003): half of them take 3/4 of what there is to count,
 * a quarter 3/16, an eighth 3/64, an eighth 1/64. Few things are counted nearly as well as by one even map, and it goes on
 * to 3,500 (64 cells: 1,700) where an even map of 128 is full at 600.
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
/** Buckets of a level's next one: windows nest, so a bucket's number over there follows from its number here. */
const RATIOS = Float64Array.from({ length: LEVELS }, (_, l) => (l + 1 < LEVELS ? lengthOf(l + 1) / lengthOf(l) : 1))
/** Numbers of the buckets that the frontier and now lie in, level by level. */
const frontierBuckets = new Float64Array(LEVELS)
const nowBuckets = new Float64Array(LEVELS)

/**
 * Prepares `rollCells` for records that go from `frontierMs` to `nowMs`, which is later. What `classify` says of every code,
 * by the numbers of buckets alone: it is planned for nearly every activity, and divisions of times cost half a roll.
 */
export function planRoll(frontierMs: number, nowMs: number): void {
  for (let l = 0; l < LEVELS; l++) {
    const length = lengthOf(l)
    frontierBuckets[l] = Math.floor(frontierMs / length)
    nowBuckets[l] = Math.floor(nowMs / length)
  }
  for (let own = 0; own < LEVELS; own++) {
    for (let previous = 0; previous <= 1; previous++) remap[codeOf(own, previous)] = planCode(own, previous)
  }
}

/** Finest code for a hit in the frontier's bucket of level `own`, or in the one before. */
function planCode(own: number, previous: number): number {
  let bucket = frontierBuckets[own]! - previous
  for (let l = own; l < LEVELS; l++) {
    const age = nowBuckets[l]! - bucket
    if (age <= 1) return codeOf(l, age)
    bucket = Math.floor(bucket / RATIOS[l]!)
  }
  return 0
}

/** Moves `words` words of cells on as planned. */
export function rollCells(u32: Uint32Array, at: number, words: number): void {
  for (let w = at; w < at + words; w++) {
    const old = u32[w]!
    if (old === 0) continue
    let word = 0
    for (let shift = 0; shift < 32; shift += 4) word |= remap[(old >>> shift) & 15]! << shift
    u32[w] = word
  }
}

/** Word of the cell that a hash hits: six bits choose the part of the map, others the word in it. */
function wordOf(hash: number, words: number): number {
  const share = hash & 63
  const within = hash >>> 9
  if (share < 48) return within & ((words >> 1) - 1)
  if (share < 60) return (words >> 1) + (within & ((words >> 2) - 1))
  if (share < 63) return words - (words >> 2) + (within & ((words >> 3) - 1))
  return words - (words >> 3) + (within & ((words >> 3) - 1))
}

/** Hits the cell of `hash` at `timeMs`, the frontier or earlier; `words` a power of two, at least 8. */
export function hitCell(
  u32: Uint32Array,
  at: number,
  words: number,
  hash: number,
  timeMs: number,
  frontierMs: number,
): void {
  const code = timeMs >= frontierMs ? NEWEST : classify(timeMs, 0, frontierMs)
  const w = at + wordOf(hash, words)
  const shift = ((hash >>> 6) & 7) << 2
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

/** Parts of a map: their share of the cells and of what is counted. */
const PARTS = 4
const PART_SHARE = [3 / 4, 3 / 16, 3 / 64, 1 / 64] as const
/** With fewer cells of the first part hit than this, the parts' own counts add up to the most likely number. */
const CROWDED = 0.6
/** Steps to the most likely number; the fourth moves it by less than a thousandth. */
const STEPS = 4

/** Places of an output of `surveyCells`. */
export const SURVEY = 2 * PARTS * LEVELS

/**
 * Counts the cells that were hit, for every window and part at once: `out[8 l + p]` in the current bucket of window l
 * (0 for 1m), `out[8 l + 4 + p]` in either bucket. One pass serves all the features that are read of a party.
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
  let from = at
  for (let part = 0; part < PARTS; part++) {
    const to = from + (part === PARTS - 1 ? words >> 3 : words >> (part + 1))
    surveyPart(u32, from, to, part, out)
    from = to
  }
}

function surveyPart(u32: Uint32Array, from: number, to: number, part: number, out: Uint16Array): void {
  let any = 0
  for (let w = from; w < to; w++) any |= u32[w]!
  if (any !== 0) {
    histogram.fill(0)
    for (let w = from; w < to; w++) {
      const word = u32[w]!
      if (word === 0) continue
      for (let shift = 0; shift < 32; shift += 4) histogram[(word >>> shift) & 15]!++
    }
  }
  for (let l = 0; l < LEVELS; l++) {
    let current = 0
    let both = 0
    for (let code = any === 0 ? NEWEST + 1 : 1; code <= NEWEST; code++) {
      const where = place[l * CODES + code]!
      if (where > 0) both += histogram[code]!
      if (where === 2) current += histogram[code]!
    }
    out[2 * PARTS * l + part] = current
    out[2 * PARTS * l + PARTS + part] = both
  }
}

/** Turns how many of a part's cells were hit into how many things hit them. */
export interface CellCounts {
  readonly parts: readonly Float64Array[]
}

/** For maps of `words` words: linear counting by part; a full part counts as half a cell free. */
export function cellCounts(words: number): CellCounts {
  const parts = [words >> 1, words >> 2, words >> 3, words >> 3].map(size => {
    const cells = size * 8
    return Float64Array.from({ length: cells + 1 }, (_, used) =>
      used === 0 ? 0 : -cells * Math.log(Math.max(cells - used, 0.5) / cells),
    )
  })
  return { parts }
}

/**
 * Estimate for window `window` (place in `windowNames`, from 1m up) out of a survey: those of the current bucket are sure,
 * of those that only the previous bucket has, the share `left` that the window still covers.
 */
export function distinctOf(survey: Uint16Array, window: number, counts: CellCounts, left: number): number {
  const at = 2 * PARTS * (window - FIRST_WINDOW)
  const sure = estimate(survey, at, counts)
  return sure + Math.max(0, estimate(survey, at + PARTS, counts) - sure) * left
}

function estimate(survey: Uint16Array, at: number, counts: CellCounts): number {
  let things = 0
  for (let part = 0; part < PARTS; part++) things += counts.parts[part]![survey[at + part]!]!
  const cells = counts.parts[0]!.length - 1
  return survey[at]! > CROWDED * cells ? mostLikely(survey, at, counts, things) : things
}

/**
 * Maximum likelihood over the parts by Fisher scoring: a crowded part counts for what it still tells. With e = exp(-n λ),
 * λ a part's share a cell, the score is Σ λ (cells e - free) / (1 - e) and the information Σ cells λ² e / (1 - e).
 */
function mostLikely(survey: Uint16Array, at: number, counts: CellCounts, start: number): number {
  const last = PARTS - 1
  const most = counts.parts[last]![counts.parts[last]!.length - 1]! / PART_SHARE[last]!
  let n = start
  for (let step = 0; step < STEPS; step++) {
    let score = 0
    let information = 0
    for (let part = 0; part < PARTS; part++) {
      const cells = counts.parts[part]!.length - 1
      const rate = PART_SHARE[part]! / cells
      const empty = Math.exp(-n * rate)
      score += (rate * (cells * empty - (cells - survey[at + part]!))) / (1 - empty)
      information += (cells * rate * rate * empty) / (1 - empty)
    }
    n = Math.min(most, Math.max(n / 2, Math.min(n * 2, n + score / information)))
  }
  return n
}
