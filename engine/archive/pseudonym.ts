import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, RingfenceError } from '../errors/index.ts'

export const rotations = ['never', 'month', 'week', 'day'] as const
export type Rotation = (typeof rotations)[number]

export interface Pseudonyms {
  /** Pseudonym of a text at a time: 64 bits as signed decimal digits, unlinkable across epochs and keys. */
  of(text: string, timeMs: number): string
  /** Names the key without telling it: two archives with one fingerprint can be joined by pseudonym. */
  readonly fingerprint: string
}

/** Remembered parties; the same few thousand call and are called all day. */
const CACHE = 100_000
const DAY_MS = 86_400_000
const MIN_SECRET_BYTES = 16

/**
 * Keyed pseudonyms: HMAC-SHA-256 of the party under a key derived (HKDF, RFC 5869) from the secret and the epoch of the
 * event time, cut to 64 bits. Among ten million parties two share one with a probability of 3 in a million.
 * @throws RingfenceError CONFIG_INVALID for a secret under 16 bytes
 */
export function createPseudonyms(secret: Uint8Array, rotation: Rotation): Pseudonyms {
  if (secret.length < MIN_SECRET_BYTES)
    throw new RingfenceError('CONFIG_INVALID', `archive.keyFile: the key has ${secret.length} bytes, 16 are the least`)
  const keys = new Map<number, Buffer>()
  let cache = new Map<string, string>()
  const keyOf = (epoch: number): Buffer => {
    const known = keys.get(epoch)
    if (known !== undefined) return known
    // A recording with wild clocks must not keep a key a day for ever.
    if (keys.size > 64) keys.clear()
    const key = Buffer.from(hkdfSync('sha256', secret, '', `ringfence archive ${rotation} ${epoch}`, 32))
    keys.set(epoch, key)
    return key
  }
  return {
    of(text, timeMs) {
      const epoch = epochOf(timeMs, rotation)
      const place = `${epoch} ${text}`
      const known = cache.get(place)
      if (known !== undefined) return known
      const digest = createHmac('sha256', keyOf(epoch)).update(text).digest()
      const pseudonym = digest.readBigInt64BE(0).toString()
      if (cache.size >= CACHE) cache = new Map()
      cache.set(place, pseudonym)
      return pseudonym
    },
    fingerprint: createHmac('sha256', secret)
      .update(`ringfence archive fingerprint ${rotation}`)
      .digest('hex')
      .slice(0, 16),
  }
}

/** Number of the rotation epoch that a time lies in, in UTC; weeks begin on Monday. */
export function epochOf(timeMs: number, rotation: Rotation): number {
  if (rotation === 'never') return 0
  const day = Math.floor(timeMs / DAY_MS)
  if (rotation === 'day') return day
  // 1 January 1970 was a Thursday.
  if (rotation === 'week') return Math.floor((day + 3) / 7)
  const date = new Date(timeMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/**
 * The secret of a key file; a file that does not exist is made, with 32 random bytes, readable by its owner alone.
 * @throws RingfenceError INPUT_UNREADABLE
 */
export function readSecret(file: string): Uint8Array {
  try {
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
    }
    return Buffer.from(readFileSync(file, 'utf8').trim(), 'base64')
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `archive.keyFile: ${messageOf(error)}`, {
      hint: 'a file with at least 16 random bytes in base64; it is made when it does not exist and its folder can be written',
      cause: error,
    })
  }
}
