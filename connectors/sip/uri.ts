import { isDigit, isSpace } from './read.ts'

/** Parts of one URI as offsets; reused for every URI that is looked at. */
export interface SipUri {
  scheme: 'sip' | 'sips' | 'tel' | 'other'
  userStart: number
  /** Equal to `userStart` when there is no user part. */
  userEnd: number
  hostStart: number
  hostEnd: number
  port: number
  /** `;…` parameters: [start, end), empty when there are none. */
  paramsStart: number
  paramsEnd: number
  hasHeaders: boolean
  valid: boolean
}

/** An empty URI to read into. */
export function createSipUri(): SipUri {
  return {
    scheme: 'other',
    userStart: 0,
    userEnd: 0,
    hostStart: 0,
    hostEnd: 0,
    port: 0,
    paramsStart: 0,
    paramsEnd: 0,
    hasHeaders: false,
    valid: false,
  }
}

const COLON = 0x3a
const AT = 0x40
const SEMICOLON = 0x3b
const QUESTION = 0x3f

/**
 * Reads the URI `bytes[start, end)` (RFC 3261 §19.1, RFC 3966): never throws; `valid` says whether its form holds.
 * For `tel:` the subscriber stands in the user part and there is no host.
 */
export function readUri(uri: SipUri, bytes: Uint8Array, start: number, end: number): void {
  uri.port = 0
  uri.hasHeaders = false
  uri.valid = true
  let at = start
  while (at < end && bytes[at] !== COLON && bytes[at] !== AT && bytes[at] !== SEMICOLON) at++
  if (at >= end || bytes[at] !== COLON || at === start) {
    blank(uri, start)
    return
  }
  uri.scheme = schemeOf(bytes, start, at)
  const rest = at + 1
  if (uri.scheme === 'sip' || uri.scheme === 'sips') readSipRest(uri, bytes, rest, end)
  else if (uri.scheme === 'tel') readTelRest(uri, bytes, rest, end)
  else {
    uri.userStart = rest
    uri.userEnd = end
    uri.hostStart = uri.hostEnd = uri.paramsStart = uri.paramsEnd = end
    uri.valid = rest < end && isSchemeStart(bytes[start]!)
  }
}

function blank(uri: SipUri, at: number): void {
  uri.scheme = 'other'
  uri.userStart = uri.userEnd = uri.hostStart = uri.hostEnd = uri.paramsStart = uri.paramsEnd = at
  uri.valid = false
}

function isSchemeStart(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
}

function schemeOf(bytes: Uint8Array, start: number, end: number): SipUri['scheme'] {
  const length = end - start
  if (length !== 3 && length !== 4) return 'other'
  const first = bytes[start]! | 0x20
  const second = bytes[start + 1]! | 0x20
  const third = bytes[start + 2]! | 0x20
  if (length === 3 && first === 0x74 && second === 0x65 && third === 0x6c) return 'tel'
  if (first !== 0x73 || second !== 0x69 || third !== 0x70) return 'other'
  if (length === 3) return 'sip'
  return (bytes[start + 3]! | 0x20) === 0x73 ? 'sips' : 'other'
}

function readTelRest(uri: SipUri, bytes: Uint8Array, start: number, end: number): void {
  uri.userStart = start
  uri.userEnd = end
  uri.hostStart = uri.hostEnd = end
  let at = start
  while (at < end && bytes[at] !== SEMICOLON) at++
  uri.paramsStart = at
  uri.paramsEnd = end
  uri.valid = at > start
}

function readSipRest(uri: SipUri, bytes: Uint8Array, start: number, end: number): void {
  // An @ within the user part must be escaped, so the first one ends it: ; ? / and : may stand before it (RFC 4475 §3.1.1.2).
  let at = start
  while (at < end && bytes[at] !== AT) at++
  uri.userStart = start
  uri.userEnd = at < end ? at : start
  let host = at < end ? at + 1 : start
  if (at < end && at === start) uri.valid = false
  uri.hostStart = host
  host = endOfHost(uri, bytes, host, end)
  uri.hostEnd = host
  if (uri.hostEnd === uri.hostStart) uri.valid = false
  if (host < end && bytes[host] === COLON) host = readPort(uri, bytes, host + 1, end)
  uri.paramsStart = host
  at = host
  while (at < end && bytes[at] !== QUESTION) at++
  uri.paramsEnd = at
  uri.hasHeaders = at < end
  if (host < end && bytes[host] !== SEMICOLON && bytes[host] !== QUESTION) uri.valid = false
}

