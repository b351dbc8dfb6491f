import { type Action, actions, type Reputation, severityOf } from '../activity/index.ts'
import { createIndexTable } from './index-table.ts'
import { keyOfParty, partyOfKey } from './key.ts'
import { createNames } from './names.ts'

/** What is held of a party: enough to decide; the whole record is on the log, at `partition` and `offset`. */
export interface HeldReputation {
  readonly party: string
  /** As published; `expiresMs` says when it has faded. */
  readonly action: Action
  readonly score: number
  readonly category: string | undefined
  readonly timeMs: number
  /** 0: no end was named. */
  readonly expiresMs: number
  /** The weightiest symbols, at most four. */
  readonly reasons: readonly { readonly symbol: string; readonly score: number }[]
  readonly shield:
    | { readonly action: Action; readonly category: string | undefined; readonly untilMs: number }
    | undefined
  readonly partition: number
  readonly offset: number
}

export interface ViewCounters {
  readonly parties: number
  readonly bytes: number
  /** Records that found no place: the view was full of parties with a standing. */
  readonly refused: number
  readonly evicted: number
}

/** The compacted reputation topic in memory. */
export interface ReputationView {
  find(party: string): HeldReputation | undefined
  /** Takes a record in, in place of the one before. `nowMs` says what has faded when room is needed. */
  apply(record: Reputation, partition: number, offset: number, nowMs: number): void
  remove(party: string): void
  /** Forgets all of a partition: it will be read again from its beginning. */
  clear(): void
  /** Every party at or above an action that has not faded, in no order; stops when `visit` gives false. */
  each(atLeast: Action, nowMs: number, visit: (held: HeldReputation) => boolean | undefined): void
  /** The same, a page at a time from a slot; `next` is where to go on. */
  page(
    atLeast: Action,
    nowMs: number,
    from: number,
    limit: number,
  ): { readonly items: readonly HeldReputation[]; readonly next: number | undefined }
  readonly counters: ViewCounters
}

const PAGE = 65_536
const REASONS = 4
const TEXT_KEY = -1
const FREE_KEY = -2

/** One page of parties, a typed array a field: 54 bytes a party and no object for the garbage collector to visit. */
interface Page {
  readonly key: Float64Array
  readonly offset: Float64Array
  readonly time: Uint32Array
  readonly expires: Uint32Array
  readonly shieldUntil: Uint32Array
  readonly score: Float32Array
  readonly partition: Uint16Array
  readonly category: Uint16Array
  readonly shieldCategory: Uint16Array
  readonly symbols: Uint16Array
  /** Hundredths, clamped: a reason's weight is shown, not summed. */
  readonly weights: Int16Array
  readonly action: Uint8Array
  readonly shieldAction: Uint8Array
}

function createPage(): Page {
  return {
    key: new Float64Array(PAGE).fill(FREE_KEY),
    offset: new Float64Array(PAGE),
    time: new Uint32Array(PAGE),
    expires: new Uint32Array(PAGE),
    shieldUntil: new Uint32Array(PAGE),
    score: new Float32Array(PAGE),
    partition: new Uint16Array(PAGE),
    category: new Uint16Array(PAGE),
    shieldCategory: new Uint16Array(PAGE),
    symbols: new Uint16Array(PAGE * REASONS),
    weights: new Int16Array(PAGE * REASONS),
    action: new Uint8Array(PAGE),
    shieldAction: new Uint8Array(PAGE),
  }
}

const pageBytes = Object.values(createPage()).reduce((sum: number, array) => sum + array.byteLength, 0)
/** What a party that is no number costs beyond its slot: its text and two map entries, as measured. */
const TEXT_BYTES = 180

/**
 * A view for at most `maxParties`. Pages are added one at a time, so growing copies nothing; measured with five million
 * numbers: see docs/benchmarks.md, `decide`.
 */
