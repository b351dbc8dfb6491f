import type { Activity, ActivityOf } from '../activity/index.ts'
import { hitCell } from '../state/index.ts'
import {
  CALL_SPAN_MS,
  DAY_MS,
  HOUR_MS,
  halveCountries,
  ORIGIN_WORDS,
  PEER_IN,
  PEER_OUT,
  SHARE_UNIT,
  SOURCE_CELLS,
  TARGET_WORDS,
  TOP_UNIT,
} from './derived.ts'
import type { ActivityFacts } from './facts.ts'
import { at } from './layout.ts'
import { meetPeer } from './peers.ts'
import { decayOf } from './roll.ts'
import type { PartyRow } from './row.ts'
import { type Count, counted } from './write.ts'

const {
  agentChanges,
  answered,
  callbacksIn,
  calls,
  callsIn,
  complaints,
  decoyHits,
  failed,
  failed4xx,
  failed5xx,
  failed6xx,
  international,
  invalidTargets,
  links,
  messages,
  messagesIn,
  missedCalls,
  missedIn,
  neighbours,
  newOrigins,
  newTargets,
  otpIn,
  premium,
  probes,
  registrationFailures,
  rejections607,
  repeatedTexts,
  repliesIn,
  sameBlock,
  sequential,
  shortCalls,
  talks,
  unassigned,
} = counted

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

/** Answered calls below this are short. */
export const SHORT_CALL_S = 10
/** A call its origin gave up after ringing no longer than this leaves a missed call and no time to answer: wangiri. */
export const SHORT_RING_S = 10
/** Two numbers at most this far apart are dialled in sequence. */
export const SEQUENCE_STEP = 10
/** Leading digits shared by neighbours: all but the last four of a ten-digit national number (NPA-NXX). */
export const NEIGHBOUR_DIGITS = 6
const GAP_WEIGHT = 1 / 8

export function actedBy(row: PartyRow, activity: Activity, facts: ActivityFacts, moment: Moment): void {
  switch (activity.kind) {
    case 'call.attempt':
      moment.count(row, calls)
      bumpProfile(row, at.outCalls, moment)
      activeInCalls(row, moment)
      reach(row, activity, facts, moment)
      if (activity.to !== undefined) dial(row, activity.to.party, moment)
      if (facts.neighbourDigits >= NEIGHBOUR_DIGITS) moment.count(row, neighbours)
      beginCall(row, moment)
      return
    case 'call.answered':
      moment.count(row, answered)
      return
    case 'call.ended':
      endCall(row, moment, activity.duration + (activity.ringing ?? 0))
      talk(row, activity, moment)
      return
    case 'call.failed':
      endCall(row, moment, activity.ringing ?? 0)
      fail(row, activity, moment)
      return
    case 'message':
      moment.count(row, messages)
      reach(row, activity, facts, moment)
      if (moment.hasLink) moment.count(row, links)
      if (moment.repeated) moment.count(row, repeatedTexts)
      return
    case 'registration':
      source(row, moment)
      if (activity.outcome === 'failed') moment.count(row, registrationFailures)
      return
    case 'probe':
      source(row, moment)
      moment.count(row, probes)
      if (activity.decoy !== undefined) moment.count(row, decoyHits)
      return
    case 'feedback':
      // 608 is another engine's judgement, perhaps our own: counting it would feed back.
      // Nor what is not trusted (engine/feedback).
      if (activity.opinion === 'spam' && activity.source !== '608' && activity.trust !== 0)
        moment.count(row, complaints)
      return
  }
}

export function actedUpon(row: PartyRow, activity: Activity, moment: Moment): void {
  switch (activity.kind) {
    case 'call.attempt': {
      moment.count(row, callsIn)
      bumpProfile(row, at.inAll, moment)
      bumpProfile(row, at.inCalls, moment)
      activeInCalls(row, moment)
      origin(row, moment)
      const known = meetPeer(row, moment.peer[1]!, PEER_IN)
      if ((known & PEER_OUT) !== 0) {
        moment.count(row, callbacksIn)
        moment.count(row, repliesIn)
      } else if (known === 0) moment.count(row, newOrigins)
      active(row, moment)
      return
    }
    case 'message':
      moment.count(row, messagesIn)
      bumpProfile(row, at.inAll, moment)
      origin(row, moment)
      if ((meetPeer(row, moment.peer[1]!, PEER_IN) & PEER_OUT) !== 0) moment.count(row, repliesIn)
      if (moment.hasOtp) moment.count(row, otpIn)
      active(row, moment)
      return
    case 'call.failed':
      if (activity.ringing !== undefined && activity.endedBy !== 'target') moment.count(row, missedIn)
      return
    default:
      return
  }
}

/** A call or message to somebody: what both have in common. */
function reach(row: PartyRow, activity: Activity, facts: ActivityFacts, moment: Moment): void {
  bumpProfile(row, at.outAll, moment)
  source(row, moment)
  active(row, moment)
  gap(row, moment)
  if (activity.to === undefined) return
  const { u32, base } = row.cursor
  hitCell(u32, (base + at.targets) >>> 2, TARGET_WORDS, moment.peer[0]!, moment.timeMs, moment.frontierMs)
  if ((meetPeer(row, moment.peer[1]!, PEER_OUT) & PEER_OUT) === 0) moment.count(row, newTargets)
  favour(row, moment)
  const { from, to } = facts
  if (to === undefined) return
  if (!to.valid) moment.count(row, unassigned)
  if (to.type === 'premium') moment.count(row, premium)
  if (from !== undefined && from.country !== '' && to.country !== '' && to.country !== from.country)
    moment.count(row, international)
  if (to.country !== '') country(row, to.country)
}

