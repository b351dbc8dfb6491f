const PLUS = 43
const MAX_DIGITS = 15
/** Bare digits (short codes, unread numbers) are told from E.164 by this: both stay below 2^53, so a double is exact. */
const BARE = 2 ** 51

/**
 * A party made of digits as one exact number; -1 for every other (addresses, names, digits with a leading zero, more than
 * fifteen): those are kept as text.
 */
export function keyOfParty(party: string): number {
  const start = party.charCodeAt(0) === PLUS ? 1 : 0
  const length = party.length
  if (length === start || length - start > MAX_DIGITS || party.charCodeAt(start) === 48) return -1
  let value = 0
  for (let i = start; i < length; i++) {
    const digit = party.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return start === 1 ? value : value + BARE
}

/** The party that `keyOfParty` made the key of. */
export function partyOfKey(key: number): string {
  return key >= BARE ? String(key - BARE) : `+${key}`
}

/** 32 bits of a key, well mixed (MurmurHash3's finaliser over both halves). */
export function hashOfKey(key: number): number {
  let h = (key >>> 0) ^ Math.imul((key / 0x1_0000_0000) >>> 0, 0x9e3779b1)
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
