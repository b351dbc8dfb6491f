import { hashText } from '../hash/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { CLOCK_CELLS, createEventClock, type EventClock } from './clock.ts'
import { createDirectory, MAX_RECORDS } from './directory.ts'
import { type Cursor, createRecordPages, pagedOf } from './pages.ts'
import { keepWarm, WARM } from './warm.ts'

/** Bytes at the start of every record that belong to the table: hash of the party, time of its last activity. */
export const PARTY_HEADER_BYTES = 16
const HASH_1 = 0
const HASH_2 = 4
const LAST_MS = 8

/**
 * Record 0 is nobody: it holds the table's own numbers, so that they are saved with the pages.
 * The first five are 32-bit words, the others 64-bit floats.
 */
const HEAD = {
  count: 4,
  top: 5,
  free: 6,
  hand: 7,
  turn: 8,
  evictedIdle: 5,
  evictedFull: 6,
  clock: 7,
  tallies: 7 + CLOCK_CELLS,
} as const

/** Records looked at when a place is needed. */
const CHOICE = 32
/**
 * For idleness one record an activity is looked at, but so many at a time at every so-manieth activity: each lies in a
 * cache line of its own, and together the waits for memory overlap (3 % of an activity's time).
 */
const SWEEP = 32
/** Parties foreseen and never asked for that are passed over at most. */
const LOOK_AHEAD = 4

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
  readonly state: PagedState
  readonly parties: number
  readonly evictedIdle: number
  readonly evictedFull: number
  readonly clock: EventClock
  /** Typed-array bytes of records and index. */
  readonly bytes: number
  cursor(): Cursor
  /**
   * Brings the records of parties that are about to be asked for, in that order, from memory into the caches. Changes
   * nothing but time: alone, every record is waited for; together the waits overlap.
   */
  warm(parties: readonly string[]): void
  /** Puts the cursor on the party's record for reading; false when it has none. */
  find(party: string, cursor: Cursor): boolean
  /** Puts the cursor on the party's record for writing, a zeroed one if it is new (true). */
  obtain(party: string, nowMs: number, cursor: Cursor): boolean
  /** Lets go of parties that have been idle too long, a few at a time. Runs before every activity. */
  expire(): void
  /** Six numbers of the owner's that are saved with the parties. */
  tally(index: number): number
  count(index: number): void
  /** First word of the hash of the party under the cursor. */
  hashOf(cursor: Cursor): number
  /** Time of the last activity of the record under the cursor, ms. */
  lastMs(cursor: Cursor): number
  setLastMs(cursor: Cursor, ms: number): void
  /** Before a party's record is let go. */
  onEvict: (cursor: Cursor) => void
}

/**
 * Parties of one partition: records by name, bounded in number and in idle time.
 * Who goes is decided by a hand that goes round the records: what it finds idle too long goes; when the table is full,
 * the one idle longest of the next 32. An exact order would cost 8 bytes a party and four scattered writes an activity.
 */
