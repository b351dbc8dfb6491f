import { createSipAddress, endOfParameters, readAddress } from './address.ts'
import type { SipMessage, SipReason } from './message.ts'
import { Header } from './names.ts'
import { isDigit, isSpace, isToken, isTokenByte } from './read.ts'
import { createSipUri, isHostByte, readUri } from './uri.ts'

const address = createSipAddress()
const uri = createSipUri()

/**
 * Checks the grammar of everything that says who calls whom and how the message is routed (RFC 3261 §25.1). Reading alone
 * finds what is wrong with the frame; this is for `inspect` and for whoever must know whether a message is well formed.
 * @returns undefined for a valid message, else the first reason found
 */
export function checkSip(message: SipMessage): SipReason | undefined {
  return (
    message.reason ?? checkPresence(message) ?? checkStart(message) ?? checkAddresses(message) ?? checkScalars(message)
  )
}

function checkPresence(message: SipMessage): SipReason | undefined {
  const { first, next } = message
  if (first[Header.from] === -1) return 'missing-from'
  if (first[Header.to] === -1) return 'missing-to'
  if (first[Header.callId] === -1) return 'missing-call-id'
  if (first[Header.cseq] === -1) return 'missing-cseq'
  if (first[Header.via] === -1) return 'missing-via'
  for (const code of singles) {
    const line = first[code]!
    if (line !== -1 && next[line] !== -1) return 'repeated-header'
  }
  return undefined
}

/** Headers that stand once (RFC 3261 §20, table 2). */
const singles = [
  Header.from,
  Header.to,
  Header.callId,
  Header.cseq,
  Header.maxForwards,
  Header.contentLength,
  Header.contentType,
  Header.expires,
  Header.date,
  Header.sessionExpires,
]

function checkStart(message: SipMessage): SipReason | undefined {
  const { bytes } = message
  if (!isToken(bytes, message.cseqMethodStart, message.cseqMethodEnd)) return 'bad-cseq'
  if (!message.isRequest) return undefined
  if (!sameBytes(bytes, message.methodStart, message.methodEnd, message.cseqMethodStart, message.cseqMethodEnd)) {
    return 'cseq-mismatch'
  }
  for (let at = message.uriStart; at < message.uriEnd; at++) {
    const byte = bytes[at]!
    if (byte <= 0x20 || byte === 0x3c || byte === 0x3e || byte === 0x22) return 'bad-request-uri'
  }
  readUri(uri, bytes, message.uriStart, message.uriEnd)
  // No headers in a Request-URI (RFC 3261 §19.1.1, table 1).
  return uri.valid && !uri.hasHeaders ? undefined : 'bad-request-uri'
}

function sameBytes(bytes: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false
  for (let i = 0; i < aEnd - aStart; i++) if (bytes[aStart + i] !== bytes[bStart + i]) return false
  return true
}

function checkAddresses(message: SipMessage): SipReason | undefined {
  if (!isSingleAddress(message, message.first[Header.from]!)) return 'bad-from'
  if (!isSingleAddress(message, message.first[Header.to]!)) return 'bad-to'
  for (let line = message.first[Header.via]!; line !== -1; line = message.next[line]!) {
    if (!isViaList(message.bytes, message.valueStarts[line]!, message.valueEnds[line]!)) return 'bad-via'
  }
  if (!areAddresses(message, Header.contact, true)) return 'bad-contact'
  if (!areAddresses(message, Header.route, false) || !areAddresses(message, Header.recordRoute, false))
    return 'bad-route'
  return undefined
}

function isSingleAddress(message: SipMessage, line: number): boolean {
  const end = message.valueEnds[line]!
  readAddress(address, message.bytes, message.valueStarts[line]!, end)
  return address.valid && address.paramsEnd === end
}

function areAddresses(message: SipMessage, code: number, isContact: boolean): boolean {
  const { bytes } = message
  for (let line = message.first[code]!; line !== -1; line = message.next[line]!) {
    const end = message.valueEnds[line]!
    let at = message.valueStarts[line]!
    if (isContact && end - at === 1 && bytes[at] === 0x2a) continue
    if (at === end) return false
    while (at < end) {
      readAddress(address, bytes, at, end)
      if (!address.valid) return false
      if (isContact && hasHugeExpires(bytes, address.paramsStart, address.paramsEnd)) return false
      at = address.nextStart
    }
  }
  return true
}

