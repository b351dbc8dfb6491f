import { createSipMessage } from './message.ts'
import { readSip } from './read.ts'

/** Cuts one direction of a TCP, TLS-terminated or other byte stream into SIP messages (RFC 3261 §18.3). */
export interface SipStream {
  /** The next bytes of the stream, however they are split. */
  push(bytes: Uint8Array, start: number, end: number): void
  /** Bytes are missing here: what was begun is given up, and the next start line is looked for. */
  gap(): void
  /** The stream is over: what was begun is given up. */
  end(): void
  /** Bytes held back for a message that is not complete, bounded by the limit. */
  readonly held: number
}

/** Why bytes of a stream were passed over. */
const streamDrops = ['stream-out-of-step', 'stream-message-too-long', 'stream-cut'] as const
export type StreamDrop = (typeof streamDrops)[number]

/** A whole message, valid during the call. */
export type MessageSink = (bytes: Uint8Array, start: number, end: number) => void

const CR = 0x0d
const LF = 0x0a
/** SIP over WebSocket and INVITEs with many headers exceed 8 KB; a message longer than this is an attack or no SIP. */
const DEFAULT_LIMIT = 262_144
const MAX_LINE = 8192

/**
 * A framer. Messages are given from the pushed bytes themselves where they are whole, so that a feed whose segments hold
 * whole messages is never copied. It begins out of step: a capture may start in the middle of a stream.
 * @param limit bytes of one message, head and body
 */
export function createSipStream(
  sink: MessageSink,
  dropped: (reason: StreamDrop) => void,
  limit = DEFAULT_LIMIT,
): SipStream {
  const message = createSipMessage()
  let pending = new Uint8Array(0)
  let length = 0
  /** Bytes of the pending head in which no end was found: they are not looked through again. */
  let searched = 0
  /** Whole length of the pending message once its head is known, 0 before. */
  let wanted = 0
  let inStep = false
  let isFresh = true

  function hold(bytes: Uint8Array, start: number, end: number): void {
    const more = end - start
    if (length + more > pending.length) {
      const grown = new Uint8Array(Math.max(4096, 2 ** Math.ceil(Math.log2(length + more))))
      grown.set(pending.subarray(0, length))
      pending = grown
    }
    pending.set(bytes.subarray(start, end), length)
    length += more
  }

  function lose(reason: StreamDrop): void {
    if (inStep || isFresh) dropped(reason)
    inStep = false
    isFresh = false
    searched = 0
    wanted = 0
  }

  /** Gives every whole message of `bytes[start, end)`; returns where the first incomplete one begins. */
  function cut(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    for (;;) {
      if (!inStep) {
        at = findStartLine(bytes, at, end)
        if (!inStep) return at
      }
      while (at < end && (bytes[at] === CR || bytes[at] === LF)) at++
      if (at >= end) return end
      if (wanted === 0 && !measure(bytes, at, end)) {
        if (inStep) return at
        // Its own start line must not be found again.
        at = afterLine(bytes, at, end)
        continue
      }
      if (at + wanted > end) return at
      const next = at + wanted
      wanted = 0
      searched = 0
      sink(bytes, at, next)
      at = next
    }
  }

  /** Finds the end of the head at `at` and so the message's length; false when more bytes are needed or step is lost. */
  function measure(bytes: Uint8Array, at: number, end: number): boolean {
    const headEnd = endOfHead(bytes, at, Math.max(at, at + searched - 3), end)
    if (headEnd < 0) {
      searched = end - at
      if (searched > limit) lose('stream-message-too-long')
      else if (hasBrokenStart(bytes, at, end)) lose('stream-out-of-step')
      return false
    }
    if (!readSip(message, bytes, at, headEnd, 'stream')) {
      lose('stream-out-of-step')
      return false
    }
    // Without a Content-Length that can be read there is no telling where the body ends: it is taken for none.
    wanted = headEnd - at + Math.max(0, message.contentLength)
    if (wanted <= limit) return true
    lose('stream-message-too-long')
    return false
  }

  /** Looks for a line that begins a message; sets `inStep` when one is found, else returns the last line's beginning. */
  function findStartLine(bytes: Uint8Array, from: number, end: number): number {
    let line = from
    for (;;) {
      let at = line
      while (at < end && bytes[at] !== LF) at++
      if (at >= end) {
        if (end - line <= MAX_LINE) return line
        lose('stream-out-of-step')
        return end
      }
      if (isStartLine(bytes, line, at)) {
        inStep = true
        isFresh = false
        return line
      }
      if (at - line > 1) lose('stream-out-of-step')
      line = at + 1
    }
  }

  return {
    push(bytes, start, end) {
      if (length === 0) {
        const rest = cut(bytes, start, end)
        if (rest < end) hold(bytes, rest, end)
        return
      }
      hold(bytes, start, end)
      const rest = cut(pending, 0, length)
      pending.copyWithin(0, rest, length)
      length -= rest
      // A long message is over: its buffer is not kept for ever.
      if (length === 0 && pending.length > 65_536) pending = new Uint8Array(0)
    },
    gap() {
      if (length > 0) dropped('stream-cut')
      length = 0
      searched = 0
      wanted = 0
      inStep = false
      isFresh = false
    },
    end() {
      if (length > 0 && inStep) dropped('stream-cut')
      length = 0
      searched = 0
      wanted = 0
    },
    get held() {
      return length
    },
  }
}

function afterLine(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] !== LF) at++
  return Math.min(at + 1, end)
}

/** One past the empty line that ends the head, -1 when it is not there yet. */
function endOfHead(bytes: Uint8Array, start: number, from: number, end: number): number {
  for (let at = Math.max(from, start + 1); at < end; at++) {
    if (bytes[at] !== LF) continue
    if (bytes[at - 1] === LF) return at + 1
    if (bytes[at - 1] === CR && at - 2 >= start && bytes[at - 2] === LF) return at + 1
  }
  return -1
}

/** The first line is whole or too long, and begins no message. */
function hasBrokenStart(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end && bytes[at] !== LF) at++
  return at < end ? !isStartLine(bytes, start, at) : at - start > MAX_LINE
}

/** Does `bytes[start, end)` end in SIP/2.0 (a request line) or begin with it (a status line)? */
function isStartLine(bytes: Uint8Array, start: number, lineEnd: number): boolean {
  let end = lineEnd
  while (end > start && (bytes[end - 1] === CR || bytes[end - 1] === 0x20)) end--
  if (end - start < 10) return false
  return isVersionAt(bytes, start) || (bytes[end - 8] === 0x20 && isVersionAt(bytes, end - 7))
}

function isVersionAt(bytes: Uint8Array, at: number): boolean {
  return (
    (bytes[at]! | 0x20) === 0x73 &&
    (bytes[at + 1]! | 0x20) === 0x69 &&
    (bytes[at + 2]! | 0x20) === 0x70 &&
    bytes[at + 3] === 0x2f &&
    bytes[at + 4] === 0x32 &&
    bytes[at + 5] === 0x2e &&
    bytes[at + 6] === 0x30
  )
}
