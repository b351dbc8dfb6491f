import { type Cursor, drop, ETHERNET, ETHERTYPE, has, IP, u16 } from './cursor.ts'

/**
 * GRE (RFC 2784, 2890; version 1 of RFC 2637) and the mirrors inside it: ERSPAN types I and II (0x88be), III (0x22eb).
 */
export function gre(c: Cursor): number {
  if (!has(c, 4)) return drop(c, 'bad-tunnel')
  const flags = u16(c.bytes, c.at)
  const type = u16(c.bytes, c.at + 2)
  // Source routes (RFC 1701) are of variable length and gone from the field.
  if ((flags & 0x4000) !== 0) return drop(c, 'bad-tunnel')
  const version = flags & 7
  let length = 4
  if ((flags & 0x8000) !== 0) length += 4
  if ((flags & 0x2000) !== 0) length += 4
  if ((flags & 0x1000) !== 0) length += 4
  if (version === 1 && (flags & 0x0080) !== 0) length += 4
  if (!has(c, length)) return drop(c, 'bad-tunnel')
  c.at += length
  if (type === 0x88be) return erspan2(c, (flags & 0x1000) !== 0)
  if (type === 0x22eb) return erspan3(c)
  c.type = type
  return ETHERTYPE
}

/** Type II has eight bytes and GRE's sequence number; type I has neither. */
function erspan2(c: Cursor, sequenced: boolean): number {
  if (!sequenced) return ETHERNET
  if (!has(c, 8) || c.bytes[c.at]! >> 4 !== 1) return drop(c, 'bad-tunnel')
  c.at += 8
  return ETHERNET
}

/** Type III: twelve bytes, eight more where the last bit says so; the frame type tells Ethernet from bare IP. */
function erspan3(c: Cursor): number {
  if (!has(c, 12) || c.bytes[c.at]! >> 4 !== 2) return drop(c, 'bad-tunnel')
  const frameType = (c.bytes[c.at + 10]! >> 2) & 0x1f
  const subHeader = (c.bytes[c.at + 11]! & 1) === 1
  const length = subHeader ? 20 : 12
  if (!has(c, length)) return drop(c, 'bad-tunnel')
  c.at += length
  return frameType === 2 ? IP : ETHERNET
}

const VXLAN_PORTS = [4789, 8472]
const GENEVE_PORT = 6081
const GTP_USER_PORT = 2152

/**
 * Tunnels over UDP, told by port and confirmed by their header; -1 when it is a plain datagram after all.
 * `c.at` stands behind the UDP header.
 */
export function udpTunnel(c: Cursor, sourcePort: number, destinationPort: number): number {
  if (VXLAN_PORTS.includes(destinationPort)) return vxlan(c)
  if (destinationPort === GTP_USER_PORT || sourcePort === GTP_USER_PORT) return gtpUser(c)
  if (destinationPort === GENEVE_PORT) return geneve(c)
  return -1
}

/** RFC 7348 clause 5: the I flag, reserved bits zero on transmission, a network id, Ethernet. */
function vxlan(c: Cursor): number {
  if (!has(c, 8) || (c.bytes[c.at]! & 0x08) === 0 || c.bytes[c.at + 7] !== 0) return -1
  c.at += 8
  return ETHERNET
}

/** RFC 8926 clause 3.4: version 0, options in words of four bytes, an EtherType. */
function geneve(c: Cursor): number {
  if (!has(c, 8) || c.bytes[c.at]! >> 6 !== 0) return -1
  const length = 8 + 4 * (c.bytes[c.at]! & 0x3f)
  if (!has(c, length)) return -1
  c.type = u16(c.bytes, c.at + 2)
  c.at += length
  return ETHERTYPE
}

/** 3GPP TS 29.281 clause 5: version 1, G-PDU (255), optional fields, extension headers in words of four bytes. */
function gtpUser(c: Cursor): number {
  if (!has(c, 8)) return -1
  const flags = c.bytes[c.at]!
  if ((flags & 0xf0) !== 0x30 || c.bytes[c.at + 1] !== 0xff) return -1
  const end = Math.min(c.end, c.at + 8 + u16(c.bytes, c.at + 2))
  let at = c.at + 8
  if ((flags & 7) !== 0) {
    if (at + 4 > end) return drop(c, 'bad-tunnel')
    let next = (flags & 4) !== 0 ? c.bytes[at + 3]! : 0
    at += 4
    while (next !== 0) {
      const length = at < end ? 4 * c.bytes[at]! : 0
      if (length === 0 || at + length > end) return drop(c, 'bad-tunnel')
      next = c.bytes[at + length - 1]!
      at += length
    }
  }
  c.at = at
  c.end = end
  return IP
}
