import type { ActivityOf, Campaign } from '../activity/index.ts'
import { hashText, idOf } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createAssociativeTable, ENTRY_HEADER_BYTES } from '../state/index.ts'

/**
 * Campaigns of calls: one dialler behind many numbers. Calls are put together by what a dialler does not trouble to change
 * from number to number (its program, where it enters, the name it shows, the block it takes numbers from), and such a
 * group is a campaign once its calls also behave as one: the targets of different origins follow each other, or repeat, or
 * the calls come by the clock. A company's switchboard shows one program and one block as well, but its people call whom
 * they like when they like.
 */

/** Different origins and calls before a group may be a campaign: those of message campaigns, `MESSAGE_CAMPAIGN`. */
const MIN_ORIGINS = 4
export const MIN_CALLS = 20
/** Share of calls that continue or repeat what another origin of the group dialled. */
const MIN_LINKED = 0.5
/** Calls of one origin on average, at most: numbers are changed to stay below notice, a telephone is kept. */
const MAX_CALLS_EACH = 5
/** Standard deviation over mean of the gaps between calls; people who know nothing of each other come to 1. */
const CLOCKWORK = 0.25
/** Two targets at most this far apart are dialled in sequence. */
const STEP = 10
/** Targets of the group that a call is compared with. */
const RECENT = 8
const GAP_WEIGHT = 1 / 16
/** A group that has been still for so long begins anew. */
const IDLE_MS = 2 * 3_600_000

const DAY_MS = 86_400_000

const MAP_WORDS = 8
const MAP_CELLS = MAP_WORDS * 32
const SAMPLE_UNITS = 64

// Words of an entry.
const CALLS = ENTRY_HEADER_BYTES / 4
const LINKED = CALLS + 1
const NEXT = CALLS + 2
const GAP_MEAN = CALLS + 3
const GAP_M2 = CALLS + 4
const SAMPLE_LENGTH = CALLS + 5
const FIRST_SEEN = CALLS + 6
const ORIGINS = CALLS + 8
const TARGETS = ORIGINS + MAP_WORDS
/** Last targets: the number modulo 2^32, the hash of its origin. */
const LAST_TARGETS = TARGETS + MAP_WORDS
const SAMPLE = LAST_TARGETS + 2 * RECENT
const WORDS = SAMPLE + SAMPLE_UNITS / 2

export interface CallPatterns {
  readonly state: PagedState
  readonly bytes: number
  /** Takes a call attempt in; gives the campaign it belongs to, or 0. `origin` and `target` are 32-bit hashes. */
  observe(activity: ActivityOf<'call.attempt'>, origin: number, target: number, timeMs: number): number
  origins(campaign: number): number
  calls(campaign: number): number
  describe(campaign: number): Campaign
}