/** `;expires=` beyond 2**32-1 (RFC 3261 §25.1 delta-seconds, §20.19). */
function hasHugeExpires(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at + 8 < end; at++) {
    if (bytes[at] !== 0x3b || (bytes[at + 1]! | 0x20) !== 0x65 || (bytes[at + 2]! | 0x20) !== 0x78) continue
    let digit = at + 8
    while (digit < end && !isDigit(bytes[digit]!) && bytes[digit] !== 0x3b) digit++
    if (numberAt(bytes, digit, end) > 0xffff_ffff) return true
  }
  return false
}

function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end && isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30
  return number
}

/** `SIP / 2.0 / UDP host:port ;params, …` (RFC 3261 §25.1 via-parm), white space allowed around each slash. */
function isViaList(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  do {
    at = skipSpaces(bytes, at, end)
    for (let part = 0; part < 3; part++) {
      const token = at
      while (at < end && isTokenByte(bytes[at]!)) at++
      if (at === token) return false
      at = skipSpaces(bytes, at, end)
      if (part === 2) break
      if (bytes[at] !== 0x2f) return false
      at = skipSpaces(bytes, at + 1, end)
    }
    at = endOfSentBy(bytes, at, end)
    if (at < 0) return false
    at = endOfParameters(bytes, skipSpaces(bytes, at, end), end)
    if (at < 0) return false
  } while (at++ < end && at < end)
  return true
}

function endOfSentBy(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  if (at < end && bytes[at] === 0x5b) {
    while (at < end && bytes[at] !== 0x5d) at++
    if (at++ >= end) return -1
  } else {
    while (at < end && isHostByte(bytes[at]!)) at++
  }
  if (at === start) return -1
  const colon = skipSpaces(bytes, at, end)
  if (colon >= end || bytes[colon] !== 0x3a) return at
  at = skipSpaces(bytes, colon + 1, end)
  const port = at
  while (at < end && isDigit(bytes[at]!)) at++
  return at === port ? -1 : at
}

function skipSpaces(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(bytes[at]!)) at++
  return at
}

function checkScalars(message: SipMessage): SipReason | undefined {
  if (isEmpty(message, Header.callId)) return 'bad-call-id'
  if (!isNumberUpTo(message, Header.maxForwards, 255, false)) return 'bad-max-forwards'
  if (!isNumberUpTo(message, Header.expires, 0xffff_ffff, false)) return 'bad-expires'
  if (!isNumberUpTo(message, Header.retryAfter, 0xffff_ffff, true)) return 'bad-expires'
  return isDate(message) ? undefined : 'bad-date'
}

function isEmpty(message: SipMessage, code: number): boolean {
  const line = message.first[code]!
  return message.valueStarts[line] === message.valueEnds[line]
}

/** Absent, or digits that make no more than `max` (RFC 4475 §3.1.2.4, §3.1.2.5: scalars that overflow). */
function isNumberUpTo(message: SipMessage, code: number, max: number, mayGoOn: boolean): boolean {
  const line = message.first[code]!
  if (line === -1) return true
  const start = message.valueStarts[line]!
  const end = message.valueEnds[line]!
  let at = start
  while (at < end && isDigit(message.bytes[at]!)) at++
  if (at === start || (at !== end && !mayGoOn)) return false
  return numberAt(message.bytes, start, end) <= max
}

const dateShape =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** SIP-date is always GMT (RFC 3261 §20.17). A regular expression: not on the hot path, and the value is short. */
function isDate(message: SipMessage): boolean {
  const line = message.first[Header.date]!
  if (line === -1) return true
  const start = message.valueStarts[line]!
  const end = message.valueEnds[line]!
  if (end - start > 64) return false
  return dateShape.test(Buffer.from(message.bytes.subarray(start, end)).toString('latin1'))
}