export function createPartyTable(options: PartyTableOptions): PartyTable {
  const { recordBytes, seed, idleMs } = options
  const maxParties = Math.max(1, Math.min(options.maxParties, MAX_RECORDS - 1))
  const records = createRecordPages({
    name: 'parties',
    layout: `${options.layout}/seed:${seed}`,
    recordBytes,
    most: maxParties + 1,
  })
  const self = records.cursor()
  const head = records.cursor()
  const hash = new Uint32Array(4)
  // What is known of the parties that were warmed: names, hashes, the records that are most likely theirs.
  const names: string[] = new Array(WARM).fill('')
  const slots = new Uint32Array(WARM)
  const firsts = new Uint32Array(WARM)
  const seconds = new Uint32Array(WARM)
  let foreseen = 0
  let asked = 0
  // Taken off the tables once, here and wherever state is kept: V8 holds objects with getters as hash tables from the second
  // one of a kind on, and each read of such a method is a look-up.
  const { word, at, touch, skim, ensure } = records
  const directory = createDirectory({ first: slot => word(slot, HASH_1), second: slot => word(slot, HASH_2) })
  const { guess, find: findSlot, insert, remove, clear } = directory
  const clock = createEventClock({ f64: head.f64, at: HEAD.clock }, options.maxAheadMs, idleMs / 1000)
  const table: PartyTable = {
    state: { ...pagedOf(records), restored: rebuild },
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
      return records.bytes + directory.bytes
    },
    cursor: records.cursor,
    warm,
    find,
    obtain,
    expire,
    tally: index => head.f64[HEAD.tallies + index]!,
    count(index) {
      head.f64[HEAD.tallies + index]!++
    },
    hashOf: cursor => cursor.u32[(cursor.base + HASH_1) >>> 2]!,
    lastMs,
    setLastMs(cursor, ms) {
      cursor.f64[(cursor.base + LAST_MS) >>> 3] = ms
    },
    onEvict: () => {},
  }
  return table

  function lastMs(cursor: Cursor): number {
    return cursor.f64[(cursor.base + LAST_MS) >>> 3]!
  }

  function hashParty(party: string): void {
    hashText(party, seed, hash)
    // Two zeros mark a free record.
    if (hash[0] === 0 && hash[1] === 0) hash[1] = 1
  }

  function warm(parties: readonly string[]): void {
    asked = 0
    foreseen = Math.min(parties.length, WARM)
    // One loop a step, each with nothing to wait for but memory: the processor runs a dozen of its turns at once.
    for (let i = 0; i < foreseen; i++) {
      names[i] = parties[i]!
      hashParty(parties[i]!)
      firsts[i] = hash[0]!
      seconds[i] = hash[1]!
    }
    for (let i = 0; i < foreseen; i++) slots[i] = guess(firsts[i]!, seconds[i]!)
    keepWarm(skim(slots, foreseen))
  }

  /** Record of the party, 0 for none; `hash` is its hash then. A record that was guessed is it where its hash says so. */
  function locate(party: string): number {
    for (let i = asked, end = Math.min(foreseen, asked + LOOK_AHEAD); i < end; i++) {
      if (names[i] !== party) continue
      asked = i + 1
      hash[0] = firsts[i]!
      hash[1] = seconds[i]!
      const slot = slots[i]!
      if (slot !== 0 && word(slot, HASH_1) === hash[0] && word(slot, HASH_2) === hash[1]) return slot
      return findSlot(hash[0]!, hash[1]!)
    }
    hashParty(party)
    return findSlot(hash[0]!, hash[1]!)
  }

  function find(party: string, cursor: Cursor): boolean {
    const slot = locate(party)
    if (slot === 0) return false
    at(cursor, slot)
    return true
  }

  function obtain(party: string, nowMs: number, cursor: Cursor): boolean {
    const known = locate(party)
    const first = hash[0]!
    const second = hash[1]!
    if (known !== 0) {
      touch(known)
      at(cursor, known)
      return false
    }
    if (head.u32[HEAD.count]! >= maxParties) makeRoom()
    const slot = allocate()
    touch(slot)
    at(cursor, slot)
    cursor.u8.fill(0, cursor.base, cursor.base + recordBytes)
    cursor.u32[(cursor.base + HASH_1) >>> 2] = first
    cursor.u32[(cursor.base + HASH_2) >>> 2] = second
    cursor.f64[(cursor.base + LAST_MS) >>> 3] = nowMs
    insert(first, second, slot)
    return true
  }

  function allocate(): number {
    touch(0)
    head.u32[HEAD.count]!++
    const free = head.u32[HEAD.free]!
    if (free !== 0) {
      at(self, free)
      head.u32[HEAD.free] = self.u32[(self.base + LAST_MS) >>> 2]!
      return free
    }
    const slot = ++head.u32[HEAD.top]!
    ensure(slot + 1)
    return slot
  }

  function evict(slot: number): void {
    touch(0)
    touch(slot)
    at(self, slot)
    table.onEvict(self)
    remove(word(slot, HASH_1), word(slot, HASH_2), slot)
    self.u8.fill(0, self.base, self.base + recordBytes)
    self.u32[(self.base + LAST_MS) >>> 2] = head.u32[HEAD.free]!
    head.u32[HEAD.free] = slot
    head.u32[HEAD.count]!--
  }

  /** Moves the hand on by one; the record it is on now, or 0 when that is free. */
  function advance(): number {
    const next = head.u32[HEAD.hand]! + 1
    const slot = next > head.u32[HEAD.top]! ? 1 : next
    head.u32[HEAD.hand] = slot
    at(self, slot)
    return self.u32[(self.base + HASH_1) >>> 2] === 0 && self.u32[(self.base + HASH_2) >>> 2] === 0 ? 0 : slot
  }

  function makeRoom(): void {
    let oldest = 0
    let oldestMs = Number.POSITIVE_INFINITY
    // Free records do not count as a look: the table is full, so there are few.
    for (let looks = 0, steps = 0; looks < CHOICE && steps < 2 * CHOICE + maxParties; steps++) {
      const slot = advance()
      if (slot === 0) continue
      looks++
      if (lastMs(self) >= oldestMs) continue
      oldest = slot
      oldestMs = lastMs(self)
    }
    evict(oldest)
    head.f64[HEAD.evictedFull]!++
  }

  function expire(): void {
    // Here, because it runs at every activity: clock, hand and tallies live in record 0.
    touch(0)
    if (++head.u32[HEAD.turn]! < SWEEP) return
    head.u32[HEAD.turn] = 0
    const tooOldMs = clock.settledMs - idleMs
    for (let looks = 0; looks < SWEEP && head.u32[HEAD.count] !== 0; looks++) {
      const slot = advance()
      if (slot === 0 || lastMs(self) >= tooOldMs) continue
      evict(slot)
      head.f64[HEAD.evictedIdle]!++
    }
  }

  /** The index is not saved: every record that is in use has a hash. */
  function rebuild(): void {
    clear()
    foreseen = 0
    const top = head.u32[HEAD.top]!
    for (let slot = 1; slot <= top; slot++) {
      const first = word(slot, HASH_1)
      const second = word(slot, HASH_2)
      if (first !== 0 || second !== 0) insert(first, second, slot)
    }
  }
}
