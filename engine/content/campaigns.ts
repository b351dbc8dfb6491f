import type { Campaign } from '../activity/index.ts'
import { idOf } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { type Cursor, createRecordPages, pagedOf } from '../state/index.ts'
import { createBandIndex, MAX_INDEXED } from './bands.ts'
import { encodeFingerprint, FINGERPRINT_VALUES, type Fingerprint } from './fingerprint.ts'

export interface CampaignOptions {
  /** Messages remembered one by one until a near-duplicate comes: the latest so many. Default 65,536. */
  readonly prints?: number
  /** Campaigns remembered. Default 4,096. */
  readonly campaigns?: number
  /** A campaign that has been still for this long of event time is over. Default 48 hours. */
  readonly idleMs?: number
}

export interface Campaigns {
  readonly states: readonly PagedState[]
  readonly bytes: number
  /** Campaigns begun and campaigns given up for lack of room. */
  readonly begun: number
  readonly crowdedOut: number
  /** Takes a message in; gives the campaign it belongs to, or 0. `origin` and `target` are 32-bit hashes. */
  observe(fingerprint: Fingerprint, origin: number, target: number, timeMs: number, text: string | undefined): number
  /** The campaign that a copy of a message belongs to, without counting it; 0 for none. */
  find(fingerprint: Fingerprint, timeMs: number): number
  origins(campaign: number): number
  messages(campaign: number): number
  /** All that a verdict says of it. */
  describe(campaign: number): Campaign
}

// A print: fingerprint (48 bytes), hashes of origin and target, time in seconds, spare.
const PRINT_BYTES = 64
const PRINT = { origin: 12, target: 13, seconds: 14 } as const
// A campaign: fingerprint, first and last time, messages, bitmaps of origins and targets, sample.
const CAMPAIGN_BYTES = 320
const CAMPAIGN = { first: 6, last: 7, messages: 16, sampleLength: 34, origins: 18, targets: 26, sample: 70 } as const
const MAP_WORDS = 8
const MAP_CELLS = MAP_WORDS * 32
export const SAMPLE_UNITS = 90
/** Record 0 of both holds their numbers: where the next goes, and counts. */
const HEAD = { next: 0, begun: 1, crowdedOut: 2 } as const
const CHOICE = 8

/**
 * Messages that are one campaign: near-duplicates by fingerprint, whoever sends them. The latest messages are kept as
 * prints; the first near-duplicate to another party makes a campaign of the two, anchored at the first one's fingerprint,
 * so a campaign does not drift. Everything is bounded; what a crowd pushes out is counted.
 */
