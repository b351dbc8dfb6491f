import { type Hash128, hashText } from '../hash/index.ts'

/** A call or message that somebody received. */
export interface Contact {
  readonly origin: string
  readonly timeMs: number
}

/** Who called or wrote last to whom: a bounded memory that forgets the older of what collides. */
export interface Contacts {
  /** @param mark what tells this contact from others of the same person: 0 for a call, a hash of the text for a message */
  remember(recipient: string, origin: string, timeMs: number, mark: number): void
  /** The latest contact with that mark, not older than `maxAgeMs`. */
  find(recipient: string, mark: number, nowMs: number, maxAgeMs: number): Contact | undefined
  /** Has `origin` contacted them at all, by call? */
  knows(recipient: string, origin: string, nowMs: number, maxAgeMs: number): boolean
}

const WAYS = 4
const MAX_NAMES = 65_536

/**
 * A table of 20 bytes a contact without objects: four places for each pair of recipient and mark, the oldest overwritten. At
 * 4,000 calls/s half a million places reach back two minutes when all are different people, hours for those who are called
 * now and then by few: what a star code needs. Origins that are no numbers (sender ids, addresses) are kept by name, the
 * first 65,536 of them.
 */
export function createContacts(capacity: number): Contacts {
  const sets = 2 ** Math.max(4, Math.floor(Math.log2(capacity / WAYS)))
  const tags = new Uint32Array(sets * WAYS)
  const marks = new Uint32Array(sets * WAYS)
  const seconds = new Uint32Array(sets * WAYS)
  const origins = new Float64Array(sets * WAYS)
  const names: string[] = []
  const codes = new Map<string, number>()
  const hash: Hash128 = new Uint32Array(4)

  function place(recipient: string): number {
    hashText(recipient, 0, hash)
    return (hash[0]! & (sets - 1)) * WAYS
  }

  function codeOf(origin: string): number | undefined {
    if (/^\+\d{1,15}$/.test(origin)) return Number(origin.slice(1))
    const known = codes.get(origin)
    if (known !== undefined) return -known - 1
    if (names.length >= MAX_NAMES) return undefined
    codes.set(origin, names.length)
    names.push(origin)
    return -names.length
  }

  const originOf = (code: number) => (code >= 0 ? `+${code}` : (names[-code - 1] ?? ''))

  return {
    remember(recipient, origin, timeMs, mark) {
      const code = codeOf(origin)
      if (code === undefined) return
      const first = place(recipient)
      const tag = hash[1]!
      let at = first
      for (let i = first; i < first + WAYS; i++) {
        if (tags[i] === tag && marks[i] === mark && (mark !== 0 || origins[i] === code)) {
          at = i
          break
        }
        if (seconds[i]! < seconds[at]!) at = i
      }
      tags[at] = tag
      marks[at] = mark
      seconds[at] = timeMs / 1000
      origins[at] = code
    },
    find(recipient, mark, nowMs, maxAgeMs) {
      const first = place(recipient)
      let best = -1
      for (let i = first; i < first + WAYS; i++) {
        if (tags[i] !== hash[1] || marks[i] !== mark || seconds[i] === 0) continue
        if (nowMs - seconds[i]! * 1000 > maxAgeMs + 1000) continue
        if (best === -1 || seconds[i]! >= seconds[best]!) best = i
      }
      return best === -1 ? undefined : { origin: originOf(origins[best]!), timeMs: seconds[best]! * 1000 }
    },
    knows(recipient, origin, nowMs, maxAgeMs) {
      const code = codeOf(origin)
      const first = place(recipient)
      for (let i = first; i < first + WAYS; i++)
        if (tags[i] === hash[1] && origins[i] === code && nowMs - seconds[i]! * 1000 <= maxAgeMs + 1000) return true
      return false
    },
  }
}

/** Mark of a text: what is left when case, blanks and forwarding marks are taken off; never 0. */
export function markOf(text: string): number {
  const hash: Hash128 = new Uint32Array(4)
  hashText(
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s\p{P}]+/gu, ''),
    7,
    hash,
  )
  return hash[0]! === 0 ? 1 : hash[0]!
}
