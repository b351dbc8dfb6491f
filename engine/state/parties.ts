import { hashText } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { createEventClock, type EventClock } from './clock.ts'
import { createDirectory, MAX_RECORDS } from './directory.ts'
import { type Cursor, createRecordPages, pagedOf } from './pages.ts'

/** Bytes at the start of every record that belong to the table: hash of the party, time of its last activity. */
export const PARTY_HEADER_BYTES = 16
const HASH_1 = 0
const HASH_2 = 4
const LAST_MS = 8

/** Record 0 is nobody: it holds the table's own numbers, so that they are saved with the pages. */
const HEAD = {
  count: 4,
  top: 5,
  free: 6,
  oldest: 7,
  newest: 8,
  evictedIdle: 5,
  evictedFull: 6,
  clock: 7,
  tallies: 10,
} as const
/** Idle parties let go at each activity, at most: the work of a lull is spread. */
const EXPIRE_AT_ONCE = 2

export interface PartyTableOptions {
  /** Bytes of a record, header included; a multiple of 8, at least 128. */
  readonly recordBytes: number
  /** Names the fields behind the header. */
  readonly layout: string
  /** Keeps hostile party names from choosing their place in the index. */
  readonly seed: number
  readonly maxParties: number
  /** A party with no activity for this long of event time is let go. */
  readonly idleMs: number
  /** How far an event may run ahead of the latest one. */
  readonly maxAheadMs: number
}

export interface PartyTable {
  readonly states: readonly PagedState[]
  readonly parties: number
  readonly evictedIdle: number
  readonly evictedFull: number
  readonly clock: EventClock
  /** Typed-array bytes of records, links and index. */
  readonly bytes: number
  cursor(): Cursor
  /** Puts the cursor on the party's record for reading; false when it has none. */
  find(party: string, cursor: Cursor): boolean
  /** Puts the cursor on the party's record for writing, a zeroed one if it is new (true). The oldest goes when full. */
  obtain(party: string, nowMs: number, cursor: Cursor): boolean
  /** Lets go of parties that have been idle too long, a few at a time. */
  expire(): void
  /** Six numbers of the owner's that are saved with the parties. */
  tally(index: number): number
  count(index: number): void
  /** Time of the last activity of the record under the cursor, ms. */
  lastMs(cursor: Cursor): number
  setLastMs(cursor: Cursor, ms: number): void
  /** Before a party's record is let go. */
  onEvict: (cursor: Cursor) => void
}