export function createCampaigns(options: CampaignOptions = {}): Campaigns {
  const printLimit = Math.min(options.prints ?? 65_536, MAX_INDEXED)
  const limit = Math.min(options.campaigns ?? 4_096, MAX_INDEXED)
  const idleMs = options.idleMs ?? 48 * 3_600_000
  const prints = createRecordPages({
    name: 'prints',
    layout: `ring:${printLimit}`,
    recordBytes: PRINT_BYTES,
    pageShift: 10,
    fixed: printLimit + 1,
  })
  const campaigns = createRecordPages({
    name: 'campaigns',
    layout: `fingerprint,first,last,messages,origins,targets,sample:${limit}`,
    recordBytes: CAMPAIGN_BYTES,
    pageShift: 7,
    fixed: limit + 1,
  })
  prints.ensure(printLimit + 1)
  campaigns.ensure(limit + 1)
  const { at: toPrint, touch: touchPrint } = prints
  const { at: toCampaign, touch: touchCampaign } = campaigns
  const print = prints.cursor()
  const campaign = campaigns.cursor()
  const choice = campaigns.cursor()
  const printHead = prints.cursor()
  const head = campaigns.cursor()
  const anchor: Fingerprint = new Uint16Array(FINGERPRINT_VALUES)
  // Fixed tables lie in one piece: the views at their first record reach all of them.
  const printIndex = createBandIndex('print-bands', printLimit, printHead.u16, PRINT_BYTES / 2)
  const campaignIndex = createBandIndex('campaign-bands', limit, head.u16, CAMPAIGN_BYTES / 2)

  const { find: findPrint, add: addPrint } = printIndex
  const { find: findCampaign } = campaignIndex

  function observe(
    fingerprint: Fingerprint,
    origin: number,
    target: number,
    timeMs: number,
    text: string | undefined,
  ): number {
    const known = find(fingerprint, timeMs)
    if (known !== 0) {
      join(known, origin, target, timeMs)
      return known
    }
    const earlier = findPrint(fingerprint)
    if (earlier !== 0) toPrint(print, earlier)
    const fresh = earlier !== 0 && timeMs - print.u32[(print.base >>> 2) + PRINT.seconds]! * 1000 <= idleMs
    if (!fresh) {
      remember(fingerprint, origin, target, timeMs)
      return 0
    }
    const words = print.base >>> 2
    const firstOrigin = print.u32[words + PRINT.origin]!
    const firstTarget = print.u32[words + PRINT.target]!
    // The same text again to the same party is a repetition, not a campaign.
    if (firstOrigin === origin && firstTarget === target) return 0
    const slot = begin(print.u32[words + PRINT.seconds]! * 1000, text)
    join(slot, firstOrigin, firstTarget, timeMs)
    join(slot, origin, target, timeMs)
    return slot
  }

  function find(fingerprint: Fingerprint, timeMs: number): number {
    const slot = findCampaign(fingerprint)
    if (slot === 0) return 0
    toCampaign(campaign, slot)
    return timeMs - campaign.f64[(campaign.base >>> 3) + CAMPAIGN.last]! <= idleMs ? slot : 0
  }

  function remember(fingerprint: Fingerprint, origin: number, target: number, timeMs: number): void {
    touchPrint(0)
    const slot = (printHead.u32[HEAD.next]! % printLimit) + 1
    printHead.u32[HEAD.next] = slot
    touchPrint(slot)
    toPrint(print, slot)
    // A loop: `set` is a call into the runtime.
    for (let i = 0; i < FINGERPRINT_VALUES; i++) print.u16[(print.base >>> 1) + i] = fingerprint[i]!
    const words = print.base >>> 2
    print.u32[words + PRINT.origin] = origin
    print.u32[words + PRINT.target] = target
    print.u32[words + PRINT.seconds] = Math.floor(timeMs / 1000)
    addPrint(fingerprint, slot)
  }

  /** Makes a campaign of the print under the cursor. */
  function begin(firstMs: number, text: string | undefined): number {
    anchor.set(print.u16.subarray(print.base >>> 1, (print.base >>> 1) + FINGERPRINT_VALUES))
    const slot = place()
    campaigns.wipe(slot, slot + 1)
    toCampaign(campaign, slot)
    campaign.u16.set(anchor, campaign.base >>> 1)
    campaign.f64[(campaign.base >>> 3) + CAMPAIGN.first] = firstMs
    const length = Math.min(text?.length ?? 0, SAMPLE_UNITS)
    campaign.u32[(campaign.base >>> 2) + CAMPAIGN.sampleLength] = length
    const sample = (campaign.base >>> 1) + CAMPAIGN.sample
    for (let i = 0; i < length; i++) campaign.u16[sample + i] = text!.charCodeAt(i)
    campaignIndex.add(anchor, slot)
    head.u32[HEAD.begun]!++
    return slot
  }

  /** A place for a new campaign: the next one never used, else of the next few the one still for longest. */
  function place(): number {
    touchCampaign(0)
    const first = head.u32[HEAD.next]!
    head.u32[HEAD.next] = first + 1
    if (first < limit) return first + 1
    let best = 0
    let bestMs = Number.POSITIVE_INFINITY
    for (let i = 0; i < CHOICE; i++) {
      const slot = ((first * CHOICE + i) % limit) + 1
      toCampaign(choice, slot)
      const last = choice.f64[(choice.base >>> 3) + CAMPAIGN.last]!
      if (last >= bestMs) continue
      best = slot
      bestMs = last
    }
    head.u32[HEAD.crowdedOut]!++
    return best
  }

  function join(slot: number, origin: number, target: number, timeMs: number): void {
    touchCampaign(slot)
    toCampaign(campaign, slot)
    const words = campaign.base >>> 2
    campaign.u32[words + CAMPAIGN.messages]!++
    mark(campaign, words + CAMPAIGN.origins, origin)
    mark(campaign, words + CAMPAIGN.targets, target)
    const last = (campaign.base >>> 3) + CAMPAIGN.last
    if (timeMs > campaign.f64[last]!) campaign.f64[last] = timeMs
  }

  function counted(slot: number, map: number): number {
    toCampaign(campaign, slot)
    let used = 0
    for (let i = (campaign.base >>> 2) + map, end = i + MAP_WORDS; i < end; i++) used += bits(campaign.u32[i]!)
    // Linear counting (Whang et al., 1990).
    return Math.round(-MAP_CELLS * Math.log(Math.max(MAP_CELLS - used, 0.5) / MAP_CELLS))
  }

  function describe(slot: number): Campaign {
    toCampaign(campaign, slot)
    anchor.set(campaign.u16.subarray(campaign.base >>> 1, (campaign.base >>> 1) + FINGERPRINT_VALUES))
    const length = campaign.u32[(campaign.base >>> 2) + CAMPAIGN.sampleLength]!
    const sample = (campaign.base >>> 1) + CAMPAIGN.sample
    const units = campaign.u16.subarray(sample, sample + length)
    const described = {
      id: idOf('campaign', encodeFingerprint(anchor)),
      origins: counted(slot, CAMPAIGN.origins),
      targets: counted(slot, CAMPAIGN.targets),
      messages: campaign.u32[(campaign.base >>> 2) + CAMPAIGN.messages]!,
      firstSeen: campaign.f64[(campaign.base >>> 3) + CAMPAIGN.first]!,
    }
    return length === 0 ? described : { ...described, sample: String.fromCharCode(...units) }
  }

  return {
    states: [pagedOf(prints), pagedOf(campaigns), printIndex.state, campaignIndex.state],
    get bytes() {
      return prints.bytes + campaigns.bytes + printIndex.bytes + campaignIndex.bytes
    },
    get begun() {
      return head.u32[HEAD.begun]!
    },
    get crowdedOut() {
      return head.u32[HEAD.crowdedOut]!
    },
    observe,
    find,
    origins: slot => counted(slot, CAMPAIGN.origins),
    messages(slot) {
      toCampaign(campaign, slot)
      return campaign.u32[(campaign.base >>> 2) + CAMPAIGN.messages]!
    },
    describe,
  }
}

function mark(record: Cursor, at: number, hash: number): void {
  record.u32[at + ((hash >>> 5) & (MAP_WORDS - 1))]! |= 1 << (hash & 31)
}

function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
