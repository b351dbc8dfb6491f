import type { Activity } from '../activity/index.ts'
import { hashText } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createAssociativeTable, ENTRY_HEADER_BYTES, windowMs } from '../state/index.ts'

/**
 * What comes by one route and out of one number range, whoever it is: volume and spam share. A caller who changes numbers
 * leaves each of them clean and the range it takes them from dirty; a trunk that lets everything in shows as a whole.
 */

const windows = ['1h', '24h'] as const
const lengths = windows.map(window => windowMs[window])
/** Counts of a window: volume and spam, each current bucket then previous. */
const VOLUME = 0
const SPAM = 2
const WINDOW_WORDS = 4
const FIRST_WORD = ENTRY_HEADER_BYTES / 4
const RECORD_BYTES = ENTRY_HEADER_BYTES + windows.length * WINDOW_WORDS * 4

/** Digits that the numbers of a range differ in: a block of ten thousand, what operators are given. */
const RANGE_DIGITS = 4
/** A number with fewer digits than this is a short code, and no range. */
const SHORTEST_NUMBER = 8

export interface CrowdFact {
  readonly name: string
  readonly about: string
}

/** Names under `route.` and `range.`, in the order of their places. */
export const crowdFacts: readonly CrowdFact[] = windows.flatMap(window => [
  { name: `volume_${window}`, about: 'calls and messages' },
  { name: `spam_${window}`, about: 'those whose own findings reach `flag`' },
  { name: `spam_share_${window}`, about: 'the share of them' },
])
export const crowdNames: readonly string[] = crowdFacts.map(({ name }) => name)
const KINDS = 3

/** Whose numbers a name asks for. */
export const crowdOwners = ['route', 'range'] as const
export type CrowdOwner = (typeof crowdOwners)[number]

export interface Crowds {
  readonly state: PagedState
  readonly bytes: number
  /** Counts a call attempt or message under its origin; of any other record nothing is known afterwards. */
  meet(activity: Activity, timeMs: number): void
  /** No record is looked at. */
  leave(): void
  /** The record met last was found to be spam. */
  markSpam(): void
  /** Number of the record met last: place in `crowdNames`. */
  read(owner: CrowdOwner, index: number): number
}

/** One set of tables a partition: each sees the parties that fall to it, so volumes are its share and shares are shares. */
export function createCrowds(seed: number, entries = 8_192): Crowds {
  const table = createAssociativeTable({
    name: 'crowds',
    layout: `route and range, ${windows.join(' ')}: volume, spam`,
    recordBytes: RECORD_BYTES,
    entries,
  })
  const { u32 } = table.views
  const { obtain, lastMs, setLastMs } = table
  const hash = new Uint32Array(4)
  /** Entries of the record met last, -1 for none; and the moment of each. */
  const met = { route: -1, range: -1 }
  let lastRoute = ''
  const routeHash = new Uint32Array(4)

  /** Brings an entry to `timeMs` and counts; a late record is counted at the entry's own time. */
  function count(first: number, second: number, timeMs: number): number {
    const entry = obtain(first, second, timeMs)
    const before = lastMs(entry)
    if (timeMs > before) {
      roll(entry, before, timeMs)
      setLastMs(entry, timeMs)
    }
    for (let w = 0; w < windows.length; w++) u32[wordOf(entry, w, VOLUME)]!++
    return entry
  }

  function roll(entry: number, fromMs: number, toMs: number): void {
    for (let w = 0; w < windows.length; w++) {
      const steps = Math.floor(toMs / lengths[w]!) - Math.floor(fromMs / lengths[w]!)
      if (steps === 0) continue
      for (const kind of [VOLUME, SPAM]) {
        const word = wordOf(entry, w, kind)
        u32[word + 1] = steps === 1 ? u32[word]! : 0
        u32[word] = 0
      }
    }
  }

  function sliding(entry: number, window: number, kind: number): number {
    const nowMs = lastMs(entry)
    const length = lengths[window]!
    const word = wordOf(entry, window, kind)
    return u32[word]! + u32[word + 1]! * (1 - (nowMs % length) / length)
  }

  return {
    state: table.state,
    get bytes() {
      return table.bytes
    },
    meet({ role, kind, from, route }, timeMs) {
      met.route = -1
      met.range = -1
      if (role !== 'origin' || (kind !== 'call.attempt' && kind !== 'message')) return
      const name = route.trunk ?? route.peer ?? route.tap
      if (name !== lastRoute) {
        hashText(name, seed, routeHash)
        lastRoute = name
      }
      met.route = count(routeHash[0]!, routeHash[1]!, timeMs)
      if (!hashRange(from.party, seed, hash)) return
      met.range = count(hash[0]!, hash[1]!, timeMs)
    },
    leave() {
      met.route = -1
      met.range = -1
    },
    markSpam() {
      for (const owner of crowdOwners) {
        if (met[owner] < 0) continue
        for (let w = 0; w < windows.length; w++) u32[wordOf(met[owner], w, SPAM)]!++
      }
    },
    read(owner, index) {
      const entry = met[owner]
      if (entry < 0) return 0
      const window = Math.floor(index / KINDS)
      const volume = index % KINDS === 1 ? 0 : sliding(entry, window, VOLUME)
      if (index % KINDS === 0) return volume
      const spam = sliding(entry, window, SPAM)
      return index % KINDS === 1 ? spam : volume > 0 ? Math.min(1, spam / volume) : 0
    },
  }
}

function wordOf(entry: number, window: number, kind: number): number {
  return (entry >>> 2) + FIRST_WORD + window * WINDOW_WORDS + kind
}

/** Of a number its block, of an address its host; false where a party belongs to no range. */
function hashRange(party: string, seed: number, out: Uint32Array): boolean {
  if (party.charCodeAt(0) === 0x2b) {
    if (party.length <= SHORTEST_NUMBER) return false
    hashText(party.slice(0, -RANGE_DIGITS), seed ^ party.length, out)
    return true
  }
  const at = party.lastIndexOf('@')
  if (at < 0) return false
  hashText(party.slice(at), seed, out)
  return true
}