function bumpProfile(row: PartyRow, offset: number, moment: Moment): void {
  if (moment.timeMs === moment.frontierMs) {
    row.cursor.f32[(row.cursor.base + offset) >>> 2]! += 1
    return
  }
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  row.cursor.f32[(row.cursor.base + offset) >>> 2]! += decayOf(days)
}

/**
 * Majority vote (Misra & Gries, 1982, one counter): undercounts the favourite by at most half of all.
 * The weight is in 32nds, so that a day's fading is not lost in rounding.
 */
function favour(row: PartyRow, moment: Moment): void {
  const { u16, base } = row.cursor
  const tag = moment.peer[2]! & 0xffff
  const weight = (base + at.topWeight) >>> 1
  if (u16[(base + at.topTag) >>> 1] === tag) u16[weight] = Math.min(65_535, u16[weight]! + TOP_UNIT)
  else if (u16[weight]! >= TOP_UNIT) u16[weight]! -= TOP_UNIT
  else {
    u16[(base + at.topTag) >>> 1] = tag
    u16[weight] = TOP_UNIT
  }
}

function dial(row: PartyRow, party: string, moment: Moment): void {
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

function gap(row: PartyRow, moment: Moment): void {
  const { u32, f32, base } = row.cursor
  const last = (base + at.lastActMs) >>> 2
  const mean = (base + at.gapMean) >>> 2
  const m2 = (base + at.gapM2) >>> 2
  const previous = u32[last]!
  const now = moment.timeMs >>> 0
  if (moment.timeMs < moment.frontierMs && ((now - previous) | 0) < 0) return
  u32[last] = now
  if (previous === 0) return
  const gapMs = (now - previous) >>> 0
  if (f32[mean] === 0) {
    // Taken for random (coefficient 1) until the gaps say otherwise: two calls are not clockwork.
    f32[mean] = gapMs
    f32[m2] = gapMs * gapMs
    return
  }
  const difference = gapMs - f32[mean]!
  f32[mean]! += GAP_WEIGHT * difference
  f32[m2] = (1 - GAP_WEIGHT) * (f32[m2]! + GAP_WEIGHT * difference * difference)
}

function beginCall(row: PartyRow, moment: Moment): void {
  span(row, moment, moment.timeMs, 1)
}

function endCall(row: PartyRow, moment: Moment, lastedS: number): void {
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

function talk(row: PartyRow, activity: ActivityOf<'call.ended'>, moment: Moment): void {
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

function fail(row: PartyRow, activity: ActivityOf<'call.failed'>, moment: Moment): void {
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

function origin(row: PartyRow, moment: Moment): void {
  const { u32, base } = row.cursor
  hitCell(u32, (base + at.origins) >>> 2, ORIGIN_WORDS, moment.peer[0]!, moment.timeMs, moment.frontierMs)
}

function active(row: PartyRow, moment: Moment): void {
  const { u8, u32, base } = row.cursor
  const hours = Math.floor(moment.frontierMs / HOUR_MS) - Math.floor(moment.timeMs / HOUR_MS)
  if (hours < 24) u8[base + at.hoursMask + (hours >>> 3)]! |= 1 << (hours & 7)
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  if (days < 30) u32[(base + at.daysMask) >>> 2]! |= 1 << days
  const hour = Math.floor(moment.timeMs / HOUR_MS) % 24
  u8[base + at.hoursOfDay + (hour >>> 3)]! |= 1 << (hour & 7)
}

/** Hours of the day and days with calls, apart from those with messages alone. */
function activeInCalls(row: PartyRow, moment: Moment): void {
  const { u8, u32, base } = row.cursor
  const days = Math.floor(moment.frontierMs / DAY_MS) - Math.floor(moment.timeMs / DAY_MS)
  if (days < 30) u32[(base + at.callDaysMask) >>> 2]! |= 1 << days
  const hour = Math.floor(moment.timeMs / HOUR_MS) % 24
  u8[base + at.callHours + (hour >>> 3)]! |= 1 << (hour & 7)
}

function source(row: PartyRow, moment: Moment): void {
  const { u8, u16, base } = row.cursor
  if (moment.sourceHash !== 0) u16[(base + at.sources) >>> 1]! |= 1 << (moment.sourceHash & (SOURCE_CELLS - 1))
  if (moment.agentHash === 0) return
  const tag = moment.agentHash & 0xff || 1
  const agent = base + at.agent
  if (u8[agent] !== 0 && u8[agent] !== tag) moment.count(row, agentChanges)
  u8[agent] = tag
}

function country(row: PartyRow, code: string): void {
  const { u32, base } = row.cursor
  const i = (base + at.countries) >>> 2
  const shift = (Math.imul(code.charCodeAt(0) * 31 + code.charCodeAt(1), 0x9e3779b1) >>> 29) << 2
  if (((u32[i]! >>> shift) & 15) === 15) u32[i] = halveCountries(u32[i]!, 1)
  u32[i]! += 1 << shift
}
