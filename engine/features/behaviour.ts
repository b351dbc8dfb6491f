import type { Activity } from '../activity/index.ts'
import { textFactNames, textFacts } from '../content/index.ts'
import { hashText } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createPartyTable, createPool, createSeenIds, weigh } from '../state/index.ts'
import { catalogue } from './catalogue.ts'
import { type ActivityFacts, noFacts } from './facts.ts'
import { at, extensionBytes, extensionLayout, layout, recordBytes } from './layout.ts'
import { decayOf, rollRecord } from './roll.ts'
import { createRow, type PartyRow } from './row.ts'
import { actedBy, actedUpon, type Moment } from './update.ts'
import { createCounting, placeActivity } from './write.ts'

const DAY_MS = 86_400_000
/** Places of the behaviour's own numbers among the party table's tallies. */
const OBSERVED = 0
const DUPLICATES = 1
const LATE = 2
const CLAMPED = 3

export interface BehaviourOptions {
  /** Seed of the party index; part of the snapshot's layout. */
  readonly seed?: number
  /** Most parties held; the one idle longest goes first. Default 1,000,000. */
  readonly maxParties?: number
  /** Event time after which an idle party is let go. Default 40 days. */
  readonly idleMs?: number
  /** How far an event may run ahead of the latest one seen before its clock is doubted. Default 24 hours. */
  readonly maxAheadMs?: number
  /** Activity ids remembered, at least, to count each once. Default 262,144. */
  readonly seenIds?: number
}

/** What is known after one activity was taken in; one object, reused. */
export interface Observation {
  /** The party's record, positioned at the event; valid until the next call. */
  readonly row: PartyRow
  /** Seen before: nothing was counted. */
  duplicate: boolean
  /** Older than the party's latest. */
  late: boolean
  /** Its clock ran too far ahead and was set back. */
  clamped: boolean
  /** Event time it was counted at, ms. */
  timeMs: number
  /** Facts of the message text, in the order of `textFactNames`; all 0 where there is none. */
  readonly text: Float64Array
  /** The party's first and latest activity (ms) and how many there were, since it was last forgotten. */
  firstMs: number
  lastMs: number
  activities: number
}

export interface BehaviourCounts {
  readonly parties: number
  readonly evictedIdle: number
  readonly evictedFull: number
  readonly observed: number
  readonly duplicates: number
  readonly late: number
  readonly clamped: number
  /** Parties that hold an extension record. */
  readonly extensions: number
  /** Typed-array bytes of the whole state. */
  readonly bytes: number
}

/** The room's door: takes activities of one partition in, gives the party's features out. */
export interface Behaviour {
  /** All that a snapshot must hold. */
  readonly states: readonly PagedState[]
  observe(activity: Activity, facts?: ActivityFacts): Observation
  /** Feature of the party last observed (or looked up), by place in `catalogue`. */
  read(index: number): number
  /** The record of a party for reading at `nowMs`; undefined when it has none. Valid until the next call. */
  look(party: string, nowMs: number): PartyRow | undefined
  counts(): BehaviourCounts
}

