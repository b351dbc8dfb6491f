import type { Activity } from '../../engine/activity/index.ts'
import { type Hash128, hashBytes, idOf } from '../../engine/hash/index.ts'
import { endOfValue } from './address.ts'
import { NO_NAMES } from './calls.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { isDigit } from './read.ts'
import { hash32 } from './recent.ts'
import { headerText, latin1Of } from './text.ts'
import { endOfQuoted, type Found, findParameter } from './uri.ts'

/** Nearly every call's media, shared. */
const AUDIO: string[] = Object.freeze(['audio']) as unknown as string[]

const found: Found = { found: false, start: 0, end: 0 }

/** What says which dialog a message belongs to: hashed, so that nothing is decoded for a message of a known call. */
export interface DialogKey {
  callIdStart: number
  callIdEnd: number
  readonly callId: Hash128
  fromTag: number
  fromTagStart: number
  fromTagEnd: number
  /** 0 when the To has no tag: the request begins a dialog. */
  toTag: number
}

export function createDialogKey(): DialogKey {
  return {
    callIdStart: 0,
    callIdEnd: 0,
    callId: new Uint32Array(4),
    fromTag: 0,
    fromTagStart: 0,
    fromTagEnd: 0,
    toTag: 0,
  }
}

/** A Call-ID is at most this long for an activity; a longer one is an attack. */
const MAX_CALL_ID = 512

/** Reads the dialog's key; false when Call-ID, From or CSeq is missing, so that nothing can be made of the message. */
export function readDialogKey(key: DialogKey, message: SipMessage): boolean {
  const { bytes, first, valueStarts, valueEnds } = message
  const callId = first[Header.callId]!
  const from = first[Header.from]!
  if (callId === -1 || from === -1 || message.cseq < 0) return false
  key.callIdStart = valueStarts[callId]!
  key.callIdEnd = valueEnds[callId]!
  const length = key.callIdEnd - key.callIdStart
  if (length === 0 || length > MAX_CALL_ID) return false
  hashBytes(bytes, key.callIdStart, key.callIdEnd, 0, key.callId)
  key.fromTag = tagOf(bytes, valueStarts[from]!, valueEnds[from]!)
  key.fromTagStart = found.start
  key.fromTagEnd = found.found ? found.end : found.start
  const to = first[Header.to]!
  key.toTag = to === -1 ? 0 : tagOf(bytes, valueStarts[to]!, valueEnds[to]!)
  return true
}

/** hash32 of the tag parameter of a From or To value, 0 without one; `found` is left at it. */
function tagOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  let params = -1
  while (at < end) {
    const byte = bytes[at]!
    if (byte === 0x22) at = endOfQuoted(bytes, at, end)
    else if (byte === 0x3c) {
      while (at < end && bytes[at] !== 0x3e) at++
      params = at + 1
      break
    } else if (byte === 0x3b && params === -1) params = at++
    else at++
  }
  found.found = false
  if (params === -1 || params >= end) return 0
  if (!findParameter(found, bytes, params, end, 'tag')) return 0
  return hash32(bytes, found.start, found.end)
}

/** Id of what a request is about: a pure function of what every tap sees of it. */
export function idOfRequest(kind: Activity['kind'], message: SipMessage, key: DialogKey, cseq: number): string {
  const callId = latin1Of(message.bytes, key.callIdStart, key.callIdEnd)
  return idOf(kind, callId, latin1Of(message.bytes, key.fromTagStart, key.fromTagEnd), String(cseq))
}

/** hash32 of the topmost Via's branch, 0 when it has none (RFC 2543). */
export function branchOf(message: SipMessage): number {
  const line = message.first[Header.via]!
  if (line === -1) return 0
  const { bytes } = message
  const start = message.valueStarts[line]!
  const end = endOfValue(bytes, start, message.valueEnds[line]!)
  return findParameter(found, bytes, start, end, 'branch') ? hash32(bytes, found.start, found.end) : 0
}

/**
 * Does the request carry an answer to a challenge? IMS agents send an Authorization without one in their first REGISTER
 * (3GPP TS 24.229 §5.1.1.2: empty nonce and response), which does not count.
 */
export function hasCredentials(message: SipMessage): boolean {
  return (
    isAnswer(message, message.first[Header.authorization]!) ||
    isAnswer(message, message.first[Header.proxyAuthorization]!)
  )
}

function isAnswer(message: SipMessage, line: number): boolean {
  if (line === -1) return false
  const text = headerText(message, line, 2048)
  if (!/^digest\b/i.test(text)) return true
  const response = /[\s,]response\s*=\s*"?([^",\s]*)/i.exec(text)
  return response !== null && response[1] !== ''
}

/** Seconds of Session-Expires (RFC 4028 §4), 0 without one. */
export function sessionSeconds(message: SipMessage): number {
  const line = message.first[Header.sessionExpires]!
  if (line === -1) return 0
  const end = message.valueEnds[line]!
  let seconds = 0
  for (let at = message.valueStarts[line]!; at < end && isDigit(message.bytes[at]!) && seconds < 1e9; at++) {
    seconds = seconds * 10 + message.bytes[at]! - 0x30
  }
  return seconds
}

/**
 * Media of the offer: the first word of each m= line of an SDP body (RFC 8866 §5.14), without repeats. A message session
 * (RFC 4975, RCS) is told apart further: `file-transfer` when it describes a file (a=file-selector, RFC 5547 §6), else `chat`.
 */
export function mediaOf(message: SipMessage): string[] {
  const { bytes, bodyStart, bodyEnd } = message
  let media = NO_NAMES
  let describesFile = false
  const limit = Math.min(bodyEnd, bodyStart + 16_384)
  for (let at = bodyStart; at + 3 < limit; at++) {
    if (bytes[at + 1] === 0x3d && (at === bodyStart || bytes[at - 1] === 0x0a)) {
      if (bytes[at] === 0x6d && media.length < 7) {
        const word = wordAt(bytes, at + 2, limit)
        if (word === 'audio' && media.length === 0) media = AUDIO
        else if (word !== '' && !media.includes(word)) media = [...media, word]
      } else if (bytes[at] === 0x61 && bytes[at + 2] === 0x66) {
        describesFile ||= wordAt(bytes, at + 2, limit).startsWith('file-selector')
      }
    }
    while (at < limit && bytes[at] !== 0x0a) at++
  }
  return media.includes('message') ? [...media, describesFile ? 'file-transfer' : 'chat'] : media
}

/** Up to 32 characters from `start` to the next blank or line end. */
function wordAt(bytes: Uint8Array, start: number, limit: number): string {
  let end = start
  while (end < limit && end - start < 32 && bytes[end]! > 0x20) end++
  return latin1Of(bytes, start, end)
}
