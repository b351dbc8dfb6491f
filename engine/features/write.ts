import { windowLengths } from '../state/index.ts'
import { type CounterName, counters } from './layout.ts'
import type { PartyRow } from './row.ts'

/** Where the activity under way falls in each window of the record: 0 current bucket, 1 previous, 2 gone. */
export const bucketOf = new Uint8Array(windowLengths.length)
let late = false

/** Sets `bucketOf` for an activity at `timeMs` in a record rolled to `frontierMs`. */
export function placeActivity(timeMs: number, frontierMs: number): void {
  if (timeMs >= frontierMs) {
    if (late) bucketOf.fill(0)
    late = false
    return
  }
  late = true
  for (let w = 0; w < bucketOf.length; w++) {
    const length = windowLengths[w]!
    const age = Math.floor(frontierMs / length) - Math.floor(timeMs / length)
    bucketOf[w] = age > 1 ? 2 : age
  }
}

/** One counter, all its windows: window, place, stride, and the high byte's place (common counters). */
const STEP = 4
const fields = Object.fromEntries(
  (Object.keys(counters) as CounterName[]).map(name => [
    name,
    Uint16Array.from(Object.values(counters[name]).flatMap(one => [one.window, one.at, one.stride, one.high])),
  ]),
) as Record<CounterName, Uint16Array>

/** Gives the row an extension, zeroed, where it has none. */
export type Extend = (row: PartyRow) => void

/** Adds one to a counter in all its windows. */
export type Counting = Readonly<Record<CounterName, (row: PartyRow) => void>>

/** The functions that count; a bucket saturates at 65,535. */
export function createCounting(extend: Extend): Counting {
  function countCommon(row: PartyRow, list: Uint16Array): void {
    const { u8, base } = row.cursor
    for (let i = 0; i < list.length; i += STEP) {
      const bucket = bucketOf[list[i]!]!
      if (bucket === 2) continue
      const shift = bucket * list[i + 2]!
      const at = base + list[i + 1]! + shift
      if (u8[at]! < 255) u8[at]!++
      else carry(row, at, list[i + 3]! + shift)
    }
  }

  function carry(row: PartyRow, at: number, high: number): void {
    extend(row)
    const { u8, base } = row.extra
    if (u8[base + high] === 255) return
    u8[base + high]!++
    row.cursor.u8[at] = 0
  }

  function countRare(row: PartyRow, list: Uint16Array): void {
    extend(row)
    const { u16, base } = row.extra
    for (let i = 0; i < list.length; i += STEP) {
      const bucket = bucketOf[list[i]!]!
      if (bucket === 2) continue
      const at = (base >>> 1) + list[i + 1]! + bucket * list[i + 2]!
      if (u16[at]! < 65_535) u16[at]!++
    }
  }

  const one = (name: CounterName): ((row: PartyRow) => void) => {
    const list = fields[name]
    const rare = Object.values(counters[name])[0]!.rare
    return rare ? row => countRare(row, list) : row => countCommon(row, list)
  }
  return Object.fromEntries((Object.keys(counters) as CounterName[]).map(name => [name, one(name)])) as Counting
}