export function createBehaviour(options: BehaviourOptions = {}): Behaviour {
  const seed = options.seed ?? 0x52696e67
  const parties = createPartyTable({
    recordBytes,
    layout,
    seed,
    maxParties: options.maxParties ?? 1_000_000,
    idleMs: options.idleMs ?? 40 * DAY_MS,
    maxAheadMs: options.maxAheadMs ?? DAY_MS,
  })
  const extensions = createPool({
    name: 'party-extensions',
    layout: extensionLayout,
    recordBytes: extensionBytes,
  })
  const ids = createSeenIds(options.seenIds ?? 262_144, seed)
  const row = createRow(parties.cursor(), extensions.cursor())
  const lookRow = createRow(parties.cursor(), extensions.cursor())
  const moment: Moment = {
    count: createCounting(extend),
    timeMs: 0,
    frontierMs: 0,
    peer: new Uint32Array(4),
    agentHash: 0,
    sourceHash: 0,
    hasLink: false,
    hasOtp: false,
    repeated: false,
  }
  parties.onEvict = cursor => {
    const extension = cursor.u32[(cursor.base + at.extension) >>> 2]!
    if (extension !== 0) extensions.free(extension)
  }
  const hash = new Uint32Array(4)
  const observation: Observation = {
    row,
    duplicate: false,
    late: false,
    clamped: false,
    timeMs: 0,
    text: new Float64Array(textFactNames.length),
    firstMs: 0,
    lastMs: 0,
    activities: 0,
  }
  const LINKS = textFactNames.indexOf('links')
  const OTP = textFactNames.indexOf('otp')

  function observe(activity: Activity, facts: ActivityFacts = noFacts): Observation {
    const asTarget = activity.role === 'target' && activity.to !== undefined
    const party = asTarget ? activity.to!.party : activity.from.party
    const peer = asTarget ? activity.from.party : activity.to?.party
    parties.expire()
    parties.count(OBSERVED)
    observation.duplicate = ids.seen(activity.id, asTarget ? 1 : 0)
    if (observation.duplicate) {
      parties.count(DUPLICATES)
      return repeat(activity, party)
    }
    const timeMs = parties.clock.take(activity.time)
    observation.clamped = timeMs !== activity.time
    if (observation.clamped) parties.count(CLAMPED)
    const fresh = parties.obtain(party, timeMs, row.cursor)
    const before = parties.lastMs(row.cursor)
    const frontierMs = Math.max(before, timeMs)
    observation.late = timeMs < before
    if (observation.late) parties.count(LATE)
    const { u32, base } = row.cursor
    if (fresh) u32[(base + at.firstSeconds) >>> 2] = Math.floor(timeMs / 1000)
    u32[(base + at.activities) >>> 2]!++
    attach(row)
    if (row.hasExtra) extensions.touch(u32[(base + at.extension) >>> 2]!)
    if (frontierMs > before) {
      rollRecord(row, before, frontierMs)
      parties.setLastMs(row.cursor, frontierMs)
      if (row.hasExtra && Math.floor(frontierMs / DAY_MS) !== Math.floor(before / DAY_MS)) detachEmpty()
    }
    placeActivity(timeMs, frontierMs)
    position(row, frontierMs, frontierMs)
    prepare(activity, timeMs, frontierMs, peer)
    if (asTarget) actedUpon(row, activity, moment)
    else actedBy(row, activity, facts, moment)
    return tell(timeMs, frontierMs)
  }

  /** A copy of an activity that was counted before: the features as they stand. */
  function repeat(activity: Activity, party: string): Observation {
    observation.clamped = false
    observation.late = false
    // Forgotten since, or never more than a duplicate: an empty record to read from.
    if (parties.obtain(party, activity.time, row.cursor))
      row.cursor.u32[(row.cursor.base + at.firstSeconds) >>> 2] = Math.floor(activity.time / 1000)
    attach(row)
    const last = parties.lastMs(row.cursor)
    position(row, last, Math.max(last, activity.time))
    prepareText(activity)
    return tell(activity.time, last)
  }

  function tell(timeMs: number, lastMs: number): Observation {
    const { u32, base } = row.cursor
    observation.timeMs = timeMs
    observation.firstMs = u32[(base + at.firstSeconds) >>> 2]! * 1000
    observation.lastMs = lastMs
    observation.activities = u32[(base + at.activities) >>> 2]!
    return observation
  }

  function attach(to: PartyRow): void {
    const extension = to.cursor.u32[(to.cursor.base + at.extension) >>> 2]!
    to.hasExtra = extension !== 0
    if (to.hasExtra) extensions.at(to.extra, extension)
  }

  function extend(to: PartyRow): void {
    if (to.hasExtra) return
    to.cursor.u32[(to.cursor.base + at.extension) >>> 2] = extensions.allocate()
    attach(to)
  }

  /** An extension whose counts have all run out is given back. */
  function detachEmpty(): void {
    const { u32, base } = row.extra
    for (let i = base >>> 2, end = i + extensionBytes / 4; i < end; i++) if (u32[i] !== 0) return
    const pointer = (row.cursor.base + at.extension) >>> 2
    extensions.free(row.cursor.u32[pointer]!)
    row.cursor.u32[pointer] = 0
    row.hasExtra = false
  }

  function prepare(activity: Activity, timeMs: number, frontierMs: number, peer: string | undefined): void {
    moment.timeMs = timeMs
    moment.frontierMs = frontierMs
    if (peer !== undefined) hashText(peer, seed, moment.peer)
    moment.agentHash = hash32(activity.agent)
    moment.sourceHash = hash32(activity.route.peer)
    prepareText(activity)
    moment.hasLink = observation.text[LINKS]! > 0
    moment.hasOtp = observation.text[OTP]! > 0
  }

  function prepareText(activity: Activity): void {
    observation.text.fill(0)
    if (activity.kind === 'message' && activity.content?.text !== undefined)
      textFacts(activity.content.text, observation.text)
  }

  function hash32(text: string | undefined): number {
    if (text === undefined || text === '') return 0
    hashText(text, seed, hash)
    return hash[0]!
  }

  return {
    states: [parties.state, extensions.state, ids.state],
    observe,
    read: index => catalogue[index]!.read(row),
    look(party, nowMs) {
      if (!parties.find(party, lookRow.cursor)) return undefined
      attach(lookRow)
      const last = parties.lastMs(lookRow.cursor)
      position(lookRow, last, Math.max(last, nowMs))
      return lookRow
    },
    counts: () => ({
      parties: parties.parties,
      evictedIdle: parties.evictedIdle,
      evictedFull: parties.evictedFull,
      observed: parties.tally(OBSERVED),
      duplicates: parties.tally(DUPLICATES),
      late: parties.tally(LATE),
      clamped: parties.tally(CLAMPED),
      extensions: extensions.used,
      bytes: parties.bytes + extensions.bytes + ids.bytes,
    }),
  }
}

/** Sets the moment that features are read at. */
function position(row: PartyRow, frontierMs: number, nowMs: number): void {
  row.nowMs = nowMs
  weigh(row.weights, frontierMs, nowMs)
  row.decay = decayOf(Math.floor(nowMs / DAY_MS) - Math.floor(frontierMs / DAY_MS))
}
