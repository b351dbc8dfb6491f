import { MAX_HEADERS, type SipMessage, type SipReason } from './message.ts'
import { Header, headerCodeOf, methodCodeOf } from './names.ts'

const CR = 0x0d
const LF = 0x0a
const SP = 0x20
const HT = 0x09
const COLON = 0x3a
const ZERO = 0x30

/** How the message is delimited: a datagram or frame holds one, a stream is cut by Content-Length (RFC 3261 §18.3). */
export type Framing = 'datagram' | 'stream'

/**
 * Reads one SIP message: start line, header lines located, CSeq and Content-Length decoded, body delimited. One pass over
 * the head, no allocation. Never throws: `message.reason` says what is wrong with the frame, and what could be read is there.
 * Tried: TypedArray indexOf for the line ends is 1.4× slower on header lines of usual length (a call each, 20–60 bytes apart).
 * @param bytes holds the message at [start, end); must stay unchanged while `message` is used
 * @returns false when it is not SIP at all (`reason` is `not-sip`), else true
 */
export function readSip(
  message: SipMessage,
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: Framing = 'datagram',
): boolean {
  reset(message, bytes, end)
  let at = start
  // CRLF before the start line is keep-alive or robustness (RFC 3261 §7.5).
  while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++
  message.start = at
  let lineEnd = at
  while (lineEnd < end && bytes[lineEnd] !== LF) lineEnd++
  if (!readStartLine(message, at, trimmed(bytes, at, lineEnd))) {
    message.reason = 'not-sip'
    return false
  }
  const bodyStart = readHeaders(message, lineEnd + 1, end)
  readCseq(message)
  readContentLength(message)
  delimit(message, bodyStart, end, framing)
  return true
}

function reset(message: SipMessage, bytes: Uint8Array, end: number): void {
  message.bytes = bytes
  message.end = end
  message.isRequest = false
  message.method = 0
  message.methodStart = 0
  message.methodEnd = 0
  message.status = 0
  message.uriStart = 0
  message.uriEnd = 0
  message.cseq = -1
  message.cseqMethod = 0
  message.cseqMethodStart = 0
  message.cseqMethodEnd = 0
  message.contentLength = -1
  message.bodyStart = end
  message.bodyEnd = end
  message.reason = undefined
  message.headerCount = 0
  message.first.fill(-1)
}

/** The first thing found wrong is the one that is reported. */
function invalid(message: SipMessage, reason: SipReason): void {
  if (message.reason === undefined) message.reason = reason
}

function trimmed(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && (bytes[at - 1] === CR || bytes[at - 1] === SP || bytes[at - 1] === HT)) at--
  return at
}

function readStartLine(message: SipMessage, start: number, end: number): boolean {
  const { bytes } = message
  if (end - start < 7) return false
  if (isSipVersion(bytes, start)) return readStatusLine(message, start, end)
  let methodEnd = start
  while (methodEnd < end && bytes[methodEnd] !== SP) methodEnd++
  let version = end
  while (version > methodEnd && bytes[version - 1] !== SP) version--
  if (version <= methodEnd + 1 || end - version < 7 || !isSipVersion(bytes, version)) return false
  message.isRequest = true
  message.methodStart = start
  message.methodEnd = methodEnd
  message.method = methodCodeOf(bytes, start, methodEnd)
  if (message.method === 0 && !isToken(bytes, start, methodEnd)) invalid(message, 'bad-method')
  if (!isVersion2(bytes, version, end)) invalid(message, 'bad-version')
  let uriStart = methodEnd
  while (bytes[uriStart] === SP) uriStart++
  let uriEnd = version - 1
  while (uriEnd > uriStart && bytes[uriEnd - 1] === SP) uriEnd--
  message.uriStart = uriStart
  message.uriEnd = Math.max(uriStart, uriEnd)
  // One SP between the parts, none within (RFC 3261 §25.1 Request-Line).
  if (uriStart !== methodEnd + 1 || uriEnd !== version - 1) invalid(message, 'bad-start-line')
  if (uriStart >= uriEnd) invalid(message, 'bad-request-uri')
  return true
}

function readStatusLine(message: SipMessage, start: number, end: number): boolean {
  const { bytes } = message
  let at = start
  while (at < end && bytes[at] !== SP) at++
  if (!isVersion2(bytes, start, at)) invalid(message, 'bad-version')
  const codeStart = at + 1
  let code = 0
  at = codeStart
  while (at < end && isDigit(bytes[at]!)) {
    if (at - codeStart < 9) code = code * 10 + bytes[at]! - ZERO
    at++
  }
  const isCode = at - codeStart === 3 && code >= 100 && code < 700 && (at === end || bytes[at] === SP)
  message.status = isCode ? code : 0
  if (!isCode) invalid(message, 'bad-status')
  return true
}

function isSipVersion(bytes: Uint8Array, at: number): boolean {
  // The letters are matched in any case (RFC 3261 §7.1).
  return (
    (bytes[at]! | 0x20) === 0x73 &&
    (bytes[at + 1]! | 0x20) === 0x69 &&
    (bytes[at + 2]! | 0x20) === 0x70 &&
    bytes[at + 3] === 0x2f
  )
}

