import { type Hash128, hashText } from './murmur3.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const out: Hash128 = new Uint32Array(4)

/**
 * The id of an activity: 120 bits of the hash of its parts, as 20 base64url characters.
 * A pure function of the parts: two taps that see one message, a retransmission and a replay give one id (DESIGN §4).
 */
export function idOf(...parts: readonly string[]): string {
  // A separator that no header value may hold, so that ("a","bc") and ("ab","c") differ.
  hashText(parts.join('\n'), 0, out)
  let id = ''
  for (let w = 0; w < 4; w++) {
    const word = out[w]!
    for (let shift = 24; shift >= 0; shift -= 6) id += ALPHABET[(word >>> shift) & 63]
  }
  return id
}
