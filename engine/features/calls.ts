import { at, type CounterField, counters } from './layout.ts'
import type { PartyRow, Reader } from './row.ts'

/** What is kept of calls apart from messages: the hours and days they fall on, and how evenly they fill the days. */

/** Three bytes, a bit an hour. */
export function hourBits(u8: Uint8Array, i: number): number {
  return u8[i]! | (u8[i + 1]! << 8) | (u8[i + 2]! << 16)
}

/** Writes the low 24 bits of `bits`. */
export function setHourBits(u8: Uint8Array, i: number, bits: number): void {
  u8[i] = bits
  u8[i + 1] = bits >>> 8
  u8[i + 2] = bits >>> 16
}

/**
 * Sums of squares in 16 bits: 2,048 steps a doubling, so 0.02 % off at most. It is added to once a day; a sum that took
 * single calls would stand still on such steps.
 */
const STEPS_A_DOUBLING = 2048

export function squaresCode(sum: number): number {
  return Math.min(65_535, Math.round(Math.log2(1 + sum) * STEPS_A_DOUBLING))
}

export function squaresOf(code: number): number {
  return 2 ** (code / STEPS_A_DOUBLING) - 1
}

const MADE = counters.calls['24h']!
const GOT = counters.callsIn['24h']!

/** Calls made and got on the day (UTC) of the record's own time. */
export function callsToday(row: PartyRow): number {
  return bucket(row, MADE) + bucket(row, GOT)
}

function bucket(row: PartyRow, { at: low, high }: CounterField): number {
  const count = row.cursor.u8[row.cursor.base + low]!
  return row.hasExtra ? count + (row.extra.u8[row.extra.base + high]! << 8) : count
}

/**
 * How many days its calls fill, evenly or not: (sum over days)² / sum of their squares, the inverse of Simpson's index.
 * Fading takes the same share of both, so the time since the record's own does not matter.
 */
export const callDaySpread: Reader = row => {
  const { u16, f32, base } = row.cursor
  const calls = f32[(base + at.outCalls) >>> 2]! + f32[(base + at.inCalls) >>> 2]!
  const squares = squaresOf(u16[(base + at.callDaySquares) >>> 1]!) + callsToday(row) ** 2
  return squares > 0 ? (calls * calls) / squares : 0
}
