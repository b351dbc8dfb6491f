/** The signalling protocols that a datagram or the head of a stream may open with. */

const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a

/** Longest start line that is looked at: a Request-URI longer than this on a first line is not believed to be SIP. */
const MAX_START_LINE_BYTES = 4096

/**
 * Does `bytes[start, end)` open with a SIP start line, whatever the port? `yes`; `no`; `more` when all of it could still
 * become one. A request is recognised by `token SP … SIP/d` in its first line, a response by `SIP/d` at its beginning
 * (RFC 3261 clause 7): looser than the grammar on purpose, since an attacker's broken INVITE is evidence.
 * Leading CRLFs are passed over (clause 7.5).
 */
export function sipOpens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
  let at = start
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++
  if (at === end) return 'more'
  if (!isTokenByte(bytes[at]!)) return 'no'
  if (isVersion(bytes, at, end)) return 'yes'
  let i = at
  const tokenLimit = Math.min(end, at + 64)
  while (i < tokenLimit && isTokenByte(bytes[i]!)) i++
  // "SIP/2" cut short: the slash is no token character.
  if (i === end || (bytes[i] === 0x2f && end - at < 5)) return 'more'
  if (i === at || (bytes[i] !== SPACE && bytes[i] !== 0x09)) return 'no'
  const limit = Math.min(end, at + MAX_START_LINE_BYTES)
  for (; i < limit; i++) {
    const byte = bytes[i]!
    if (byte === CR || byte === LF) return 'no'
    if ((byte === SPACE || byte === 0x09) && isVersion(bytes, i + 1, end)) return 'yes'
  }
  return limit === end ? 'more' : 'no'
}

/** `SIP/` and a digit, in any case (RFC 3261 clause 7.1: the version is compared without regard to case). */
function isVersion(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 5 > end) return false
  const digit = bytes[at + 4]!
  return (
    (bytes[at]! | 0x20) === 0x73 &&
    (bytes[at + 1]! | 0x20) === 0x69 &&
    (bytes[at + 2]! | 0x20) === 0x70 &&
    bytes[at + 3] === 0x2f &&
    digit >= 0x30 &&
    digit <= 0x39
  )
}

/** RFC 3261 clause 25.1 `token`. */
function isTokenByte(byte: number): boolean {
  return TOKEN[byte] === 1
}

const TOKEN = tokenTable()

function tokenTable(): Uint8Array {
  const table = new Uint8Array(256)
  const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = 1
  return table
}
