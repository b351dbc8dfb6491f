import { DAY_MS } from './derived.ts'
import { decayOf } from './roll.ts'
import type { PartyRow } from './row.ts'
import type { Count } from './write.ts'

/** What the update needs to know beside the record and the activity. */
export interface Moment {
  readonly count: Count
  /** Event time of the activity, clamped. */
  timeMs: number
  /** The record's own latest time: `timeMs`, or later when the activity is late. */
  frontierMs: number
  /** Hash words of the other party. */
  peer: Uint32Array
  /** Hash of agent and of source address. */
  agentHash: number
  sourceHash: number
  hasLink: boolean
  hasOtp: boolean
  repeated: boolean
}

/** Adds one to a weight of the slow profile: of a late activity what would be left of it. */
export function bumpProfile(row: PartyRow, offset: number, moment: Moment): void {
  if (moment.timeMs === moment.frontierMs) {
    row.cursor.f32[(row.cursor.base + offset) >>> 2]! += 1
    return
  }
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  row.cursor.f32[(row.cursor.base + offset) >>> 2]! += decayOf(days)
}
