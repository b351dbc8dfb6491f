import type { MemberSet } from './kinds.ts'
import { inIntervals, mergeIntervals } from './sorted.ts'

/** An address or CIDR block as an interval: of doubles for IPv4, of big integers for IPv6. */
export type Block =
  | { readonly family: 4; readonly start: number; readonly end: number }
  | { readonly family: 6; readonly start: bigint; readonly end: bigint }

/** Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`; undefined when it is none of these. IPv4-mapped IPv6 is IPv4. */
export function readBlock(text: string): Block | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const bits = slash < 0 ? undefined : readBits(text.slice(slash + 1))
  if (Number.isNaN(bits)) return undefined
  const v4 = readIpv4(address.startsWith('::ffff:') ? address.slice(7) : address)
  if (v4 !== undefined) {
    const width = bits ?? 32
    if (width > 32) return undefined
    const size = 2 ** (32 - width)
    const start = v4 - (v4 % size)
    return { family: 4, start, end: start + size - 1 }
  }
  const v6 = readIpv6(address)
  const width = bits ?? 128
  if (v6 === undefined || width > 128) return undefined
  const size = 1n << BigInt(128 - width)
  const start = v6 - (v6 % size)
  return { family: 6, start, end: start + size - 1n }
}

function readBits(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
}

/** Dotted quad as a number below 2^32; undefined when it is not one. No allocation: peers are looked up per activity. */
function readIpv4(text: string): number | undefined {
  let value = 0
  let part = -1
  let parts = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? 46 : text.charCodeAt(i)
    if (code === 46) {
      if (part < 0 || part > 255) return undefined
      value = value * 256 + part
      part = -1
      parts++
    } else if (code >= 48 && code <= 57) part = (part < 0 ? 0 : part * 10) + code - 48
    else return undefined
  }
  return parts === 4 ? value : undefined
}

function readIpv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2 || !text.includes(':')) return undefined
  const head = halves[0] === '' ? [] : halves[0]!.split(':')
  const tail = halves.length < 2 || halves[1] === '' ? [] : halves[1]!.split(':')
  const gap = 8 - head.length - tail.length
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined
  let value = 0n
  for (const group of [...head, ...Array<string>(gap).fill('0'), ...tail]) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined
    value = (value << 16n) | BigInt(Number.parseInt(group, 16))
  }
  return value
}

/** Blocks of addresses, merged; look-up by binary search. */
export function addressSet(blocks: readonly Block[]): MemberSet {
  const v4 = blocks.filter(block => block.family === 4)
  const intervals = mergeIntervals(
    v4.map(block => block.start),
    v4.map(block => block.end),
  )
  const v6 = blocks.filter(block => block.family === 6).sort((a, b) => (a.start < b.start ? -1 : 1))
  const merged: { start: bigint; end: bigint }[] = []
  for (const block of v6) {
    const last = merged.at(-1)
    if (last === undefined || block.start > last.end + 1n) merged.push({ start: block.start, end: block.end })
    else if (block.end > last.end) last.end = block.end
  }
  return {
    kind: 'addresses',
    size: blocks.length,
    bytes: intervals.starts.byteLength + intervals.ends.byteLength + merged.length * 64,
    has(text) {
      const value = readIpv4(text)
      if (value !== undefined) return inIntervals(intervals, value)
      const block = merged.length > 0 || text.startsWith('::ffff:') ? readBlock(text) : undefined
      if (block === undefined) return false
      return block.family === 4 ? inIntervals(intervals, block.start) : inMerged(merged, block.start)
    },
  }
}

function inMerged(blocks: readonly { start: bigint; end: bigint }[], value: bigint): boolean {
  let low = 0
  let high = blocks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (blocks[middle]!.start <= value) low = middle + 1
    else high = middle
  }
  return low > 0 && value <= blocks[low - 1]!.end
}
