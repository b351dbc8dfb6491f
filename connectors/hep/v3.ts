import type { AddressTexts } from '../net/index.ts'
import type { Transport } from '../signal.ts'
import { inflatePayload } from './inflate.ts'
import type { HepDropReason, HepPacket } from './packet.ts'

const HEADER_BYTES = 6
const CHUNK_HEADER_BYTES = 6

/** Fields of the packet at hand that outlive one chunk: module-wide scratch, since decoding never yields. */
let ipProtocol = 0
let seconds = 0
let microseconds = 0
let payloadAt = 0
let payloadEnd = 0
let compressed = false

/**
 * HEP3 (specification revision 37) in place: one walk over the chunks, in whatever order they come.
 * Declared lengths are believed only inside `[start, end)`. Unknown chunks, and every chunk of a vendor other than 0, are
 * passed over by their length.
 * @returns why the packet is not taken, or undefined with `out` filled
 */
export function decodeV3(
  bytes: Uint8Array,
  start: number,
  end: number,
  receivedMs: number,
  maxInflatedBytes: number,
  texts: AddressTexts,
  out: HepPacket,
): HepDropReason | undefined {
  if (end - start < HEADER_BYTES) return 'bad-length'
  const total = (bytes[start + 4]! << 8) | bytes[start + 5]!
  // A datagram longer than its packet is padding; a shorter one has been cut: what is missing cannot be told.
  if (total < HEADER_BYTES || start + total > end) return 'bad-length'
  const limit = start + total
  reset(out)
  out.received = bytes
  let at = start + HEADER_BYTES
  while (at < limit) {
    if (at + CHUNK_HEADER_BYTES > limit) return 'bad-chunk'
    const length = (bytes[at + 4]! << 8) | bytes[at + 5]!
    const next = at + length
    if (length < CHUNK_HEADER_BYTES || next > limit) return 'bad-chunk'
    const vendor = (bytes[at]! << 8) | bytes[at + 1]!
    if (vendor === 0) {
      const type = (bytes[at + 2]! << 8) | bytes[at + 3]!
      if (!takeChunk(type, bytes, at + CHUNK_HEADER_BYTES, next, texts, out)) return 'bad-chunk'
    }
    at = next
  }
  return finish(bytes, receivedMs, maxInflatedBytes, out)
}

/** One chunk of vendor 0. False when it is shorter than its meaning needs. */
function takeChunk(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  texts: AddressTexts,
  out: HepPacket,
): boolean {
  const length = end - at
  const envelope = out.envelope
  switch (type) {
    case 0x02:
      if (length < 1) return false
      ipProtocol = bytes[at]!
      return true
    case 0x03:
      if (length < 4) return false
      envelope.source = texts.v4(bytes, at)
      return true
    case 0x04:
      if (length < 4) return false
      envelope.destination = texts.v4(bytes, at)
      return true
    case 0x05:
      if (length < 16) return false
      envelope.source = texts.v6(bytes, at)
      return true
    case 0x06:
      if (length < 16) return false
      envelope.destination = texts.v6(bytes, at)
      return true
    case 0x07:
      if (length < 2) return false
      envelope.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!
      return true
    case 0x08:
      if (length < 2) return false
      envelope.destinationPort = (bytes[at]! << 8) | bytes[at + 1]!
      return true
    case 0x09:
      if (length < 4) return false
      seconds = uint32(bytes, at)
      return true
    case 0x0a:
      if (length < 4) return false
      microseconds = uint32(bytes, at)
      return true
    case 0x0b:
      if (length < 1) return false
      out.protocol = bytes[at]!
      return true
    case 0x0c:
      if (length < 4) return false
      out.agentId = uint32(bytes, at)
      return true
    case 0x0e:
      out.keyStart = at
      out.keyEnd = end
      return true
    case 0x0f:
      payloadAt = at
      payloadEnd = end
      compressed = false
      return true
    case 0x10:
      payloadAt = at
      payloadEnd = end
      compressed = true
      return true
    case 0x11:
      out.correlationStart = at
      out.correlationEnd = end
      return true
    default:
      return true
  }
}

function reset(out: HepPacket): void {
  ipProtocol = 17
  seconds = 0
  microseconds = 0
  payloadAt = -1
  payloadEnd = -1
  compressed = false
  out.version = 3
  out.protocol = 0
  out.agentId = 0
  out.keyStart = 0
  out.keyEnd = 0
  out.correlationStart = 0
  out.correlationEnd = 0
  const envelope = out.envelope
  envelope.source = ''
  envelope.sourcePort = 0
  envelope.destination = ''
  envelope.destinationPort = 0
}

function finish(
  bytes: Uint8Array,
  receivedMs: number,
  maxInflatedBytes: number,
  out: HepPacket,
): HepDropReason | undefined {
  if (payloadAt < 0) return 'no-payload'
  out.payload = bytes
  out.payloadStart = payloadAt
  out.payloadEnd = payloadEnd
  if (compressed) {
    const inflated = inflatePayload(bytes, payloadAt, payloadEnd, maxInflatedBytes)
    if (typeof inflated === 'string') return inflated
    out.payload = inflated
    out.payloadStart = 0
    out.payloadEnd = inflated.length
  }
  out.envelope.transport = transportOf(ipProtocol)
  // Agents that have no clock at hand send (0,0): the time of receipt is then the best there is.
  out.envelope.timeMs =
    seconds === 0 && microseconds === 0 ? receivedMs : seconds * 1000 + Math.floor(microseconds / 1000)
  return undefined
}

/** IP protocol number to transport. Kamailio has sent 22 for UDP; WebSocket and TLS are not told apart from TCP by HEP. */
export function transportOf(protocol: number): Transport {
  if (protocol === 6) return 'tcp'
  if (protocol === 132) return 'sctp'
  return 'udp'
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
