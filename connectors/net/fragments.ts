import type { Cursor, NetDropReason } from './cursor.ts'

export interface FragmentLimits {
  /** Datagrams in reassembly at once; default 1,024. */
  readonly maxDatagrams?: number
  /** Bytes held by them together; default 16 MiB. */
  readonly maxBytes?: number
  /** A datagram not complete after this long is given up; default 30 s, as Linux does. */
  readonly timeoutMs?: number
}

/** Puts IP fragments together. */
export interface Fragments {
  /**
   * Adds the fragment at `c.at..c.end`; `whole` is false when the capture cut it short.
   * When `complete`, the cursor stands on the reassembled payload, whose bytes are the reassembler's until the next call.
   */
  add(
    c: Cursor,
    id: number,
    offset: number,
    more: boolean,
    whole: boolean,
  ): 'waiting' | 'complete' | Extract<NetDropReason, 'fragment-overlap' | 'fragment-overflow' | 'bad-ip'>
  /** Datagrams given up since the last call: for the counters. */
  takeExpired(): number
  readonly pending: number
}

interface Datagram {
  bytes: Uint8Array
  /** Sorted, disjoint [start, end) pairs of what has arrived. */
  readonly ranges: number[]
  /** Length, known once the last fragment is there; -1 before. */
  total: number
  readonly firstMs: number
}

const MAX_PAYLOAD_BYTES = 65_535

/**
 * Keyed by addresses, protocol and identification (RFC 791 clause 3.2, RFC 8200 clause 4.5). Bytes that came first stay
 * (an overlap is an evasion, not news); an IPv6 datagram whose fragments overlap is given up (RFC 5722), an exact
 * duplicate is not an overlap. The oldest datagram makes room when a bound is reached.
 */
export function createFragments(limits: FragmentLimits = {}): Fragments {
  const maxDatagrams = limits.maxDatagrams ?? 1024
  const maxBytes = limits.maxBytes ?? 16 << 20
  const timeoutMs = limits.timeoutMs ?? 30_000
  const datagrams = new Map<string, Datagram>()
  let held = 0
  let expired = 0

  const remove = (key: string, datagram: Datagram) => {
    datagrams.delete(key)
    held -= datagram.bytes.length
  }
  const makeRoom = (nowMs: number, wanted: number) => {
    for (const [key, datagram] of datagrams) {
      const old = nowMs - datagram.firstMs > timeoutMs
      if (!old && datagrams.size < maxDatagrams && held + wanted <= maxBytes) return
      remove(key, datagram)
      expired++
    }
  }

  return {
    add(c, id, offset, more, whole) {
      const length = c.end - c.at
      const end = offset + length
      if (end > MAX_PAYLOAD_BYTES) return 'fragment-overflow'
      // Every fragment but the last is a multiple of eight bytes; an empty one is an attack on reassemblers.
      if (length <= 0 || (more && whole && length % 8 !== 0)) return 'bad-ip'
      const key = `${c.envelope.source} ${c.envelope.destination} ${c.type} ${id}`
      let datagram = datagrams.get(key)
      if (datagram !== undefined && c.envelope.timeMs - datagram.firstMs > timeoutMs) {
        remove(key, datagram)
        expired++
        datagram = undefined
      }
      if (datagram === undefined) {
        const size = Math.max(2048, nextPowerOfTwo(end))
        makeRoom(c.envelope.timeMs, size)
        datagram = { bytes: new Uint8Array(size), ranges: [], total: -1, firstMs: c.envelope.timeMs }
        datagrams.set(key, datagram)
        held += size
      } else if (end > datagram.bytes.length) {
        const grown = new Uint8Array(nextPowerOfTwo(end))
        if (held + grown.length - datagram.bytes.length > maxBytes) {
          remove(key, datagram)
          return 'fragment-overflow'
        }
        grown.set(datagram.bytes)
        held += grown.length - datagram.bytes.length
        datagram.bytes = grown
      }
      const clash = place(datagram, c.bytes, c.at, offset, end)
      if (clash && c.envelope.source.includes(':')) {
        remove(key, datagram)
        return 'fragment-overlap'
      }
      if (!more && datagram.total < 0) datagram.total = end
      const { ranges, total } = datagram
      if (total < 0 || ranges[0] !== 0 || ranges[1]! < total) return 'waiting'
      remove(key, datagram)
      c.bytes = datagram.bytes
      c.at = 0
      c.end = total
      return 'complete'
    },
    takeExpired() {
      const count = expired
      expired = 0
      return count
    },
    get pending() {
      return datagrams.size
    },
  }
}

/** Copies what has not arrived yet; true when the fragment overlaps, without being the same range again. */
function place(datagram: Datagram, bytes: Uint8Array, from: number, start: number, end: number): boolean {
  const { ranges } = datagram
  const merged: number[] = []
  let at = start
  let low = start
  let high = end
  let clash = false
  for (let i = 0; i < ranges.length; i += 2) {
    const a = ranges[i]!
    const b = ranges[i + 1]!
    if (b < start || a > end) {
      merged.push(a, b)
      continue
    }
    if (Math.max(a, start) < Math.min(b, end) && !(a <= start && b >= end)) clash = true
    if (a > at) datagram.bytes.set(bytes.subarray(from + at - start, from + Math.min(a, end) - start), at)
    at = Math.max(at, b)
    low = Math.min(low, a)
    high = Math.max(high, b)
  }
  if (at < end) datagram.bytes.set(bytes.subarray(from + at - start, from + end - start), at)
  let i = 0
  while (i < merged.length && merged[i]! < low) i += 2
  merged.splice(i, 0, low, high)
  ranges.length = 0
  for (const edge of merged) ranges.push(edge)
  return clash
}

function nextPowerOfTwo(value: number): number {
  let power = 2048
  while (power < value) power *= 2
  return power
}
