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

/** One counter in all its windows: of each its number, place, stride, and the high byte's place (common counters). */
export interface Counted {
  readonly rare: boolean
  readonly fields: Uint16Array
}

const STEP = 4

/** All counters by name, for modules to take the ones they count by name once: read from here at each count, it is a look-up. */
export const counted = Object.fromEntries(
  (Object.keys(counters) as CounterName[]).map(name => [name, countedOf(name)]),
) as Readonly<Record<CounterName, Counted>>

function countedOf(name: CounterName): Counted {
  const windows = Object.values(counters[name])
  return {
    rare: windows[0]!.rare,
    fields: Uint16Array.from(windows.flatMap(one => [one.window, one.at, one.stride, one.high])),
  }
}

/** Gives the row an extension, zeroed, where it has none. */
export type Extend = (row: PartyRow) => void

/** Adds one to a counter in all its windows; a bucket saturates at 65,535. */
export type Count = (row: PartyRow, counter: Counted) => void

/** The function that counts. */
export function createCount(extend: Extend): Count {
  function countCommon(row: PartyRow, fields: Uint16Array): void {
    const { u8, base } = row.cursor
    for (let i = 0; i < fields.length; i += STEP) {
      const bucket = bucketOf[fields[i]!]!
      if (bucket === 2) continue
      const shift = bucket * fields[i + 2]!
      const at = base + fields[i + 1]! + shift
      if (u8[at]! < 255) u8[at]!++
      else carry(row, at, fields[i + 3]! + shift)
    }
  }

  function carry(row: PartyRow, at: number, high: number): void {
    extend(row)
    const { u8, base } = row.extra
    if (u8[base + high] === 255) return
    u8[base + high]!++
    row.cursor.u8[at] = 0
  }

  function countRare(row: PartyRow, fields: Uint16Array): void {
    extend(row)
    const { u16, base } = row.extra
    for (let i = 0; i < fields.length; i += STEP) {
      const bucket = bucketOf[fields[i]!]!
      if (bucket === 2) continue
      const at = (base >>> 1) + fields[i + 1]! + bucket * fields[i + 2]!
      if (u16[at]! < 65_535) u16[at]!++
    }
  }

  return (row, { rare, fields }) => (rare ? countRare(row, fields) : countCommon(row, fields))
}
