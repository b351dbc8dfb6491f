import type { DialogKey } from './fields.ts'
import { createRecent } from './recent.ts'

/** Tells a request from its retransmissions, its further hops and its copies from other taps. */
export interface Repeats {
  /** Was this request of the key's dialog seen within the last one to two minutes? Remembers it when not. */
  has(kind: 'probe' | 'message', key: DialogKey, cseq: number, timeMs: number): boolean
  /** Requests that had been seen. */
  readonly count: number
}

/** 64·T1 twice (RFC 3261 §17.1.2.2): by then the client has given up, and so has the hop behind it. */
const MEMORY_MS = 64_000
const SALTS = { probe: 0x51ed270b, message: 0x2545f491 } as const

/** @param capacity requests remembered at the least, within bounds of 1,024 and 262,144 */
export function createRepeats(capacity: number): Repeats {
  const recent = createRecent(Math.min(262_144, Math.max(1024, capacity)), MEMORY_MS)
  let count = 0
  return {
    has(kind, key, cseq, timeMs) {
      const high = key.callId[0]! ^ Math.imul(key.fromTag, 0x9e3779b1)
      const low = key.callId[1]! ^ Math.imul(cseq + 1, 0x85ebca6b) ^ SALTS[kind]
      if (!recent.seen(high, low, timeMs)) return false
      count++
      return true
    },
    get count() {
      return count
    },
  }
}
