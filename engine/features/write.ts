import { windowLengths } from '../state/index.ts'
import { type CounterName, counters } from './layout.ts'
import type { PartyRow } from './row.ts'

/** Where the activity under way falls in each window of the record: 0 current bucket, 1 previous, 2 gone. */
export const bucketOf = new Uint8Array(windowLengths.length)

/** Sets `bucketOf` for an activity at `timeMs` in a record rolled to `frontierMs`. */
export function placeActivity(timeMs: number, frontierMs: number): void {
  for (let w = 0; w < bucketOf.length; w++) {
    const length = windowLengths[w]!
    const age = timeMs >= frontierMs ? 0 : Math.floor(frontierMs / length) - Math.floor(timeMs / length)
    bucketOf[w] = age > 1 ? 2 : age
  }
}

const fields = Object.fromEntries(
  (Object.keys(counters) as CounterName[]).map(name => [
    name,
    Uint16Array.from(Object.values(counters[name]).flatMap(one => [one.window, one.offset16, one.stride16])),
  ]),
) as Record<CounterName, Uint16Array>

/** Adds `n` to a counter in all its windows, saturating. */
export function add(row: PartyRow, name: CounterName, n: number): void {
  const { u16, base } = row.cursor
  const list = fields[name]
  for (let i = 0; i < list.length; i += 3) {
    const bucket = bucketOf[list[i]!]!
    if (bucket === 2) continue
    const at = (base >>> 1) + list[i + 1]! + bucket * list[i + 2]!
    u16[at] = Math.min(65_535, u16[at]! + n)
  }
}
