import { planRoll, rollCells, windowIndex, windowLengths } from '../state/index.ts'
import { callsToday, hourBits, setHourBits, squaresCode, squaresOf } from './calls.ts'
import {
  CALL_SPAN_MS,
  DAY_MS,
  HOUR_MS,
  HOURS_GENERATION_DAYS,
  halveCountries,
  ORIGIN_WORDS,
  TARGET_WORDS,
} from './derived.ts'
import { at, windowBlocks } from './layout.ts'
import type { PartyRow } from './row.ts'

/** Days after which a profile weight has fallen to 1/e. */
const PROFILE_DAYS = 30
const DECAYED = [at.outCalls, at.outAll, at.inAll, at.inCalls, at.talks]
const DAY_MASKS = [at.daysMask, at.callDaysMask]
const MINUTE_MS = windowLengths[1]!
const DAY_WINDOW = windowIndex('24h')

/** What remains of the profile after so many days. */
export function decayOf(days: number): number {
  return days <= 0 ? 1 : Math.exp(-days / PROFILE_DAYS)
}

/** Brings the record under the cursor from its own time to `toMs`: buckets move, masks shift, the profile fades. */
export function rollRecord(row: PartyRow, fromMs: number, toMs: number): void {
  const { u32, base } = row.cursor
  for (let w = 0; w < windowBlocks.length; w++) {
    const length = windowLengths[w]!
    const steps = Math.floor(toMs / length) - Math.floor(fromMs / length)
    // Windows nest: where no bucket of this one moved, none moves in a longer one.
    if (steps === 0) break
    if (w === DAY_WINDOW) closeCallDay(row)
    const { low, high, common, rare16, rare } = windowBlocks[w]!
    shiftBytes(row.cursor.u8, base + low, common, steps)
    if (!row.hasExtra) continue
    shiftBytes(row.extra.u8, row.extra.base + high, common, steps)
    shiftHalves(row.extra.u16, (row.extra.base >>> 1) + rare16, rare, steps)
  }
  if (Math.floor(toMs / MINUTE_MS) !== Math.floor(fromMs / MINUTE_MS)) {
    planRoll(fromMs, toMs)
    rollCells(u32, (base + at.targets) >>> 2, TARGET_WORDS)
    rollCells(u32, (base + at.origins) >>> 2, ORIGIN_WORDS)
  }
  const hours = Math.floor(toMs / HOUR_MS) - Math.floor(fromMs / HOUR_MS)
  if (hours > 0) rollHours(row, hours, fromMs, toMs)
}

/**
 * Current becomes previous and starts at zero; further on both do. Loops: a call to copyWithin costs more than the copy.
 * Two functions of one text: a loop over either kind of array asks at every element which it is.
 */
function shiftBytes(values: Uint8Array, start: number, count: number, steps: number): void {
  for (let i = start, end = start + count; i < end; i++) {
    values[i + count] = steps === 1 ? values[i]! : 0
    values[i] = 0
  }
}

function shiftHalves(values: Uint16Array, start: number, count: number, steps: number): void {
  for (let i = start, end = start + count; i < end; i++) {
    values[i + count] = steps === 1 ? values[i]! : 0
    values[i] = 0
  }
}

/** Adds the day that ends to the squares of its days' calls, while its counts are still those of the current bucket. */
function closeCallDay(row: PartyRow): void {
  const calls = callsToday(row)
  if (calls === 0) return
  const { u16, base } = row.cursor
  const squares = (base + at.callDaySquares) >>> 1
  u16[squares] = squaresCode(squaresOf(u16[squares]!) + calls * calls)
}

/** Current hours of the day become those before; further on both are empty. */
function turnHours(u8: Uint8Array, now: number, before: number, generations: number): void {
  setHourBits(u8, before, generations === 1 ? hourBits(u8, now) : 0)
  setHourBits(u8, now, 0)
}

function rollHours(row: PartyRow, hours: number, fromMs: number, toMs: number): void {
  const { u8, u16, base } = row.cursor
  const mask = base + at.hoursMask
  setHourBits(u8, mask, hours >= 24 ? 0 : hourBits(u8, mask) << hours)
  const spans = Math.floor(toMs / CALL_SPAN_MS) - Math.floor(fromMs / CALL_SPAN_MS)
  if (spans > 0) {
    const now = (base + at.concurrent) >>> 1
    const before = (base + at.concurrentBefore) >>> 1
    u16[before] = spans === 1 ? u16[now]! : 0
    u16[now] = 0
  }
  const days = Math.floor(toMs / DAY_MS) - Math.floor(fromMs / DAY_MS)
  if (days > 0) rollDays(row, days, fromMs, toMs)
}

function rollDays(row: PartyRow, days: number, fromMs: number, toMs: number): void {
  const { u8, u16, u32, f32, base } = row.cursor
  for (const offset of DAY_MASKS) {
    const mask = (base + offset) >>> 2
    u32[mask] = days >= 30 ? 0 : (u32[mask]! << days) & 0x3fffffff
  }
  const decay = decayOf(days)
  for (const offset of DECAYED) f32[(base + offset) >>> 2]! *= decay
  const top = (base + at.topWeight) >>> 1
  u16[top] = Math.floor(u16[top]! * decay)
  const squares = (base + at.callDaySquares) >>> 1
  if (u16[squares] !== 0) u16[squares] = squaresCode(squaresOf(u16[squares]!) * decay * decay)
  u32[(base + at.countries) >>> 2] = halveCountries(u32[(base + at.countries) >>> 2]!, days)
  const generation = HOURS_GENERATION_DAYS * DAY_MS
  const generations = Math.floor(toMs / generation) - Math.floor(fromMs / generation)
  if (generations > 0) {
    turnHours(u8, base + at.hoursOfDay, base + at.hoursOfDayBefore, generations)
    turnHours(u8, base + at.callHours, base + at.callHoursBefore, generations)
  }
  u16[(base + at.talkSecondsBefore) >>> 1] = days === 1 ? u16[(base + at.talkSeconds) >>> 1]! : 0
  u16[(base + at.talkSeconds) >>> 1] = 0
  u16[(base + at.sourcesBefore) >>> 1] = days === 1 ? u16[(base + at.sources) >>> 1]! : 0
  u16[(base + at.sources) >>> 1] = 0
}
