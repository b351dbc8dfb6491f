import {
  BSD_LOOPBACK,
  type Cursor,
  drop,
  ETHERNET,
  ETHERTYPE,
  has,
  IP,
  IPV4,
  IPV6,
  LINUX_COOKED,
  LINUX_COOKED_2,
  MPLS,
  PPP,
  PPPOE,
  STOP,
  u16,
} from './cursor.ts'

/**
 * First layer of a libpcap link type (LINKTYPE_ values of the tcpdump project); STOP for those not read.
 * Both numbers of raw IP are in use: 12 and 14 are what some systems wrote before 101 was assigned.
 */
export function firstLayerOf(linkType: number): number {
  switch (linkType) {
    case 0: // NULL: address family in the byte order of the machine that wrote it
    case 108: // LOOP: the same, big-endian
      return BSD_LOOPBACK
    case 1:
      return ETHERNET
    case 9:
    case 50:
      return PPP
    case 51:
      return PPPOE
    case 12:
    case 14:
    case 101:
      return IP
    case 113:
      return LINUX_COOKED
    case 228:
      return IPV4
    case 229:
      return IPV6
    case 276:
      return LINUX_COOKED_2
    default:
      return STOP
  }
}

/** Two addresses and a type (or an 802.3 length with LLC/SNAP behind it). */
export function ethernet(c: Cursor): number {
  if (!has(c, 14)) return drop(c, 'short-frame')
  c.type = u16(c.bytes, c.at + 12)
  c.at += 14
  return ETHERTYPE
}

/** VLAN tags (802.1Q, 802.1ad and the two numbers used before it) in any depth, then what the EtherType says. */
export function etherType(c: Cursor): number {
  switch (c.type) {
    case 0x0800:
      return IPV4
    case 0x86dd:
      return IPV6
    case 0x8100:
    case 0x88a8:
    case 0x9100:
    case 0x9200:
      if (!has(c, 4)) return drop(c, 'short-frame')
      c.type = u16(c.bytes, c.at + 2)
      c.at += 4
      return ETHERTYPE
    case 0x8847:
    case 0x8848:
      return MPLS
    case 0x8864:
      return PPPOE
    case 0x6558:
      return ETHERNET
    case 0x880b:
      return PPP
    default:
      return c.type <= 1500 ? snap(c) : drop(c, 'not-ip')
  }
}

/** 802.2 LLC with SNAP: aa aa 03, a vendor of zero, an EtherType. */
function snap(c: Cursor): number {
  if (!has(c, 8)) return drop(c, 'not-ip')
  const { bytes, at } = c
  if (bytes[at] !== 0xaa || bytes[at + 1] !== 0xaa || bytes[at + 2] !== 0x03) return drop(c, 'not-ip')
  c.type = u16(bytes, at + 6)
  c.at += 8
  return c.type <= 1500 ? drop(c, 'not-ip') : ETHERTYPE
}

/** SLL: 16 bytes, the EtherType last (LINKTYPE_LINUX_SLL). */
export function linuxCooked(c: Cursor): number {
  if (!has(c, 16)) return drop(c, 'short-frame')
  c.type = u16(c.bytes, c.at + 14)
  c.at += 16
  return ETHERTYPE
}

/** SLL2: 20 bytes, the EtherType first (LINKTYPE_LINUX_SLL2). */
export function linuxCooked2(c: Cursor): number {
  if (!has(c, 20)) return drop(c, 'short-frame')
  c.type = u16(c.bytes, c.at)
  c.at += 20
  return ETHERTYPE
}

/** Four bytes of address family in either byte order; the version in the IP header itself is what decides. */
export function bsdLoopback(c: Cursor): number {
  if (!has(c, 5)) return drop(c, 'short-frame')
  c.at += 4
  return IP
}

/** PPPoE session (RFC 2516 clause 4): version and type 1, code 0, a length of what follows. */
export function pppoe(c: Cursor): number {
  if (!has(c, 8)) return drop(c, 'short-frame')
  if (c.bytes[c.at] !== 0x11 || c.bytes[c.at + 1] !== 0) return drop(c, 'not-ip')
  const length = u16(c.bytes, c.at + 4)
  c.at += 6
  c.end = Math.min(c.end, c.at + length)
  return PPP
}

/** PPP with or without its HDLC address and control bytes, protocol field of one or two bytes (RFC 1661 clause 2). */
export function ppp(c: Cursor): number {
  if (has(c, 2) && c.bytes[c.at] === 0xff && c.bytes[c.at + 1] === 0x03) c.at += 2
  if (!has(c, 2)) return drop(c, 'short-frame')
  const compressed = (c.bytes[c.at]! & 1) === 1
  const protocol = compressed ? c.bytes[c.at]! : u16(c.bytes, c.at)
  c.at += compressed ? 1 : 2
  switch (protocol) {
    case 0x21:
      return IPV4
    case 0x57:
      return IPV6
    case 0x281:
    case 0x283:
      return MPLS
    default:
      return drop(c, 'not-ip')
  }
}

/** Label stack to its bottom (RFC 3032), then IP by its version, or an Ethernet pseudowire (RFC 4448). */
export function mpls(c: Cursor): number {
  for (;;) {
    if (!has(c, 4)) return drop(c, 'short-frame')
    const bottom = (c.bytes[c.at + 2]! & 1) === 1
    c.at += 4
    if (bottom) break
  }
  if (!has(c, 1)) return drop(c, 'short-frame')
  const nibble = c.bytes[c.at]! >> 4
  if (nibble === 4) return IPV4
  if (nibble === 6) return IPV6
  // A first nibble of 0 is the pseudowire's control word (RFC 4385 clause 3).
  if (nibble === 0 && has(c, 18)) c.at += 4
  return ETHERNET
}

/** IP of whichever version its first nibble says. */
export function ip(c: Cursor): number {
  if (!has(c, 1)) return drop(c, 'short-frame')
  const version = c.bytes[c.at]! >> 4
  if (version === 4) return IPV4
  return version === 6 ? IPV6 : drop(c, 'not-ip')
}