function isVersion2(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 7 && bytes[start + 4] === 0x32 && bytes[start + 5] === 0x2e && bytes[start + 6] === ZERO
}

/** Locates the header lines from `from`; gives where the body begins. */
function readHeaders(message: SipMessage, from: number, end: number): number {
  const { bytes } = message
  let at = from
  while (at < end) {
    const byte = bytes[at]!
    if (byte === LF) return at + 1
    if (byte === CR && at + 1 < end && bytes[at + 1] === LF) return at + 2
    let colon = at
    while (colon < end && bytes[colon] !== COLON && bytes[colon] !== LF) colon++
    const hasColon = colon < end && bytes[colon] === COLON
    const lineEnd = endOfLine(bytes, hasColon ? colon + 1 : colon, end)
    const nameEnd = hasColon ? trimmed(bytes, at, colon) : at
    if (nameEnd === at || byte === SP || byte === HT) invalid(message, 'bad-header-line')
    else if (message.headerCount === MAX_HEADERS) invalid(message, 'too-many-headers')
    else addHeader(message, at, nameEnd, colon + 1, lineEnd)
    at = lineEnd + 1
  }
  invalid(message, 'no-header-end')
  return end
}

function addHeader(message: SipMessage, nameStart: number, nameEnd: number, from: number, to: number): void {
  const { bytes, next, first, last } = message
  const line = message.headerCount++
  let valueStart = from
  while (valueStart < to && isSpace(bytes[valueStart]!)) valueStart++
  let valueEnd = to
  while (valueEnd > valueStart && isSpace(bytes[valueEnd - 1]!)) valueEnd--
  const code = headerCodeOf(bytes, nameStart, nameEnd)
  if (code === 0 && !isToken(bytes, nameStart, nameEnd)) invalid(message, 'bad-header-line')
  message.codes[line] = code
  message.nameStarts[line] = nameStart
  message.nameEnds[line] = nameEnd
  message.valueStarts[line] = valueStart
  message.valueEnds[line] = valueEnd
  next[line] = -1
  if (first[code]! === -1) first[code] = line
  else next[last[code]!] = line
  last[code] = line
}

/** Where the LF of this header ends it: a next line that begins with white space goes on with it (folding, §7.3.1). */
function endOfLine(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (;;) {
    while (at < end && bytes[at] !== LF) at++
    if (at + 1 >= end) return Math.min(at, end)
    const next = bytes[at + 1]
    if (next !== SP && next !== HT) return at
    at++
  }
}

function readCseq(message: SipMessage): void {
  const line = message.first[Header.cseq]!
  if (line === -1) return
  const { bytes } = message
  const end = message.valueEnds[line]!
  let at = message.valueStarts[line]!
  const numberStart = at
  let number = 0
  while (at < end && isDigit(bytes[at]!)) {
    if (number < 0x1_0000_0000) number = number * 10 + bytes[at]! - ZERO
    at++
  }
  // Less than 2**31 (RFC 3261 §8.1.1.5).
  if (at === numberStart || number >= 0x8000_0000) invalid(message, 'bad-cseq')
  else message.cseq = number
  const numberEnd = at
  while (at < end && isSpace(bytes[at]!)) at++
  if (at === numberEnd || at === end) invalid(message, 'bad-cseq')
  message.cseqMethodStart = at
  message.cseqMethodEnd = end
  message.cseqMethod = methodCodeOf(bytes, at, end)
}

function readContentLength(message: SipMessage): void {
  const line = message.first[Header.contentLength]!
  if (line === -1) return
  const { bytes } = message
  const start = message.valueStarts[line]!
  const end = message.valueEnds[line]!
  let length = 0
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at]!) || length > 0x0fff_ffff) {
      length = -2
      break
    }
    length = length * 10 + bytes[at]! - ZERO
  }
  if (start === end) length = -2
  message.contentLength = length
  if (length === -2) invalid(message, 'bad-content-length')
  if (message.next[line] !== -1) invalid(message, 'repeated-header')
}

/** Body by Content-Length; what a datagram holds beyond it is not part of the message (RFC 3261 §18.3). */
function delimit(message: SipMessage, bodyStart: number, end: number, framing: Framing): void {
  const length = message.contentLength
  message.bodyStart = bodyStart
  if (length >= 0 && bodyStart + length <= end) {
    message.bodyEnd = bodyStart + length
  } else {
    message.bodyEnd = length === -1 && framing === 'stream' ? bodyStart : end
    if (length >= 0) invalid(message, 'short-body')
    else if (length === -1 && framing === 'stream') invalid(message, 'missing-content-length')
  }
  message.end = message.bodyEnd
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39
}

/** SP, HT and the CR and LF of folding. */
export function isSpace(byte: number): boolean {
  return byte === SP || byte === HT || byte === CR || byte === LF
}

/** Bytes of a token (RFC 3261 §25.1), as a table: the test is one load. */
const tokenBytes = new Uint8Array(256)
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~") {
  tokenBytes[character.charCodeAt(0)] = 1
}

export function isTokenByte(byte: number): boolean {
  return tokenBytes[byte] === 1
}

/** Is `bytes[start, end)` one or more token bytes? */
export function isToken(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (tokenBytes[bytes[at]!] === 0) return false
  return end > start
}
