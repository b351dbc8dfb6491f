import { createCarry } from './carry.ts'

/** Takes one whole WebSocket message; its bytes are valid during the call. */
export type WebSocketMessageSink = (bytes: Uint8Array, start: number, end: number) => void

const webSocketDropReasons = ['websocket-compressed', 'websocket-too-large', 'websocket-broken'] as const
export type WebSocketDropReason = (typeof webSocketDropReasons)[number]

/** Reads one direction of a WebSocket connection (RFC 6455), after the upgrade. */
export interface WebSocketFrames {
  /** Takes the next bytes. False when they make no sense as frames: the framing is lost for good. */
  push(bytes: Uint8Array, start: number, end: number): boolean
}

/** RFC 7118 sets no bound on a SIP message in a frame; beyond this it is an attack. */
const MAX_MESSAGE_BYTES = 1 << 18
const MAX_HEADER_BYTES = 14

const CONTINUATION = 0
const BINARY = 2
const CLOSE = 8

/** A frame's header, as read. Module-wide scratch: reading never yields. */
let headerLength = 0
let payloadLength = 0
let maskAt = 0

/**
 * Messages out of frames: masked (client) or not (server), fragmented, with control frames between the fragments.
 * Compressed messages (RSV1, RFC 7692) share a dictionary over the connection that a capture from its middle does not
 * have: they are counted, not inflated.
 */
export function createWebSocketFrames(
  message: WebSocketMessageSink,
  dropped: (reason: WebSocketDropReason) => void,
): WebSocketFrames {
  const carry = createCarry()
  // Unmasking writes, and the bytes belong to the capture: one buffer for it, that grows to the longest frame.
  let unmasked: Uint8Array = new Uint8Array(0)
  let parts: Buffer[] = []
  let partBytes = 0
  let skipping = false

  return {
    push(bytes, start, end) {
      const all = carry.join(bytes.subarray(start, end))
      let at = 0
      for (;;) {
        const state = readHeader(all, at)
        if (state === 'broken') {
          dropped('websocket-broken')
          return false
        }
        const next = at + headerLength + payloadLength
        if (state === 'more' || next > all.length) break
        frame(all, at)
        at = next
      }
      carry.keep(all, at)
      return true
    },
  }

  function unmask(all: Uint8Array, from: number): Uint8Array {
    if (unmasked.length < payloadLength) unmasked = new Uint8Array(Math.max(2048, 2 * payloadLength))
    for (let i = 0; i < payloadLength; i++) unmasked[i] = all[from + i]! ^ all[maskAt + (i & 3)]!
    return unmasked.subarray(0, payloadLength)
  }

  function frame(all: Uint8Array, at: number): void {
    const first = all[at]!
    const opcode = first & 0x0f
    if (opcode >= CLOSE) return
    const from = at + headerLength
    const payload = maskAt >= 0 ? unmask(all, from) : all.subarray(from, from + payloadLength)
    if (opcode !== CONTINUATION) {
      parts = []
      partBytes = 0
      skipping = (first & 0x40) !== 0
      if (skipping) dropped('websocket-compressed')
    }
    if (skipping) return
    const final = (first & 0x80) !== 0
    if (final && parts.length === 0) {
      if (payload.length > 0 && opcode !== CONTINUATION) message(payload, 0, payload.length)
      return
    }
    parts.push(Buffer.from(payload))
    partBytes += payload.length
    if (partBytes > MAX_MESSAGE_BYTES || parts.length > 4096) {
      dropped('websocket-too-large')
      skipping = true
      parts = []
      return
    }
    if (!final) return
    const whole = Buffer.concat(parts)
    parts = []
    message(whole, 0, whole.length)
  }
}

/** Reads the frame header at `at` into the scratch above (RFC 6455 clause 5.2). */
function readHeader(bytes: Uint8Array, at: number): 'whole' | 'more' | 'broken' {
  if (bytes.length - at < 2) return 'more'
  const opcode = bytes[at]! & 0x0f
  const short = bytes[at + 1]! & 0x7f
  const reserved = (bytes[at]! & 0x30) !== 0
  if (reserved || (opcode > BINARY && opcode < CLOSE) || opcode > 10) return 'broken'
  // Control frames are short and whole (clause 5.5).
  if (opcode >= CLOSE && (short > 125 || (bytes[at]! & 0x80) === 0)) return 'broken'
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const masked = (bytes[at + 1]! & 0x80) !== 0
  headerLength = 2 + lengthBytes + (masked ? 4 : 0)
  maskAt = masked ? at + 2 + lengthBytes : -1
  if (bytes.length - at < headerLength) return 'more'
  payloadLength = short
  if (lengthBytes > 0) {
    payloadLength = 0
    for (let i = 0; i < lengthBytes; i++) payloadLength = payloadLength * 256 + bytes[at + 2 + i]!
  }
  return payloadLength > MAX_MESSAGE_BYTES ? 'broken' : 'whole'
}

/**
 * Could a data frame of a message begin here? For streams captured from their middle, where the upgrade was not seen:
 * gives the first bytes of its payload, unmasked, to look at; undefined when it cannot be one.
 */
export function peekFrame(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const first = bytes[start]!
  if (first !== 0x81 && first !== 0x82) return undefined
  const head = bytes.subarray(start, Math.min(end, start + MAX_HEADER_BYTES + 4096))
  if (readHeader(head, 0) !== 'whole') return undefined
  const payload = Buffer.from(head.subarray(headerLength, headerLength + payloadLength))
  if (maskAt >= 0) for (let i = 0; i < payload.length; i++) payload[i]! ^= head[maskAt + (i & 3)]!
  return payload
}
