import type { MemberSet } from './kinds.ts'
import { type Intervals, inIntervals, sortedSet, sortedUnique } from './sorted.ts'

const MAX_DIGITS = 15
const PLUS = 43

/** Digits of an E.164 party (`+33123456789`, the + may be missing) as an integer; -1 for anything else. */
export function numberValue(party: string): number {
  const start = party.charCodeAt(0) === PLUS ? 1 : 0
  const length = party.length - start
  if (length < 1 || length > MAX_DIGITS) return -1
  let value = 0
  for (let i = start; i < party.length; i++) {
    const digit = party.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  // A leading zero would make "+0123" and "+123" one; no country code begins with it, so only the short code "0…" is lost.
  return party.charCodeAt(start) === 48 ? -1 : value
}

/** The same of the bytes `[from, to)`: lists of millions are read without a string an entry. */
export function numberValueOf(bytes: Uint8Array, from: number, to: number): number {
  const start = bytes[from] === PLUS ? from + 1 : from
  const length = to - start
  if (length < 1 || length > MAX_DIGITS || bytes[start] === 48) return -1
  let value = 0
  for (let i = start; i < to; i++) {
    const digit = bytes[i]! - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** Exact parties: numbers compactly, all others (addresses, opaque ids) as text. */
export function numberSet(values: Float64Array, others: ReadonlySet<string>): MemberSet {
  const unique = sortedUnique(values)
  const sorted = sortedSet(unique)
  return {
    kind: 'numbers',
    size: sorted.size + others.size,
    bytes: sorted.bytes,
    has(party) {
      const value = numberValue(party)
      return value >= 0 ? sorted.has(value) : others.has(party)
    },
    each(visit) {
      for (const value of unique) visit(`+${value}`)
      for (const party of others) visit(party)
    },
  }
}

/** Ranges of numbers, both ends included; a range holds only numbers with as many digits as its ends. */
export function rangeSet(intervals: Intervals, entries: number): MemberSet {
  return {
    kind: 'ranges',
    size: entries,
    bytes: intervals.starts.byteLength + intervals.ends.byteLength,
    has(party) {
      const value = numberValue(party)
      return value >= 0 && inIntervals(intervals, value)
    },
  }
}

/**
 * Prefixes of numbers: one sorted array for each length that occurs, at most fifteen binary searches a look-up.
 * Tried: a digit trie in an Int32Array, 40 B a node and four times the memory at a million prefixes, no faster.
 */
export function prefixSet(byLength: ReadonlyMap<number, Float64Array>): MemberSet {
  const lengths = [...byLength.keys()].sort((a, b) => a - b)
  const tables = lengths.map(length => sortedSet(sortedUnique(byLength.get(length)!)))
  return {
    kind: 'prefixes',
    size: tables.reduce((sum, table) => sum + table.size, 0),
    bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    has(party) {
      const value = numberValue(party)
      if (value < 0) return false
      const digits = party.length - (party.charCodeAt(0) === PLUS ? 1 : 0)
      for (let i = 0; i < lengths.length; i++) {
        const length = lengths[i]!
        if (length > digits) return false
        if (tables[i]!.has(Math.floor(value / 10 ** (digits - length)))) return true
      }
      return false
    },
  }
}
