import type { ActivityOf } from '../activity/index.ts'
import { CALL_SPAN_MS, DAY_MS, HOUR_MS, SHARE_UNIT } from './derived.ts'
import { at } from './layout.ts'
import { bumpProfile, type Moment } from './moment.ts'
import type { PartyRow } from './row.ts'
import { counted } from './write.ts'

/** What the stages of a call leave in the record of the party that makes it. */

const {
  failed,
  failed4xx,
  failed5xx,
  failed6xx,
  invalidTargets,
  missedCalls,
  rejections607,
  sameBlock,
  sequential,
  shortCalls,
  talks,
} = counted

/** Answered calls below this are short. */
const SHORT_CALL_S = 10
/** A call its origin gave up after ringing no longer than this leaves a missed call and no time to answer: wangiri. */
const SHORT_RING_S = 10
/** Two numbers at most this far apart are dialled in sequence. */
const SEQUENCE_STEP = 10

/** A number was dialled: whether near the two before it or in their block of a thousand. */
export function dial(row: PartyRow, party: string, moment: Moment): void {
  if (party.charCodeAt(0) !== 0x2b || party.length > 17) return
  let number = 0
  for (let i = 1; i < party.length; i++) number = number * 10 + (party.charCodeAt(i) - 48)
  const { u32, base } = row.cursor
  const last = (base + at.lastNumber) >>> 2
  const before = (base + at.numberBefore) >>> 2
  // Numbers are kept modulo 2^32: a small difference is exact, and with it the whole earlier number.
  const a = (number - u32[last]!) | 0
  const b = (number - u32[before]!) | 0
  if (near(a) || near(b)) moment.count(row, sequential)
  if (inBlock(number, a) || inBlock(number, b)) moment.count(row, sameBlock)
  if (a !== 0) {
    u32[before] = u32[last]!
    u32[last] = number
  }
}

const near = (difference: number): boolean =>
  difference !== 0 && difference <= SEQUENCE_STEP && difference >= -SEQUENCE_STEP
const inBlock = (number: number, difference: number): boolean =>
  difference !== 0 &&
  Math.abs(difference) < 1000 &&
  Math.floor(number / 1000) === Math.floor((number - difference) / 1000)

/** One more call under way. */
export function beginCall(row: PartyRow, moment: Moment): void {
  span(row, moment, moment.timeMs, 1)
}

/** One less of those begun so many seconds ago. */
export function endCall(row: PartyRow, moment: Moment, lastedS: number): void {
  span(row, moment, moment.timeMs - lastedS * 1000, -1)
}

/** Adds to the calls begun in the two-hour span of `beganMs`; a span that is gone has been written off already. */
function span(row: PartyRow, moment: Moment, beganMs: number, n: 1 | -1): void {
  const age = Math.floor(moment.frontierMs / CALL_SPAN_MS) - Math.floor(beganMs / CALL_SPAN_MS)
  if (age > 1) return
  const { u16, base } = row.cursor
  let i = (base + (age === 1 ? at.concurrentBefore : at.concurrent)) >>> 1
  // Rounding of duration and ringing can place the start across the edge of a span: take the other one then.
  if (n < 0 && u16[i] === 0) i = (base + (age === 1 ? at.concurrent : at.concurrentBefore)) >>> 1
  if (n > 0 ? u16[i]! < 65_535 : u16[i]! > 0) u16[i]! += n
}

/** An answered call: how long it was, how long it rang, who hung up. */
export function talk(row: PartyRow, activity: ActivityOf<'call.ended'>, moment: Moment): void {
  const { f32, base } = row.cursor
  const seconds = activity.duration
  moment.count(row, talks)
  talked(row, Math.round(seconds), moment)
  bumpProfile(row, at.talks, moment)
  if (seconds < SHORT_CALL_S) moment.count(row, shortCalls)
  const mean = (base + at.talkMean) >>> 2
  const m2 = (base + at.talkM2) >>> 2
  const weight = 1 / Math.max(1, f32[(base + at.talks) >>> 2]!)
  const difference = seconds - f32[mean]!
  f32[mean]! += weight * difference
  f32[m2] = (1 - weight) * (f32[m2]! + weight * difference * difference)
  towards(row, at.shortTalkShare, seconds < SHORT_CALL_S, weight)
  towards(row, at.hangupShare, activity.endedBy === 'origin', weight)
  if (activity.ringing === undefined) return
  const ring = (base + at.ringMean) >>> 2
  f32[ring]! += weight * (activity.ringing - f32[ring]!)
}

/** Moves a share kept in 16 bits by one call more that has the property or not. */
function towards(row: PartyRow, offset: number, has: boolean, weight: number): void {
  const i = (row.cursor.base + offset) >>> 1
  const kept = row.cursor.u16[i]!
  row.cursor.u16[i] = Math.round(kept + weight * ((has ? SHARE_UNIT : 0) - kept))
}

function talked(row: PartyRow, seconds: number, moment: Moment): void {
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  if (days > 1) return
  const { u16, base } = row.cursor
  const i = (base + (days === 1 ? at.talkSecondsBefore : at.talkSeconds)) >>> 1
  u16[i] = Math.min(65_535, u16[i]! + seconds)
}

/** A call that was not answered, by the class of its failure. */
export function fail(row: PartyRow, activity: ActivityOf<'call.failed'>, moment: Moment): void {
  const { status } = activity
  moment.count(row, failed)
  if (status >= 400 && status < 500) moment.count(row, failed4xx)
  else if (status >= 500 && status < 600) moment.count(row, failed5xx)
  else if (status >= 600 && status < 700) moment.count(row, failed6xx)
  if (status === 404 || status === 410 || status === 484 || status === 485 || status === 604)
    moment.count(row, invalidTargets)
  if (status === 607) moment.count(row, rejections607)
  if (activity.endedBy === 'origin' && gaveUpEarly(activity)) moment.count(row, missedCalls)
}

/** After a short ring; call records do not tell ringing, there a cancelled call is taken for one. */
function gaveUpEarly({ ringing, cause }: ActivityOf<'call.failed'>): boolean {
  return ringing === undefined ? cause === 'cancelled' : ringing <= SHORT_RING_S
}

/** Hours of the day and days with calls, apart from those with messages alone. */
export function activeInCalls(row: PartyRow, moment: Moment): void {
  const { u8, u32, base } = row.cursor
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  if (days < 30) u32[(base + at.callDaysMask) >>> 2]! |= 1 << days
  const hour = Math.floor(moment.timeMs / HOUR_MS) % 24
  u8[base + at.callHours + (hour >>> 3)]! |= 1 << (hour & 7)
}