function endOfHost(uri: SipUri, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  if (bytes[start] === 0x5b && start < end) {
    // IPv6reference: its digits are not checked further, three colons included (RFC 5118 §4.10).
    at++
    while (at < end && isIpv6Byte(bytes[at]!)) at++
    if (at < end && bytes[at] === 0x5d && at > start + 1) return at + 1
    uri.valid = false
    return at
  }
  while (at < end && isHostByte(bytes[at]!)) at++
  return at
}

function readPort(uri: SipUri, bytes: Uint8Array, start: number, end: number): number {
  let at = start
  let port = 0
  while (at < end && isDigit(bytes[at]!)) {
    if (port < 100_000) port = port * 10 + bytes[at]! - 0x30
    at++
  }
  if (at === start || port > 65_535) uri.valid = false
  uri.port = port
  return at
}

function isIpv6Byte(byte: number): boolean {
  return isDigit(byte) || byte === COLON || byte === 0x2e || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

/** Letters, digits, hyphen and dot; underscore too, since hosts in the field have it. */
export function isHostByte(byte: number): boolean {
  return (
    isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte === 0x2d || byte === 0x2e || byte === 0x5f
  )
}

/** Where a parameter's value stands; reused. `found` without a value (`;lr`) has an empty range. */
export interface Found {
  found: boolean
  start: number
  end: number
}

/**
 * Finds `;name` or `;name=value` in the parameters `bytes[start, end)`; names are compared in any case, quotes are
 * taken off the value and `;` within quotes does not count.
 * @param name in lower case
 */
export function findParameter(out: Found, bytes: Uint8Array, start: number, end: number, name: string): boolean {
  out.found = false
  let at = start
  while (at < end) {
    while (at < end && bytes[at] !== SEMICOLON) at = bytes[at] === 0x22 ? endOfQuoted(bytes, at, end) : at + 1
    at++
    while (at < end && isSpace(bytes[at]!)) at++
    if (!matches(bytes, at, end, name)) continue
    let after = at + name.length
    while (after < end && isSpace(bytes[after]!)) after++
    if (after < end && bytes[after] !== 0x3d && bytes[after] !== SEMICOLON && bytes[after] !== 0x2c) continue
    out.found = true
    out.start = out.end = after
    if (after < end && bytes[after] === 0x3d) parameterValue(out, bytes, after + 1, end)
    return true
  }
  return false
}

function parameterValue(out: Found, bytes: Uint8Array, from: number, end: number): void {
  let at = from
  while (at < end && isSpace(bytes[at]!)) at++
  if (at < end && bytes[at] === 0x22) {
    const close = endOfQuoted(bytes, at, end)
    out.start = at + 1
    out.end = Math.max(at + 1, bytes[close - 1] === 0x22 && close - 1 > at ? close - 1 : close)
    return
  }
  out.start = at
  while (at < end && bytes[at] !== SEMICOLON && bytes[at] !== 0x2c && !isSpace(bytes[at]!)) at++
  out.end = at
}

/** One past the closing quote of the quoted string that opens at `at`; `end` when it is not closed. */
export function endOfQuoted(bytes: Uint8Array, at: number, end: number): number {
  let i = at + 1
  while (i < end) {
    if (bytes[i] === 0x5c) i += 2
    else if (bytes[i] === 0x22) return i + 1
    else i++
  }
  return end
}

/** Does `name` (lower case) stand at `at`, in any case? */
export function matches(bytes: Uint8Array, at: number, end: number, name: string): boolean {
  if (at + name.length > end) return false
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[at + i]!
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (folded !== name.charCodeAt(i)) return false
  }
  return true
}
