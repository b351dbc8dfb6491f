import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib'
import type { HepDropReason } from './packet.ts'

/** Inflated payload, or why not. */
export type Inflated = Uint8Array | Extract<HepDropReason, 'bad-compression' | 'inflated-too-large'>

/**
 * A compressed payload (chunk 0x10): zlib in practice, gzip and raw deflate seen too; told apart by their first bytes
 * (RFC 1950 clause 2.2: method 8 and a header divisible by 31; RFC 1952: 1f 8b).
 * @param maxBytes cap on what comes out: 65 KB of deflate can hold 64 MB of zeros
 */
export function inflatePayload(bytes: Uint8Array, start: number, end: number, maxBytes: number): Inflated {
  const packed = bytes.subarray(start, end)
  const options = { maxOutputLength: maxBytes }
  const first = packed[0] ?? 0
  const second = packed[1] ?? 0
  try {
    if (first === 0x1f && second === 0x8b) return gunzipSync(packed, options)
    if ((first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0) return inflateSync(packed, options)
    return inflateRawSync(packed, options)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'inflated-too-large' : 'bad-compression'
  }
}
