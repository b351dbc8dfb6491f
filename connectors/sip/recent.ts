import { type Hash128, hashBytes } from '../../engine/hash/index.ts'

/** Remembers what was seen lately, in bounded memory. */
export interface Recent {
  /** Has this key been added within the last one to two periods? Adds it when not. */
  seen(high: number, low: number, timeMs: number): boolean
  readonly size: number
}

/**
 * Two generations of an open-addressed table of 64-bit keys: after a period (or when it is full) the young one becomes the
 * old one. What is forgotten is only that a duplicate is one: ids are equal, so the engine still counts it once.
 * @param capacity keys a generation holds; a power of two is allocated at twice that
 */
export function createRecent(capacity: number, periodMs: number): Recent {
  const slots = 2 ** Math.ceil(Math.log2(Math.max(16, capacity * 2)))
  const mask = slots - 1
  let young = new Uint32Array(slots * 2)
  let old = new Uint32Array(slots * 2)
  let count = 0
  let oldCount = 0
  let turnedMs = Number.NEGATIVE_INFINITY

  function turn(timeMs: number): void {
    const spare = old
    old = young
    young = spare.fill(0)
    oldCount = count
    count = 0
    turnedMs = timeMs
  }
  function has(table: Uint32Array, high: number, low: number): boolean {
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const h = table[slot * 2]!
      const l = table[slot * 2 + 1]!
      if (h === 0 && l === 0) return false
      if (h === high && l === low) return true
    }
  }
  return {
    seen(highWord, lowWord, timeMs) {
      const high = highWord >>> 0
      const low = lowWord >>> 0 || 1
      if (timeMs - turnedMs >= periodMs) {
        const isLongOver = timeMs - turnedMs >= 2 * periodMs
        turn(timeMs)
        // Nothing came for a whole period: what the older half holds is older than two.
        if (isLongOver && oldCount > 0) turn(timeMs)
      } else if (count >= capacity) turn(timeMs)
      if (has(young, high, low) || has(old, high, low)) return true
      let slot = low & mask
      while (young[slot * 2] !== 0 || young[slot * 2 + 1] !== 0) slot = (slot + 1) & mask
      young[slot * 2] = high
      young[slot * 2 + 1] = low
      count++
      return false
    },
    get size() {
      return count + oldCount
    },
  }
}

const out: Hash128 = new Uint32Array(4)

/** 32 bits of the hash of `bytes[start, end)`, never 0: for tags and branches, where 0 means none. */
export function hash32(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return 0
  hashBytes(bytes, start, end, 0, out)
  return out[0]! | 0 || 1
}