/** Parties of one partition: records by name, newest and oldest known, bounded in number and in idle time. */
export function createPartyTable(options: PartyTableOptions): PartyTable {
  const { recordBytes, seed, idleMs } = options
  const maxParties = Math.min(options.maxParties, MAX_RECORDS - 1)
  const records = createRecordPages({
    name: 'parties',
    layout: `${options.layout}/seed:${seed}`,
    recordBytes,
  })
  // Links apart from the records: moving one party to the newest end writes four links, and they share a few pages.
  const links = createRecordPages({ name: 'party-order', layout: 'newer,older', recordBytes: 8, pageShift: 13 })
  const probe = records.cursor()
  const link = links.cursor()
  const self = records.cursor()
  const head = records.cursor()
  const hash = new Uint32Array(4)
  const word = (slot: number, offset: number): number => {
    records.at(probe, slot)
    return probe.u32[(probe.base + offset) >>> 2]!
  }
  const directory = createDirectory({ first: slot => word(slot, HASH_1), second: slot => word(slot, HASH_2) })
  const clock = createEventClock({ f64: head.f64, at: HEAD.clock }, options.maxAheadMs, idleMs / 1000)
  const table: PartyTable = {
    states: [{ ...pagedOf(records), restored: rebuild }, links],
    get parties() {
      return head.u32[HEAD.count]!
    },
    get evictedIdle() {
      return head.f64[HEAD.evictedIdle]!
    },
    get evictedFull() {
      return head.f64[HEAD.evictedFull]!
    },
    clock,
    get bytes() {
      return records.bytes + links.bytes + directory.bytes
    },
    cursor: records.cursor,
    find,
    obtain,
    expire,
    tally: index => head.f64[HEAD.tallies + index]!,
    count(index) {
      head.f64[HEAD.tallies + index]!++
    },
    lastMs: cursor => cursor.f64[(cursor.base + LAST_MS) >>> 3]!,
    setLastMs(cursor, ms) {
      cursor.f64[(cursor.base + LAST_MS) >>> 3] = ms
    },
    onEvict: () => {},
  }
  return table

  function find(party: string, cursor: Cursor): boolean {
    hashText(party, seed, hash)
    const slot = directory.find(hash[0]!, hash[1]!)
    if (slot === 0) return false
    records.at(cursor, slot)
    return true
  }

  function obtain(party: string, nowMs: number, cursor: Cursor): boolean {
    hashText(party, seed, hash)
    const first = hash[0]!
    const second = hash[1]!
    const known = directory.find(first, second)
    if (known !== 0) {
      records.touch(known)
      records.at(cursor, known)
      if (known !== head.u32[HEAD.newest]) {
        unlink(known)
        linkNewest(known)
      }
      return false
    }
    if (head.u32[HEAD.count]! >= maxParties) {
      evict(head.u32[HEAD.oldest]!)
      head.f64[HEAD.evictedFull]!++
    }
    const slot = allocate()
    records.touch(slot)
    records.at(cursor, slot)
    cursor.u8.fill(0, cursor.base, cursor.base + recordBytes)
    cursor.u32[(cursor.base + HASH_1) >>> 2] = first
    cursor.u32[(cursor.base + HASH_2) >>> 2] = second
    cursor.f64[(cursor.base + LAST_MS) >>> 3] = nowMs
    linkNewest(slot)
    directory.insert(first, second, slot)
    return true
  }

  function allocate(): number {
    records.touch(0)
    head.u32[HEAD.count]!++
    const free = head.u32[HEAD.free]!
    if (free !== 0) {
      head.u32[HEAD.free] = newerOf(free)
      return free
    }
    const slot = ++head.u32[HEAD.top]!
    records.ensure(slot + 1)
    links.ensure(slot + 1)
    return slot
  }

  function evict(slot: number): void {
    records.touch(0)
    records.touch(slot)
    records.at(self, slot)
    table.onEvict(self)
    directory.remove(word(slot, HASH_1), word(slot, HASH_2), slot)
    unlink(slot)
    setLink(slot, 0, head.u32[HEAD.free]!)
    self.u8.fill(0, self.base, self.base + recordBytes)
    head.u32[HEAD.free] = slot
    head.u32[HEAD.count]!--
  }

  function expire(): void {
    // Here, because it runs at every activity: clock and tallies live in record 0.
    records.touch(0)
    const before = clock.settledMs - idleMs
    for (let n = 0; n < EXPIRE_AT_ONCE; n++) {
      const oldest = head.u32[HEAD.oldest]!
      if (oldest === 0) return
      records.at(self, oldest)
      if (table.lastMs(self) >= before) return
      evict(oldest)
      head.f64[HEAD.evictedIdle]!++
    }
  }

  /** The index is not saved: every record that is in use has a hash. */
  function rebuild(): void {
    directory.clear()
    const top = head.u32[HEAD.top]!
    for (let slot = 1; slot <= top; slot++) {
      const first = word(slot, HASH_1)
      const second = word(slot, HASH_2)
      if (first !== 0 || second !== 0) directory.insert(first, second, slot)
    }
  }

  function newerOf(slot: number): number {
    links.at(link, slot)
    return link.u32[link.base >>> 2]!
  }

  function olderOf(slot: number): number {
    links.at(link, slot)
    return link.u32[(link.base >>> 2) + 1]!
  }

  /** side 0: the next newer (or the next free), 1: the next older (or itself when free). */
  function setLink(slot: number, side: 0 | 1, value: number): void {
    links.touch(slot)
    links.at(link, slot)
    link.u32[(link.base >>> 2) + side] = value
  }

  function unlink(slot: number): void {
    const newer = newerOf(slot)
    const older = olderOf(slot)
    records.touch(0)
    if (newer === 0) head.u32[HEAD.newest] = older
    else setLink(newer, 1, older)
    if (older === 0) head.u32[HEAD.oldest] = newer
    else setLink(older, 0, newer)
  }

  function linkNewest(slot: number): void {
    const newest = head.u32[HEAD.newest]!
    setLink(slot, 0, 0)
    setLink(slot, 1, newest)
    if (newest === 0) head.u32[HEAD.oldest] = slot
    else setLink(newest, 0, slot)
    head.u32[HEAD.newest] = slot
  }
}
