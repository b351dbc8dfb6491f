import { isSpace, isToken, isTokenByte } from './read.ts'
import { createSipUri, endOfQuoted, isHostByte, readUri, type SipUri } from './uri.ts'

/** One name-addr or addr-spec of a From, To, Contact, P-Asserted-Identity … value, as offsets; reused. */
export interface SipAddress {
  displayStart: number
  displayEnd: number
  /** The display name stood in quotes: escapes in it are still to be undone. */
  isQuoted: boolean
  uriStart: number
  uriEnd: number
  readonly uri: SipUri
  /** Header parameters `;tag=…`: [start, end). */
  paramsStart: number
  paramsEnd: number
  valid: boolean
  /** Where the next one of a comma-joined list begins, or the end. */
  nextStart: number
}

/** An empty address to read into. */
export function createSipAddress(): SipAddress {
  return {
    displayStart: 0,
    displayEnd: 0,
    isQuoted: false,
    uriStart: 0,
    uriEnd: 0,
    uri: createSipUri(),
    paramsStart: 0,
    paramsEnd: 0,
    valid: false,
    nextStart: 0,
  }
}

const QUOTE = 0x22
const LESS = 0x3c
const GREATER = 0x3e
const SEMICOLON = 0x3b
const COMMA = 0x2c

/**
 * Reads the address that begins at `start` (RFC 3261 §20.10, §25.1). Never throws: `valid` says whether its grammar holds,
 * and what could be made out is there.
 */
export function readAddress(address: SipAddress, bytes: Uint8Array, start: number, end: number): void {
  address.valid = true
  address.isQuoted = false
  let at = start
  while (at < end && isSpace(bytes[at]!)) at++
  if (at < end && bytes[at] === QUOTE) at = readQuotedDisplay(address, bytes, at, end)
  else at = readPlainDisplay(address, bytes, at, end)
  let after: number
  if (at < end && bytes[at] === LESS) after = readBracketed(address, bytes, at, end)
  else after = readBare(address, bytes, at, end)
  readUri(address.uri, bytes, address.uriStart, address.uriEnd)
  if (!address.uri.valid) address.valid = false
  readParameters(address, bytes, after, end)
}

function readQuotedDisplay(address: SipAddress, bytes: Uint8Array, start: number, end: number): number {
  let at = endOfQuoted(bytes, start, end)
  address.isQuoted = true
  address.displayStart = start + 1
  address.displayEnd = Math.max(start + 1, at - 1)
  while (at < end && isSpace(bytes[at]!)) at++
  if (at < end && bytes[at] === LESS) return at
  // No closing quote, or no <…> after it: the name is what stands before the last <, if there is one.
  address.valid = false
  let angle = end - 1
  while (angle > start && bytes[angle] !== LESS) angle--
  if (angle <= start) return at
  address.displayEnd = angle
  return angle
}

/** Tokens before `<`; without a `<` before the first `;` it is an addr-spec and there is no display name. */
function readPlainDisplay(address: SipAddress, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== LESS && bytes[at] !== SEMICOLON && bytes[at] !== QUOTE) at++
  address.displayStart = address.displayEnd = start
  if (at >= end || bytes[at] !== LESS) return start
  let last = at
  while (last > start && isSpace(bytes[last - 1]!)) last--
  address.displayEnd = last
  for (let i = start; i < last; i++) {
    // UTF-8 without quotes is common in the field and harms nobody.
    if (!isTokenByte(bytes[i]!) && !isSpace(bytes[i]!) && bytes[i]! < 0x80) address.valid = false
  }
  return at
}

function readBracketed(address: SipAddress, bytes: Uint8Array, open: number, end: number): number {
  let at = open + 1
  while (at < end && bytes[at] !== GREATER) {
    if (bytes[at]! <= 0x20 || bytes[at] === LESS || bytes[at] === QUOTE) address.valid = false
    at++
  }
  let start = open + 1
  let last = at
  while (start < last && isSpace(bytes[start]!)) start++
  while (last > start && isSpace(bytes[last - 1]!)) last--
  address.uriStart = start
  address.uriEnd = last
  if (at < end) return at + 1
  address.valid = false
  return end
}

/** Without <…>: `;` begins header parameters, and a comma or question mark cannot be part of the URI (§20). */
function readBare(address: SipAddress, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== SEMICOLON && bytes[at] !== COMMA) {
    if (bytes[at] === 0x3f) address.valid = false
    at++
  }
  let last = at
  while (last > start && isSpace(bytes[last - 1]!)) last--
  address.uriStart = start
  address.uriEnd = last
  return at
}

/** `;name=value` one after the other up to a comma or the end; an empty one (`;;`) does not hold. */
function readParameters(address: SipAddress, bytes: Uint8Array, from: number, end: number): void {
  let at = from
  while (at < end && isSpace(bytes[at]!)) at++
  address.paramsStart = at
  at = endOfParameters(bytes, at, end)
  if (at < 0) {
    address.valid = false
    at = endOfValue(bytes, address.paramsStart, end)
  }
  address.paramsEnd = at
  address.nextStart = at < end ? at + 1 : end
}

/**
 * Checks a `;name[=value]` list and gives where it ends (a comma or `end`), or -1 where its grammar does not hold.
 * Values may be tokens, hosts with port or IPv6 references, or quoted strings.
 */
export function endOfParameters(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== COMMA) {
    if (bytes[at] !== SEMICOLON) return -1
    at = skipSpace(bytes, at + 1, end)
    const name = at
    while (at < end && isTokenByte(bytes[at]!)) at++
    if (!isToken(bytes, name, at)) return -1
    at = skipSpace(bytes, at, end)
    if (at < end && bytes[at] === 0x3d) {
      at = endOfParameterValue(bytes, skipSpace(bytes, at + 1, end), end)
      if (at < 0) return -1
      at = skipSpace(bytes, at, end)
    }
  }
  return at
}

function endOfParameterValue(bytes: Uint8Array, start: number, end: number): number {
  if (start < end && bytes[start] === QUOTE) {
    const close = endOfQuoted(bytes, start, end)
    return close - start >= 2 && bytes[close - 1] === QUOTE ? close : -1
  }
  let at = start
  while (at < end && isValueByte(bytes[at]!)) at++
  return at > start ? at : -1
}

function isValueByte(byte: number): boolean {
  // Colon, brackets, slash and at: hosts and IPv6 references, and what agents put there unquoted.
  return (
    isTokenByte(byte) ||
    isHostByte(byte) ||
    byte === 0x3a ||
    byte === 0x5b ||
    byte === 0x5d ||
    byte === 0x2f ||
    byte === 0x40
  )
}

function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(bytes[at]!)) at++
  return at
}

/** Where the comma that ends this element of a list stands, quotes and angle brackets respected; `end` without one. */
export function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  let inside = false
  while (at < end) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      at = endOfQuoted(bytes, at, end)
      continue
    }
    if (byte === LESS) inside = true
    else if (byte === GREATER) inside = false
    else if (byte === COMMA && !inside) return at
    at++
  }
  return end
}
