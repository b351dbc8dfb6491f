import type { Activity } from '../activity/index.ts'
import { hitCell } from '../state/index.ts'
import { activeInCalls, beginCall, dial, endCall, fail, talk } from './call-stages.ts'
import {
  DAY_MS,
  HOUR_MS,
  halveCountries,
  ORIGIN_WORDS,
  PEER_IN,
  PEER_OUT,
  SOURCE_CELLS,
  TARGET_WORDS,
  TOP_UNIT,
} from './derived.ts'
import type { ActivityFacts } from './facts.ts'
import { at } from './layout.ts'
import { bumpProfile, type Moment } from './moment.ts'
import { meetPeer } from './peers.ts'
import type { PartyRow } from './row.ts'
import { counted } from './write.ts'

const {
  agentChanges,
  answered,
  callbacksIn,
  calls,
  callsIn,
  complaints,
  decoyHits,
  international,
  links,
  messages,
  messagesIn,
  missedIn,
  neighbours,
  newOrigins,
  newTargets,
  otpIn,
  premium,
  probes,
  registrationFailures,
  repeatedTexts,
  repliesIn,
  unassigned,
} = counted

/** Leading digits shared by neighbours: all but the last four of a ten-digit national number (NPA-NXX). */
const NEIGHBOUR_DIGITS = 6
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