/** Groups of one partition, `entries` at most; the one still for longest of eight makes room. */
export function createCallPatterns(seed: number, entries = 4_096): CallPatterns {
  const table = createAssociativeTable({
    name: 'call-patterns',
    layout: 'calls linked next gaps sample first origins targets last:8',
    recordBytes: WORDS * 4,
    entries,
  })
  const { u32, u16, f32, f64 } = table.views
  const { obtain, lastMs, setLastMs } = table
  const hash = new Uint32Array(4)

  function observe(activity: ActivityOf<'call.attempt'>, origin: number, target: number, timeMs: number): number {
    if (!hashGroup(activity, seed, hash)) return 0
    const entry = obtain(hash[0]!, hash[1]!, timeMs)
    const w = entry >>> 2
    const gapMs = Math.max(0, timeMs - lastMs(entry))
    if (gapMs > IDLE_MS) u32.fill(0, w + CALLS, w + WORDS)
    if (u32[w + CALLS] === 0) begin(entry, activity, timeMs)
    else keepGap(w, gapMs)
    setLastMs(entry, Math.max(timeMs, lastMs(entry)))
    u32[w + CALLS]!++
    // People of one house call each other: what goes into the block that it comes from links nothing.
    const called = activity.to?.party ?? ''
    if (blockOf(called) !== blockOf(activity.from.party) && follows(w, called, origin)) u32[w + LINKED]!++
    mark(w + ORIGINS, origin)
    mark(w + TARGETS, target)
    return isCampaign(w) ? entry : 0
  }

  function begin(entry: number, activity: ActivityOf<'call.attempt'>, timeMs: number): void {
    const w = entry >>> 2
    f64[(w + FIRST_SEEN) >>> 1] = timeMs
    const sample = sampleOf(activity)
    u32[w + SAMPLE_LENGTH] = sample.length
    for (let i = 0; i < sample.length; i++) u16[2 * (w + SAMPLE) + i] = sample.charCodeAt(i)
  }

  /** Mean and variance of the last gaps; taken for random (coefficient 1) until they say otherwise. */
  function keepGap(w: number, gapMs: number): void {
    const mean = f32[w + GAP_MEAN]!
    if (mean === 0) {
      f32[w + GAP_MEAN] = gapMs
      f32[w + GAP_M2] = gapMs * gapMs
      return
    }
    const difference = gapMs - mean
    f32[w + GAP_MEAN] = mean + GAP_WEIGHT * difference
    f32[w + GAP_M2] = (1 - GAP_WEIGHT) * (f32[w + GAP_M2]! + GAP_WEIGHT * difference * difference)
  }

  /** Whether another origin of the group dialled this target lately, or one next to it; remembers the target. */
  function follows(w: number, party: string, origin: number): boolean {
    const number = numberOf(party)
    if (number === 0) return false
    let linked = false
    for (let i = 0; i < RECENT && !linked; i++) {
      const at = w + LAST_TARGETS + 2 * i
      const distance = (number - u32[at]!) | 0
      linked = u32[at] !== 0 && u32[at + 1] !== origin && distance <= STEP && distance >= -STEP
    }
    const at = w + LAST_TARGETS + 2 * (u32[w + NEXT]! % RECENT)
    u32[w + NEXT]!++
    u32[at] = number
    u32[at + 1] = origin
    return linked
  }

  function mark(map: number, value: number): void {
    u32[map + ((value >>> 5) & (MAP_WORDS - 1))]! |= 1 << (value & 31)
  }

  function isCampaign(w: number): boolean {
    const calls = u32[w + CALLS]!
    const origins = counted(w + ORIGINS)
    if (calls < MIN_CALLS || origins < MIN_ORIGINS || calls > MAX_CALLS_EACH * origins) return false
    return u32[w + LINKED]! >= MIN_LINKED * calls || isClockwork(w)
  }

  function isClockwork(w: number): boolean {
    const mean = f32[w + GAP_MEAN]!
    return mean > 0 && Math.sqrt(Math.max(0, f32[w + GAP_M2]!)) <= CLOCKWORK * mean
  }

  /** Linear counting (Whang et al., 1990) over 256 cells: standard error 2 % at 40, no more than 1,600. */
  function counted(map: number): number {
    let used = 0
    for (let i = map; i < map + MAP_WORDS; i++) used += bits(u32[i]!)
    return Math.round(-MAP_CELLS * Math.log(Math.max(MAP_CELLS - used, 0.5) / MAP_CELLS))
  }

  return {
    state: table.state,
    get bytes() {
      return table.bytes
    },
    observe,
    origins: entry => counted((entry >>> 2) + ORIGINS),
    calls: entry => u32[(entry >>> 2) + CALLS]!,
    describe(entry) {
      const w = entry >>> 2
      const units = u16.subarray(2 * (w + SAMPLE), 2 * (w + SAMPLE) + u32[w + SAMPLE_LENGTH]!)
      const firstSeen = f64[(w + FIRST_SEEN) >>> 1]!
      return {
        // By the day it began, so that partitions that each see a part of it name it alike.
        id: idOf('calls', String(u32[w]), String(u32[w + 1]), String(Math.floor(firstSeen / DAY_MS))),
        origins: counted(w + ORIGINS),
        targets: counted(w + TARGETS),
        messages: u32[w + CALLS]!,
        firstSeen,
        sample: String.fromCharCode(...units),
      }
    },
  }
}

/** What the calls of one dialler have in common; false where there is too little to go by. */
function hashGroup({ from, agent, route }: ActivityOf<'call.attempt'>, seed: number, out: Uint32Array): boolean {
  const shown = nameOf(from.display)
  if (agent === undefined && shown === '') return false
  hashText(`${agent ?? ''}\n${route.trunk ?? route.peer ?? ''}\n${shown}\n${blockOf(from.party)}`, seed, out)
  return true
}

/** A display name without its digits: names with a counter in them are one name, and a number is none. */
function nameOf(display: string | undefined): string {
  return display === undefined
    ? ''
    : display
        .replace(/[\d\s+().-]+/g, ' ')
        .trim()
        .toLowerCase()
}

/** Block of ten thousand numbers, or host. */
function blockOf(party: string): string {
  if (party.charCodeAt(0) === 0x2b) return party.slice(0, -4)
  return party.slice(party.lastIndexOf('@') + 1)
}

/** What a person recognises the campaign by: `Foo/1.0 "Support" +3368000xxxx`. No whole number. */
function sampleOf({ from, agent }: ActivityOf<'call.attempt'>): string {
  const shown = nameOf(from.display)
  const block = from.party.charCodeAt(0) === 0x2b ? `${blockOf(from.party)}xxxx` : blockOf(from.party)
  return [agent ?? '', shown === '' ? '' : `"${shown}"`, block].filter(Boolean).join(' ').slice(-SAMPLE_UNITS)
}

/** Digits modulo 2^32: differences of neighbours are exact. 0 for what is no number. */
function numberOf(party: string): number {
  if (party.charCodeAt(0) !== 0x2b || party.length > 17) return 0
  let number = 0
  for (let i = 1; i < party.length; i++) number = number * 10 + (party.charCodeAt(i) - 48)
  return number >>> 0 || 1
}

function bits(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
