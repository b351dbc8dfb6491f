/**
 * MurmurHash3 x86 128-bit (Appleby, public domain, 2011): four 32-bit multiplications for 16 bytes, no BigInt, no
 * allocation. For ids and table look-ups, not for secrecy; tables that hostile input fills are seeded.
 * Tried: node:crypto md5 is 1.4 µs for a 40-byte key against 0.12 µs here.
 */

const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0

/** 128 bits as four unsigned 32-bit words. */
export type Hash128 = Uint32Array

const scratch = new Uint8Array(4096)
const encoder = new TextEncoder()

/** Hashes `bytes[start, end)` into `out[0..3]`. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number, out: Hash128): void {
  let h1 = seed | 0
  let h2 = seed | 0
  let h3 = seed | 0
  let h4 = seed | 0
  const length = end - start
  const blocksEnd = start + (length & ~15)
  for (let i = start; i < blocksEnd; i += 16) {
    h1 ^= Math.imul(rotl(Math.imul(word(bytes, i), C1), 15), C2)
    h1 = (Math.imul((rotl(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    h2 ^= Math.imul(rotl(Math.imul(word(bytes, i + 4), C2), 16), C3)
    h2 = (Math.imul((rotl(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    h3 ^= Math.imul(rotl(Math.imul(word(bytes, i + 8), C3), 17), C4)
    h3 = (Math.imul((rotl(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    h4 ^= Math.imul(rotl(Math.imul(word(bytes, i + 12), C4), 18), C1)
    h4 = (Math.imul((rotl(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }
  h4 ^= Math.imul(rotl(Math.imul(tail(bytes, blocksEnd + 12, end), C4), 18), C1)
  h3 ^= Math.imul(rotl(Math.imul(tail(bytes, blocksEnd + 8, end), C3), 17), C4)
  h2 ^= Math.imul(rotl(Math.imul(tail(bytes, blocksEnd + 4, end), C2), 16), C3)
  h1 ^= Math.imul(rotl(Math.imul(tail(bytes, blocksEnd, end), C1), 15), C2)
  finish(h1 ^ length, h2 ^ length, h3 ^ length, h4 ^ length, out)
}

/** Hashes the UTF-8 form of `text`: equal to `hashBytes` of the same bytes. */
export function hashText(text: string, seed: number, out: Hash128): void {
  const length = text.length
  if (length > scratch.length) {
    const bytes = encoder.encode(text)
    hashBytes(bytes, 0, bytes.length, seed, out)
    return
  }
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) {
      const bytes = encoder.encode(text)
      hashBytes(bytes, 0, bytes.length, seed, out)
      return
    }
    scratch[i] = code
  }
  hashBytes(scratch, 0, length, seed, out)
}

function finish(k1: number, k2: number, k3: number, k4: number, out: Hash128): void {
  let h1 = (k1 + k2 + k3 + k4) | 0
  let h2 = (k2 + h1) | 0
  let h3 = (k3 + h1) | 0
  let h4 = (k4 + h1) | 0
  h1 = avalanche(h1)
  h2 = avalanche(h2)
  h3 = avalanche(h3)
  h4 = avalanche(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  out[0] = h1
  out[1] = h2 + h1
  out[2] = h3 + h1
  out[3] = h4 + h1
}

function word(bytes: Uint8Array, i: number): number {
  return bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
}

/** Up to four bytes from `i`, short of `end`: little-endian, zeros beyond. */
function tail(bytes: Uint8Array, i: number, end: number): number {
  if (i + 4 <= end) return word(bytes, i)
  let k = 0
  const last = Math.min(i + 4, end) - 1
  for (let j = last; j >= i; j--) k = (k << 8) | bytes[j]!
  return k
}

function rotl(x: number, r: number): number {
  return (x << r) | (x >>> (32 - r))
}

function avalanche(x: number): number {
  let h = x ^ (x >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}
