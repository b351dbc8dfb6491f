import type { AddressTexts } from './address.ts'
import { type Cursor, drop, has, IP_PAYLOAD, STOP, u16, u32 } from './cursor.ts'
import type { Fragments } from './fragments.ts'

const AUTHENTICATION = 51
const FRAGMENT = 44

/**
 * IPv4 header (RFC 791). A total length of 0 is what a card with segmentation offload hands to a capture: the captured
 * length then stands. Header checksums are not checked: offload leaves them unset in captures of the sender.
 */
export function ipv4(c: Cursor, texts: AddressTexts, fragments: Fragments): number {
  if (!has(c, 20)) return drop(c, 'bad-ip')
  const { bytes, at } = c
  if (bytes[at]! >> 4 !== 4) return drop(c, 'bad-ip')
  const headerLength = 4 * (bytes[at]! & 0x0f)
  const totalLength = u16(bytes, at + 2)
  if (headerLength < 20 || !has(c, headerLength) || (totalLength !== 0 && totalLength < headerLength)) {
    return drop(c, 'bad-ip')
  }
  if (totalLength !== 0) c.end = Math.min(c.end, at + totalLength)
  c.type = bytes[at + 9]!
  c.envelope.source = texts.v4(bytes, at + 12)
  c.envelope.destination = texts.v4(bytes, at + 16)
  c.at = at + headerLength
  const flags = u16(bytes, at + 6)
  const offset = 8 * (flags & 0x1fff)
  const more = (flags & 0x2000) !== 0
  if (offset === 0 && !more) return IP_PAYLOAD
  const whole = totalLength === 0 || c.end === at + totalLength
  return reassemble(c, fragments, u16(bytes, at + 4), offset, more, whole)
}

/** IPv6 header and its extension headers (RFC 8200 clause 4), fragments included. */
export function ipv6(c: Cursor, texts: AddressTexts, fragments: Fragments): number {
  if (!has(c, 40)) return drop(c, 'bad-ip')
  const { bytes, at } = c
  if (bytes[at]! >> 4 !== 6) return drop(c, 'bad-ip')
  const payloadLength = u16(bytes, at + 4)
  const declaredEnd = at + 40 + payloadLength
  // A payload length of 0 is a jumbogram, or segmentation offload: the captured length then stands.
  const whole = payloadLength === 0 || declaredEnd <= c.end
  if (payloadLength !== 0) c.end = Math.min(c.end, declaredEnd)
  c.envelope.source = texts.v6(bytes, at + 8)
  c.envelope.destination = texts.v6(bytes, at + 24)
  c.type = bytes[at + 6]!
  c.at = at + 40
  if (c.type !== FRAGMENT && !isExtension(c.type)) return IP_PAYLOAD
  return extensions(c, fragments, whole)
}

/** Is this a header that stands between IP and its payload? Hop-by-hop, routing, destination options, AH, mobility. */
export function isExtension(protocol: number): boolean {
  return protocol === 0 || protocol === 43 || protocol === 60 || protocol === AUTHENTICATION || protocol === 135
}

/**
 * Passes over the extension headers at the cursor, the first of which is of `c.type`; also behind IPv4 (AH, RFC 4302) and
 * at the beginning of what was put together from fragments.
 * @param whole the capture holds all that the IP header says
 */
export function extensions(c: Cursor, fragments: Fragments, whole: boolean): number {
  while (isExtension(c.type)) {
    if (!has(c, 8)) return drop(c, 'bad-ip')
    // AH counts in words of four bytes and from its own start, the others in eight and behind the first eight.
    const length = c.type === AUTHENTICATION ? 8 + 4 * c.bytes[c.at + 1]! : 8 + 8 * c.bytes[c.at + 1]!
    if (!has(c, length)) return drop(c, 'bad-ip')
    c.type = c.bytes[c.at]!
    c.at += length
  }
  if (c.type !== FRAGMENT) return IP_PAYLOAD
  if (!has(c, 8)) return drop(c, 'bad-ip')
  const field = u16(c.bytes, c.at + 2)
  const id = u32(c.bytes, c.at + 4)
  c.type = c.bytes[c.at]!
  c.at += 8
  const more = (field & 1) === 1
  const offset = field & 0xfff8
  // An atomic fragment (RFC 6946) is a whole packet in disguise.
  if (offset === 0 && !more) return IP_PAYLOAD
  return reassemble(c, fragments, id, offset, more, whole)
}

function reassemble(
  c: Cursor,
  fragments: Fragments,
  id: number,
  offset: number,
  more: boolean,
  whole: boolean,
): number {
  const outcome = fragments.add(c, id, offset, more, whole)
  if (outcome === 'waiting') return STOP
  if (outcome === 'complete') return IP_PAYLOAD
  return drop(c, outcome)
}
