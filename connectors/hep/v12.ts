import type { AddressTexts } from '../net/index.ts'
import type { HepDropReason, HepPacket } from './packet.ts'
import { transportOf } from './v3.ts'

/**
 * HEPv1 and v2: u8 version, u8 header length, u8 family, u8 protocol, u16 ports, two addresses; v2 then has seconds,
 * microseconds and a 16-bit capture id. Everything that follows is SIP.
 */
const AF_INET = 2
/** AF_INET6 has a number of its own on each kernel: Linux, the BSDs, Darwin. */
const AF_INET6 = [10, 24, 28, 30]
const FIXED_BYTES = 8
/** v2's times and capture id: 10 bytes, or 12 as a C structure that ends in padding. */
const TIMES_BYTES = 10
const PADDED_TIMES_BYTES = 12

/** Could these be the first bytes of a HEP v1 or v2 packet? Version, a header length that fits its family, room for it. */
export function looksLikeV12(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < FIXED_BYTES) return false
  const version = bytes[start]!
  if (version !== 1 && version !== 2) return false
  const addresses = addressBytes(bytes[start + 2]!)
  return addresses > 0 && isHeaderLength(version, bytes[start + 1]!, addresses)
}

/** Is the declared header length one that is known? The times of v2 are counted in by some senders only. */
function isHeaderLength(version: number, declared: number, addresses: number): boolean {
  const plain = FIXED_BYTES + 2 * addresses
  if (declared === plain) return true
  return version === 2 && (declared === plain + TIMES_BYTES || declared === plain + PADDED_TIMES_BYTES)
}

function addressBytes(family: number): number {
  if (family === AF_INET) return 4
  return AF_INET6.includes(family) ? 16 : 0
}

/**
 * Decodes a packet that `looksLikeV12`.
 * @returns why the packet is not taken, or undefined with `out` filled
 */
export function decodeV12(
  bytes: Uint8Array,
  start: number,
  end: number,
  receivedMs: number,
  texts: AddressTexts,
  out: HepPacket,
): HepDropReason | undefined {
  const version = bytes[start]!
  const addresses = addressBytes(bytes[start + 2]!)
  const plain = FIXED_BYTES + 2 * addresses
  if (addresses === 0 || !isHeaderLength(version, bytes[start + 1]!, addresses)) return 'not-hep'
  if (start + plain > end) return 'bad-length'
  const envelope = out.envelope
  const at = start + FIXED_BYTES
  envelope.source = addresses === 4 ? texts.v4(bytes, at) : texts.v6(bytes, at)
  envelope.destination = addresses === 4 ? texts.v4(bytes, at + 4) : texts.v6(bytes, at + 16)
  envelope.sourcePort = (bytes[start + 4]! << 8) | bytes[start + 5]!
  envelope.destinationPort = (bytes[start + 6]! << 8) | bytes[start + 7]!
  envelope.transport = transportOf(bytes[start + 3]!)
  envelope.timeMs = receivedMs
  out.version = version
  out.protocol = 1
  out.agentId = 0
  out.keyStart = 0
  out.keyEnd = 0
  out.correlationStart = 0
  out.correlationEnd = 0
  out.payload = bytes
  out.payloadEnd = end
  out.payloadStart = version === 1 ? start + plain : readTimes(bytes, start + plain, end, receivedMs, out)
  if (out.payloadStart < end) return undefined
  return out.payloadStart > end ? 'bad-length' : 'no-payload'
}

/** The years in which a capture is believed to have been made; outside of them the other byte order is right. */
const EARLIEST_SECONDS = 946_684_800
const LATEST_SECONDS = 4_102_444_800

/**
 * v2's seconds, microseconds and capture id, whose byte order and length the specification leaves to the sender's
 * processor: Kamailio on x86 writes them little-endian with two bytes of padding, others big-endian without. Decided by
 * what is plausible: microseconds under a million and a year of this century in one order and not in the other.
 * @returns where the payload starts
 */
function readTimes(bytes: Uint8Array, at: number, end: number, receivedMs: number, out: HepPacket): number {
  if (at + TIMES_BYTES > end) return end + 1
  const littleSeconds = littleEndian(bytes, at)
  const littleMicros = littleEndian(bytes, at + 4)
  const bigSeconds = bigEndian(bytes, at)
  const bigMicros = bigEndian(bytes, at + 4)
  const little = plausibility(littleSeconds, littleMicros, receivedMs)
  const big = plausibility(bigSeconds, bigMicros, receivedMs)
  const isLittle = little > big
  const seconds = isLittle ? littleSeconds : bigSeconds
  const micros = isLittle ? littleMicros : bigMicros
  if (seconds !== 0 || micros !== 0) {
    if (Math.max(little, big) > 0) out.envelope.timeMs = seconds * 1000 + Math.floor(micros / 1000)
  }
  const id = at + 8
  out.agentId = isLittle ? bytes[id]! | (bytes[id + 1]! << 8) : (bytes[id]! << 8) | bytes[id + 1]!
  return at + timesLength(bytes, at, end, isLittle)
}

/** 3: near the time of receipt; 2: this century and whole microseconds; 1: this century; 0: neither. */
function plausibility(seconds: number, micros: number, receivedMs: number): number {
  if (seconds < EARLIEST_SECONDS || seconds > LATEST_SECONDS) return 0
  if (micros >= 1_000_000) return 1
  return Math.abs(seconds * 1000 - receivedMs) < 366 * 86_400_000 ? 3 : 2
}

/**
 * 10, or 12 where the sender copied its C structure with the padding at its end. What follows decides: SIP after ten
 * bytes, SIP after twelve, and where neither opens with a method that is known, the habit of that byte order.
 */
function timesLength(bytes: Uint8Array, at: number, end: number, isLittle: boolean): number {
  if (opensWithKnownWord(bytes, at + TIMES_BYTES, end)) return TIMES_BYTES
  if (opensWithKnownWord(bytes, at + PADDED_TIMES_BYTES, end)) return PADDED_TIMES_BYTES
  return isLittle ? PADDED_TIMES_BYTES : TIMES_BYTES
}

/** First four characters of every SIP message whose method is registered with IANA. */
const KNOWN_WORDS = new Set(
  [
    'INVI',
    'ACK ',
    'BYE ',
    'CANC',
    'REGI',
    'OPTI',
    'MESS',
    'SUBS',
    'NOTI',
    'INFO',
    'PRAC',
    'UPDA',
    'REFE',
    'PUBL',
    'SIP/',
  ].map(word => bigEndian(Buffer.from(word), 0)),
)

function opensWithKnownWord(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 4 <= end && KNOWN_WORDS.has(bigEndian(bytes, at))
}

function bigEndian(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return ((bytes[at + 3]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!) >>> 0
}
