import { type Activity, type ActivityOf, keyOf } from '../activity/index.ts'
import {
  createCampaigns,
  decodeFingerprint,
  FINGERPRINT_VALUES,
  type Fingerprint,
  readText,
  textFactNames,
} from '../content/index.ts'
import { createLastHash, hashText } from '../hash/index.ts'
import {
  aim,
  blankCursor,
  type Cursor,
  createPartyTable,
  createPool,
  createSeenIds,
  keepWarm,
  weigh,
} from '../state/index.ts'
import { createCallPatterns } from './call-patterns.ts'
import { catalogue } from './catalogue.ts'
import type { Behaviour, BehaviourOptions, Observation } from './contract.ts'
import { createCrowds } from './crowds.ts'
import { type ActivityFacts, noFacts } from './facts.ts'
import { at, extensionBytes, extensionLayout, layout, recordBytes } from './layout.ts'
import type { Moment } from './moment.ts'
import { decayOf, rollRecord } from './roll.ts'
import { createRow, type PartyRow } from './row.ts'
import { repeatsText, TEXTS_BYTES, textsLayout } from './texts.ts'
import { actedBy, actedUpon } from './update.ts'
import { createCount, placeActivity } from './write.ts'

const DAY_MS = 86_400_000
/** Places of the behaviour's own numbers among the party table's tallies. */
const OBSERVED = 0
const DUPLICATES = 1
const LATE = 2
const CLAMPED = 3
const NO_TEXT = new Float64Array(textFactNames.length)