export function createReputationView(maxParties: number): ReputationView {
  let pages: Page[] = []
  let index = createIndexTable(keyAt)
  let texts = new Map<string, number>()
  let textAt = new Map<number, string>()
  let free: number[] = []
  let used = 0
  let refused = 0
  let evicted = 0
  let sweepFrom = 0
  const names = createNames()

  function keyAt(slot: number): number {
    return pages[(slot / PAGE) | 0]!.key[slot % PAGE]!
  }

  function slotOf(party: string): number {
    const key = keyOfParty(party)
    return key >= 0 ? index.get(key) : (texts.get(party) ?? -1)
  }

  function release(slot: number): void {
    const key = keyAt(slot)
    if (key >= 0) index.remove(key)
    else {
      texts.delete(textAt.get(slot)!)
      textAt.delete(slot)
    }
    pages[(slot / PAGE) | 0]!.key[slot % PAGE] = FREE_KEY
    free.push(slot)
  }

  /** Looks through some slots for parties without a standing: a full view must not make every record look at all. */
  function evict(nowS: number): boolean {
    for (let looked = 0; looked < 4096 && looked < used; looked++) {
      const slot = sweepFrom
      sweepFrom = (sweepFrom + 1) % used
      const page = pages[(slot / PAGE) | 0]!
      const i = slot % PAGE
      if (page.key[i] === FREE_KEY || stands(page, i, nowS)) continue
      release(slot)
      evicted++
      return true
    }
    return false
  }

  function open(party: string, nowS: number): number {
    if (index.size + texts.size >= maxParties && !evict(nowS)) return -1
    const slot = free.pop() ?? used++
    if (slot >= pages.length * PAGE) pages.push(createPage())
    const key = keyOfParty(party)
    pages[(slot / PAGE) | 0]!.key[slot % PAGE] = key >= 0 ? key : TEXT_KEY
    if (key >= 0) index.add(key, slot)
    else {
      texts.set(party, slot)
      textAt.set(slot, party)
    }
    return slot
  }

  function heldAt(slot: number, party: string): HeldReputation {
    const page = pages[(slot / PAGE) | 0]!
    const i = slot % PAGE
    const reasons: { symbol: string; score: number }[] = []
    for (let r = i * REASONS; r < i * REASONS + REASONS; r++) {
      const symbol = names.nameOf(page.symbols[r]!)
      if (symbol !== undefined) reasons.push({ symbol, score: page.weights[r]! / 100 })
    }
    const untilS = page.shieldUntil[i]!
    return {
      party,
      action: actions[page.action[i]!]!,
      score: Math.round(page.score[i]! * 1000) / 1000,
      category: names.nameOf(page.category[i]!),
      timeMs: page.time[i]! * 1000,
      expiresMs: page.expires[i]! * 1000,
      reasons,
      shield:
        untilS === 0
          ? undefined
          : {
              action: actions[page.shieldAction[i]!]!,
              category: names.nameOf(page.shieldCategory[i]!),
              untilMs: untilS * 1000,
            },
      partition: page.partition[i]!,
      offset: page.offset[i]!,
    }
  }

  /** Visits from a slot until `visit` gives false or all were seen; gives the slot after the last visited. */
  function walk(
    from: number,
    atLeast: Action,
    nowMs: number,
    visit: (held: HeldReputation) => boolean | undefined,
  ): number {
    const least = severityOf(atLeast)
    for (let slot = from; slot < used; slot++) {
      const page = pages[(slot / PAGE) | 0]!
      const i = slot % PAGE
      const key = page.key[i]!
      if (key === FREE_KEY || page.action[i]! < least) continue
      if (page.expires[i]! !== 0 && page.expires[i]! * 1000 <= nowMs) continue
      if (visit(heldAt(slot, key >= 0 ? partyOfKey(key) : textAt.get(slot)!)) === false) return slot + 1
    }
    return used
  }

  return {
    find(party) {
      const slot = slotOf(party)
      return slot < 0 ? undefined : heldAt(slot, party)
    },
    apply(record, partition, offset, nowMs) {
      let slot = slotOf(record.party)
      if (slot < 0) slot = open(record.party, nowMs / 1000)
      if (slot < 0) {
        refused++
        return
      }
      const page = pages[(slot / PAGE) | 0]!
      const i = slot % PAGE
      page.offset[i] = offset
      page.partition[i] = partition
      page.time[i] = record.time / 1000
      page.expires[i] = Math.ceil((record.expires ?? 0) / 1000)
      page.score[i] = record.score
      page.action[i] = severityOf(record.action)
      page.category[i] = names.codeOf(record.category)
      const { shield } = record
      page.shieldUntil[i] = shield === undefined ? 0 : Math.ceil(shield.until / 1000)
      page.shieldAction[i] = shield === undefined ? 0 : severityOf(shield.action)
      page.shieldCategory[i] = names.codeOf(shield?.category)
      for (let r = 0; r < REASONS; r++) {
        // Published heaviest first; a shadow symbol weighs nothing and is no reason.
        const reason = record.reasons[r]
        const counts = reason !== undefined && reason.state === 'enforce'
        page.symbols[i * REASONS + r] = counts ? names.codeOf(reason.symbol) : 0
        page.weights[i * REASONS + r] = counts ? Math.max(-32_768, Math.min(32_767, Math.round(reason.score * 100))) : 0
      }
    },
    remove(party) {
      const slot = slotOf(party)
      if (slot >= 0) release(slot)
    },
    clear() {
      pages = []
      index = createIndexTable(keyAt)
      texts = new Map()
      textAt = new Map()
      free = []
      used = 0
      sweepFrom = 0
    },
    each(atLeast, nowMs, visit) {
      walk(0, atLeast, nowMs, visit)
    },
    page(atLeast, nowMs, from, limit) {
      const items: HeldReputation[] = []
      const next = walk(from, atLeast, nowMs, held => items.push(held) < limit)
      return { items, next: next < used ? next : undefined }
    },
    get counters() {
      return {
        parties: index.size + texts.size,
        bytes: pages.length * pageBytes + index.bytes + texts.size * TEXT_BYTES,
        refused,
        evicted,
      }
    },
  }
}

/** Has the party a standing of either side that has not faded? */
function stands(page: Page, i: number, nowS: number): boolean {
  const isNoted = page.action[i]! > 0 && (page.expires[i] === 0 || page.expires[i]! > nowS)
  return isNoted || page.shieldUntil[i]! > nowS
}
