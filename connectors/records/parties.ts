import type { Identity } from '../../engine/identity/index.ts'

/** Longer than this is nobody's name: it is refused by its length, and not remembered. */
const LONGEST = 1024
/** Slots of the memory of what was answered; a power of two. */
const SLOTS = 65_536

/**
 * Party of what a record calls a subscriber: a telephone number (with or without `tel:`), a SIP or XMPP address,
 * else the value as it stands (subscriber ids, alphanumeric senders).
 * Remembers the last answer for each hash of a raw value: normalising costs microseconds. Tried: a Map in two
 * generations took twice the time of all the rest of a line, for rehashing and for the collector.
 */
export function partyReader(identity: Identity): (raw: string) => string {
  const raws: string[] = new Array(SLOTS).fill('')
  const parties: string[] = new Array(SLOTS).fill('')
  return raw => {
    if (raw.length > LONGEST) return raw
    let hash = 0
    for (let i = 0; i < raw.length; i++) hash = Math.imul(hash ^ raw.charCodeAt(i), 0x9e3779b1)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    if (raws[slot] === raw) return parties[slot]!
    // A field is a slice that keeps its whole line alive, text and all: what is remembered is a copy.
    const own = Buffer.from(raw, 'utf16le').toString('utf16le')
    const party = resolve(own, identity)
    raws[slot] = own
    parties[slot] = party
    return party
  }
}

function resolve(raw: string, identity: Identity): string {
  const trimmed = raw.trim()
  const scheme = /^(sips?|tel|xmpp):/i.exec(trimmed)
  const value = scheme === null ? trimmed : trimmed.slice(scheme[0].length).replace(/[;?].*$/s, '')
  if (isNumber(value)) return identity.ofNumber(value)
  const at = value.lastIndexOf('@')
  return at > 0 && at < value.length - 1 ? identity.ofUser(value.slice(0, at), value.slice(at + 1)) : trimmed
}

/** Digits with an optional leading `+` and the usual visual separators (RFC 3966 clause 3), three digits at least. */
function isNumber(value: string): boolean {
  return /^\+?[\d\s().-]+$/.test(value) && value.replace(/\D/g, '').length >= 3
}