/** State and features of one partition, empty. */
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
    pageShift: 6,
  })
  const texts = createPool({ name: 'party-texts', layout: textsLayout, recordBytes: TEXTS_BYTES, pageShift: 10 })
  const textsCursor = texts.cursor()
  // What a tap read off a text that it keeps to itself.
  const givenFacts = new Float64Array(textFactNames.length)
  const givenFingerprint = new Uint16Array(FINGERPRINT_VALUES)
  let fingerprint: Fingerprint = givenFingerprint
  const campaigns = createCampaigns(options.campaigns)
  const patterns = createCallPatterns(seed)
  const crowds = createCrowds(seed)
  const ids = createSeenIds(options.seenIds ?? 262_144, seed)
  // Methods taken off once: see the note on getters in engine/state/parties.ts.
  const { expire, count, find, obtain, hashOf, lastMs, setLastMs } = parties
  const { take: takeTime } = parties.clock
  const { at: toExtension, touch: touchExtension, allocate: allocateExtension, free: freeExtension } = extensions
  const { at: toTexts, touch: touchTexts, allocate: allocateTexts, free: freeTexts } = texts
  const { observe: observeText, find: findCampaign, origins: originsOf, messages: messagesOf } = campaigns
  const { observe: observeCall, origins: callersOf, calls: callsOf } = patterns
  const { meet, leave } = crowds
  const { seen } = ids
  const row = createRow(parties.cursor(), extensions.cursor())
  const lookRow = createRow(parties.cursor(), extensions.cursor())
  const blank = blankCursor(recordBytes)
  const moment: Moment = {
    count: createCount(extend),
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
    if (extension !== 0) freeExtension(extension)
    const text = cursor.u32[(cursor.base + at.texts) >>> 2]!
    if (text !== 0) freeTexts(text)
  }
  const agents = createLastHash(seed)
  const sources = createLastHash(seed)
  const observation: Observation = {
    row,
    duplicate: false,
    late: false,
    clamped: false,
    timeMs: 0,
    text: NO_TEXT,
    campaign: 0,
    firstMs: 0,
    lastMs: 0,
    activities: 0,
  }
  const LINKS = textFactNames.indexOf('links')
  const OTP = textFactNames.indexOf('otp')

  const nextParties: string[] = []
  const nextIds: string[] = []
  function warm(activities: readonly Activity[]): void {
    nextParties.length = 0
    nextIds.length = 0
    let sum = 0
    for (const activity of activities) {
      nextParties.push(keyOf(activity))
      nextIds.push(activity.id)
      // Reading how long a text is brings most of it.
      sum += activity.id.length + activity.from.party.length + (activity.to?.party.length ?? 0)
    }
    keepWarm(sum)
    ids.warm(nextIds)
    parties.warm(nextParties)
  }

  function observe(activity: Activity, facts: ActivityFacts = noFacts): Observation {
    // Not by `keyOf`, which is asked of records of every shape: here they have one (engine/partition/view.ts).
    const origin = activity.from.party
    const target = activity.to?.party
    const asTarget = activity.role === 'target' && target !== undefined
    const party = asTarget ? target : origin
    const peer = asTarget ? origin : target
    expire()
    count(OBSERVED)
    observation.duplicate = seen(activity.id, asTarget ? 1 : 0)
    if (observation.duplicate) {
      count(DUPLICATES)
      return repeat(activity, party)
    }
    const timeMs = takeTime(activity.time)
    observation.clamped = timeMs !== activity.time
    if (observation.clamped) count(CLAMPED)
    const fresh = obtain(party, timeMs, row.cursor)
    const before = lastMs(row.cursor)
    const frontierMs = Math.max(before, timeMs)
    observation.late = timeMs < before
    if (observation.late) count(LATE)
    const { u32, base } = row.cursor
    if (fresh) u32[(base + at.firstSeconds) >>> 2] = Math.floor(timeMs / 1000)
    u32[(base + at.activities) >>> 2]!++
    attach(row)
    if (row.hasExtra) touchExtension(u32[(base + at.extension) >>> 2]!)
    if (frontierMs > before) moveOn(before, frontierMs)
    placeActivity(timeMs, frontierMs)
    position(row, frontierMs, frontierMs)
    prepare(activity, timeMs, frontierMs, peer)
    meet(activity, timeMs)
    if (activity.kind === 'message') readMessage(activity, !asTarget)
    else if (activity.kind === 'call.attempt' && !asTarget) readCall(activity)
    if (asTarget) actedUpon(row, activity, moment)
    else actedBy(row, activity, facts, moment)
    return tell(timeMs, frontierMs)
  }

  /** Brings the record to the activity's time. */
  function moveOn(fromMs: number, toMs: number): void {
    rollRecord(row, fromMs, toMs)
    setLastMs(row.cursor, toMs)
    if (row.hasExtra && Math.floor(toMs / DAY_MS) !== Math.floor(fromMs / DAY_MS)) detachEmpty()
  }

  /** A copy of an activity that was counted before: the features as they stand. */
  function repeat(activity: Activity, party: string): Observation {
    observation.clamped = false
    observation.late = false
    // Forgotten since, or the same id under another party: nothing is known, and a copy must not begin a record.
    if (!find(party, row.cursor)) aim(row.cursor, blank)
    attach(row)
    const last = lastMs(row.cursor)
    position(row, last, Math.max(last, activity.time))
    resetMessage()
    leave()
    moment.timeMs = activity.time
    if (activity.kind === 'message') readMessage(activity, false)
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
    if (to.hasExtra) toExtension(to.extra, extension)
  }

  function extend(to: PartyRow): void {
    if (to.hasExtra) return
    to.cursor.u32[(to.cursor.base + at.extension) >>> 2] = allocateExtension()
    attach(to)
  }

  /** An extension whose counts have all run out is given back. */
  function detachEmpty(): void {
    const { u32, base } = row.extra
    for (let i = base >>> 2, end = i + extensionBytes / 4; i < end; i++) if (u32[i] !== 0) return
    const pointer = (row.cursor.base + at.extension) >>> 2
    freeExtension(row.cursor.u32[pointer]!)
    row.cursor.u32[pointer] = 0
    row.hasExtra = false
  }

  function prepare(activity: Activity, timeMs: number, frontierMs: number, peer: string | undefined): void {
    moment.timeMs = timeMs
    moment.frontierMs = frontierMs
    if (peer !== undefined) hashText(peer, seed, moment.peer)
    // Agent and address are looked at where the party acts, and only at what opens something.
    if (activity.role === 'origin' && opens(activity)) {
      moment.agentHash = agents.of(activity.agent)
      moment.sourceHash = sources.of(activity.route.peer)
    }
    resetMessage()
  }

  function resetMessage(): void {
    observation.text = NO_TEXT
    observation.campaign = 0
    row.campaignOrigins = 0
    row.campaignMessages = 0
    moment.hasLink = false
    moment.hasOtp = false
    moment.repeated = false
  }

  /** Facts of the text (or those that the tap took in its place), repetition, campaign. `counted`: the origin's copy. */
  function readMessage(activity: ActivityOf<'message'>, counted: boolean): void {
    const { content } = activity
    if (content === undefined) return
    let known = false
    if (content.text !== undefined) {
      const reading = readText(content.text)
      observation.text = reading.facts
      fingerprint = reading.fingerprint
      known = reading.hasFingerprint
    } else {
      observation.text = givenFacts
      for (let i = 0; i < textFactNames.length; i++) givenFacts[i] = content.features?.[textFactNames[i]!] ?? 0
      fingerprint = givenFingerprint
      known = content.fingerprint !== undefined && decodeFingerprint(content.fingerprint, fingerprint)
    }
    moment.hasLink = observation.text[LINKS]! > 0
    moment.hasOtp = observation.text[OTP]! > 0
    if (!known) return
    if (counted) {
      observation.campaign = observeText(fingerprint, hashOf(row.cursor), moment.peer[0]!, moment.timeMs, content.text)
      moment.repeated = repeatsText(textsOf(row), fingerprint, moment.peer[2]!)
    } else observation.campaign = findCampaign(fingerprint, moment.timeMs)
    if (observation.campaign === 0) return
    row.campaignOrigins = originsOf(observation.campaign)
    row.campaignMessages = messagesOf(observation.campaign)
  }

  /** Campaign of the call, told from those of messages by its sign. */
  function readCall(activity: ActivityOf<'call.attempt'>): void {
    const campaign = observeCall(activity, hashOf(row.cursor), moment.peer[0]!, moment.timeMs)
    if (campaign === 0) return
    observation.campaign = -campaign
    row.campaignOrigins = callersOf(campaign)
    row.campaignMessages = callsOf(campaign)
  }

  function textsOf(of: PartyRow): Cursor {
    const pointer = (of.cursor.base + at.texts) >>> 2
    if (of.cursor.u32[pointer] === 0) of.cursor.u32[pointer] = allocateTexts()
    const slot = of.cursor.u32[pointer]!
    touchTexts(slot)
    toTexts(textsCursor, slot)
    return textsCursor
  }

  return {
    states: [
      parties.state,
      extensions.state,
      texts.state,
      ...campaigns.states,
      patterns.state,
      crowds.state,
      ids.state,
    ],
    warm,
    observe,
    campaign: number => (number < 0 ? patterns.describe(-number) : campaigns.describe(number)),
    readCrowd: crowds.read,
    markSpam: crowds.markSpam,
    read: index => catalogue[index]!.read(row),
    look(party, nowMs) {
      if (!find(party, lookRow.cursor)) return undefined
      attach(lookRow)
      const last = lastMs(lookRow.cursor)
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
      texts: texts.used,
      campaigns: campaigns.begun,
      partyBytes: parties.bytes + extensions.bytes + texts.bytes,
      bytes:
        parties.bytes + extensions.bytes + texts.bytes + campaigns.bytes + patterns.bytes + crowds.bytes + ids.bytes,
    }),
  }
}

function opens(activity: Activity): boolean {
  return !(activity.kind === 'call.answered' || activity.kind === 'call.ended' || activity.kind === 'call.failed')
}

/** Sets the moment that features are read at. */
function position(row: PartyRow, frontierMs: number, nowMs: number): void {
  row.nowMs = nowMs
  row.targetsKnown = false
  row.originsKnown = false
  weigh(row.weights, frontierMs, nowMs)
  row.decay = decayOf(Math.floor(nowMs / DAY_MS) - Math.floor(frontierMs / DAY_MS))
}
