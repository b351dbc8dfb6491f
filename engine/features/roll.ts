import { rollCells, windowLengths } from '../state/index.ts'
import { CALL_SPAN_MS, DAY_MS, HOUR_MS, HOURS_GENERATION_DAYS, ORIGIN_WORDS, TARGET_WORDS } from './derived.ts'
import { at, windowBlocks } from './layout.ts'
import type { PartyRow } from './row.ts'

/** Days after which a profile weight has fallen to 1/e. */
export const PROFILE_DAYS = 30
const DECAYED = [at.outCalls, at.outAll, at.inAll, at.talks, at.rings, at.shortTalks, at.hangups, at.topWeight]
const MINUTE_MS = windowLengths[1]!

/** What remains of the profile after so many days. */
export function decayOf(days: number): number {
  return days <= 0 ? 1 : Math.exp(-days / PROFILE_DAYS)
}

/** Brings the record under the cursor from its own time to `toMs`: buckets move, masks shift, the profile fades. */
export function rollRecord(row: PartyRow, fromMs: number, toMs: number): void {
  const { cursor } = row
  const { u16, base } = cursor
  for (let w = 0; w < windowBlocks.length; w++) {
    const length = windowLengths[w]!
    const steps = Math.floor(toMs / length) - Math.floor(fromMs / length)
    // Buckets nest from 1m on; the 10 s ones nest in the minute too: none moved here, none moves above.
    if (steps === 0) break
    const { offset16, count } = windowBlocks[w]!
    const start = (base >>> 1) + offset16
    if (steps === 1) u16.copyWithin(start + count, start, start + count)
    else u16.fill(0, start + count, start + 2 * count)
    u16.fill(0, start, start + count)
  }
  if (Math.floor(toMs / MINUTE_MS) !== Math.floor(fromMs / MINUTE_MS)) {
    rollCells(cursor.u32, (base + at.targets) >>> 2, TARGET_WORDS, fromMs, toMs)
    rollCells(cursor.u32, (base + at.origins) >>> 2, ORIGIN_WORDS, fromMs, toMs)
  }
  const hours = Math.floor(toMs / HOUR_MS) - Math.floor(fromMs / HOUR_MS)
  if (hours > 0) rollHours(row, hours, fromMs, toMs)
}

function rollHours(row: PartyRow, hours: number, fromMs: number, toMs: number): void {
  const { u32, u16, base } = row.cursor
  const mask = (base + at.hoursMask) >>> 2
  u32[mask] = hours >= 24 ? 0 : (u32[mask]! << hours) & 0xffffff
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
  const mask = (base + at.daysMask) >>> 2
  u32[mask] = days >= 30 ? 0 : (u32[mask]! << days) & 0x3fffffff
  const decay = decayOf(days)
  for (const offset of DECAYED) f32[(base + offset) >>> 2]! *= decay
  for (let i = base + at.countries, end = i + 8; i < end; i++) u8[i] = days > 7 ? 0 : u8[i]! >> days
  const generation = HOURS_GENERATION_DAYS * DAY_MS
  const generations = Math.floor(toMs / generation) - Math.floor(fromMs / generation)
  if (generations > 0) {
    u32[(base + at.hoursOfDayBefore) >>> 2] = generations === 1 ? u32[(base + at.hoursOfDay) >>> 2]! : 0
    u32[(base + at.hoursOfDay) >>> 2] = 0
  }
  u16[(base + at.sourcesBefore) >>> 1] = days === 1 ? u16[(base + at.sources) >>> 1]! : 0
  u16[(base + at.sources) >>> 1] = 0
}
