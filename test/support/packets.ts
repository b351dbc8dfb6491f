/** Small builders of network packets, from the inside out: each takes a payload and gives it wrapped. */

const u16 = (value: number) => Buffer.from([(value >> 8) & 0xff, value & 0xff])
const u32 = (value: number) => Buffer.from([value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff])
const zeros = (count: number) => Buffer.alloc(count)

export interface Ends {
  readonly source?: string
  readonly destination?: string
  readonly sourcePort?: number
  readonly destinationPort?: number
}

const ends = (given: Ends) => ({
  source: '192.0.2.1',
  destination: '192.0.2.2',
  sourcePort: 5060,
  destinationPort: 5060,
  ...given,
})

/** Bytes of an IPv4 or (uncompressed or `::`) IPv6 address. */
export function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number))
  const [head = '', tail = ''] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16)))
  const front = groups(head)
  const back = groups(tail)
  const middle = text.includes('::') ? new Array<number>(8 - front.length - back.length).fill(0) : []
  return Buffer.concat([...front, ...middle, ...back].map(u16))
}

export function udp(payload: Uint8Array, given: Ends = {}): Buffer {
  const { sourcePort, destinationPort } = ends(given)
  return Buffer.concat([u16(sourcePort), u16(destinationPort), u16(8 + payload.length), u16(0), payload])
}

export interface TcpGiven extends Ends {
  readonly sequence: number
  readonly acknowledgement?: number
  /** Any of S, A, F, R, P. */
  readonly flags?: string
}

export function tcp(payload: Uint8Array, given: TcpGiven): Buffer {
  const { sourcePort, destinationPort } = ends(given)
  const { sequence, acknowledgement = 0, flags = 'A' } = given
  let bits = 0
  for (const [letter, bit] of Object.entries({ F: 1, S: 2, R: 4, P: 8, A: 16 })) if (flags.includes(letter)) bits |= bit
  return Buffer.concat([
    u16(sourcePort),
    u16(destinationPort),
    u32(sequence),
    u32(acknowledgement),
    Buffer.from([0x50, bits]),
    u16(65_535),
    u16(0),
    u16(0),
    payload,
  ])
}

/** An SCTP packet of DATA chunks. */
export function sctp(
  chunks: readonly { payload: Uint8Array; tsn: number; flags?: number; stream?: number; sequence?: number }[],
  given: Ends = {},
): Buffer {
  const { sourcePort, destinationPort } = ends(given)
  const parts: Buffer[] = [u16(sourcePort), u16(destinationPort), u32(0xabcd), u32(0)]
  for (const { payload, tsn, flags = 3, stream = 0, sequence = 0 } of chunks) {
    const length = 16 + payload.length
    parts.push(Buffer.from([0, flags]), u16(length), u32(tsn), u16(stream), u16(sequence), u32(0), Buffer.from(payload))
    parts.push(zeros((4 - (length % 4)) % 4))
  }
  return Buffer.concat(parts)
}

export interface Ipv4Given extends Ends {
  readonly protocol?: number
  readonly id?: number
  /** In bytes. */
  readonly offset?: number
  readonly more?: boolean
  readonly totalLength?: number
}

export function ipv4(payload: Uint8Array, given: Ipv4Given = {}): Buffer {
  const { source, destination } = ends(given)
  const { protocol = 17, id = 1, offset = 0, more = false, totalLength = 20 + payload.length } = given
  return Buffer.concat([
    Buffer.from([0x45, 0]),
    u16(totalLength),
    u16(id),
    u16((more ? 0x2000 : 0) | (offset / 8)),
    Buffer.from([64, protocol, 0, 0]),
    addressBytes(source),
    addressBytes(destination),
    payload,
  ])
}

/** Splits an IPv4 payload into fragments of `size` bytes, a multiple of eight. */
export function ipv4Fragments(payload: Uint8Array, size: number, given: Ipv4Given = {}): Buffer[] {
  const fragments: Buffer[] = []
  for (let offset = 0; offset < payload.length; offset += size) {
    const more = offset + size < payload.length
    fragments.push(ipv4(payload.subarray(offset, offset + size), { ...given, offset, more }))
  }
  return fragments
}

export interface Ipv6Given extends Ends {
  readonly next?: number
}

const V6_ENDS = { source: '2001:db8::1', destination: '2001:db8::2' }

export function ipv6(payload: Uint8Array, given: Ipv6Given = {}): Buffer {
  const { source, destination } = ends({ ...V6_ENDS, ...given })
  return Buffer.concat([
    Buffer.from([0x60, 0, 0, 0]),
    u16(payload.length),
    Buffer.from([given.next ?? 17, 64]),
    addressBytes(source),
    addressBytes(destination),
    payload,
  ])
}

/** Splits an IPv6 payload into packets with a fragment header each. */
export function ipv6Fragments(payload: Uint8Array, size: number, given: Ipv6Given & { id?: number } = {}): Buffer[] {
  const fragments: Buffer[] = []
  for (let offset = 0; offset < payload.length; offset += size) {
    const more = offset + size < payload.length ? 1 : 0
    const header = Buffer.concat([Buffer.from([given.next ?? 17, 0]), u16(offset | more), u32(given.id ?? 7)])
    fragments.push(ipv6(Buffer.concat([header, payload.subarray(offset, offset + size)]), { ...given, next: 44 }))
  }
  return fragments
}

export function ethernet(payload: Uint8Array, etherType = 0x0800): Buffer {
  return Buffer.concat([zeros(12), u16(etherType), payload])
}

export function vlan(payload: Uint8Array, tags: readonly number[], etherType = 0x0800): Buffer {
  const types = [...tags.slice(1), etherType]
  const parts = types.map(type => Buffer.concat([u16(100), u16(type)]))
  return ethernet(Buffer.concat([...parts, payload]), tags[0])
}

export function linuxCooked(payload: Uint8Array, etherType = 0x0800): Buffer {
  return Buffer.concat([zeros(14), u16(etherType), payload])
}

export function linuxCooked2(payload: Uint8Array, etherType = 0x0800): Buffer {
  return Buffer.concat([u16(etherType), zeros(18), payload])
}

/** NULL encapsulation: address family in the byte order of a little-endian machine. */
export function loopback(payload: Uint8Array, family = 2): Buffer {
  return Buffer.concat([Buffer.from([family, 0, 0, 0]), payload])
}

export function pppoe(payload: Uint8Array, protocol = 0x21): Buffer {
  return ethernet(
    Buffer.concat([Buffer.from([0x11, 0]), u16(7), u16(payload.length + 2), u16(protocol), payload]),
    0x8864,
  )
}

export function mpls(payload: Uint8Array, labels: number, etherType = 0x8847): Buffer {
  const stack = Array.from({ length: labels }, (_, i) => u32((1000 + i) * 4096 + (i === labels - 1 ? 0x100 : 0) + 64))
  return ethernet(Buffer.concat([...stack, payload]), etherType)
}

/** GRE with the optional fields that `flags` (0x8000 checksum, 0x2000 key, 0x1000 sequence) name. */
export function gre(payload: Uint8Array, protocol: number, flags = 0): Buffer {
  const optional = zeros(4 * [0x8000, 0x2000, 0x1000].filter(flag => (flags & flag) !== 0).length)
  return Buffer.concat([u16(flags), u16(protocol), optional, payload])
}

export function erspan2(frame: Uint8Array): Buffer {
  return gre(Buffer.concat([Buffer.from([0x10, 0x64, 0, 1]), u32(0), frame]), 0x88be, 0x1000)
}

export function erspan3(frame: Uint8Array, subHeader: boolean): Buffer {
  const header = Buffer.concat([Buffer.from([0x20, 0x64, 0, 1]), u32(123), u16(0), Buffer.from([0, subHeader ? 1 : 0])])
  return gre(Buffer.concat([header, zeros(subHeader ? 8 : 0), frame]), 0x22eb, 0x1000)
}

export function vxlan(frame: Uint8Array): Buffer {
  return udp(Buffer.concat([Buffer.from([8, 0, 0, 0]), u32(42 << 8), frame]), { destinationPort: 4789 })
}

/** GTP-U G-PDU; `extension` adds a PDU session container, as 5G does. */
export function gtpU(packet: Uint8Array, extension = false): Buffer {
  const optional = extension ? Buffer.from([0, 0, 0, 0x85, 1, 0x10, 9, 0]) : zeros(0)
  const header = Buffer.concat([
    Buffer.from([extension ? 0x34 : 0x30, 0xff]),
    u16(optional.length + packet.length),
    u32(9),
  ])
  return udp(Buffer.concat([header, optional, packet]), { sourcePort: 2152, destinationPort: 2152 })
}

export interface PcapGiven {
  readonly linkType?: number
  readonly little?: boolean
  readonly nanoseconds?: boolean
  /** Time of the first packet, milliseconds; each one after it is a millisecond later. */
  readonly startMs?: number
}

const integers = (little: boolean) => ({
  w16: (value: number) => (little ? u16(value).reverse() : u16(value)),
  w32: (value: number) => (little ? u32(value).reverse() : u32(value)),
})

/** A pcap file. */
export function pcapFile(packets: readonly Uint8Array[], given: PcapGiven = {}): Buffer {
  const { linkType = 1, little = true, nanoseconds = false, startMs = 1_764_000_000_000 } = given
  const { w16, w32 } = integers(little)
  const parts: Buffer[] = [
    w32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    w16(2),
    w16(4),
    w32(0),
    w32(0),
    w32(262_144),
    w32(linkType),
  ]
  packets.forEach((packet, i) => {
    const timeMs = startMs + i
    const fraction = (timeMs % 1000) * (nanoseconds ? 1_000_000 : 1000)
    parts.push(
      w32(Math.floor(timeMs / 1000)),
      w32(fraction),
      w32(packet.length),
      w32(packet.length),
      Buffer.from(packet),
    )
  })
  return Buffer.concat(parts)
}

/** One pcapng block. */
export function pcapngBlock(type: number, body: Uint8Array, little: boolean): Buffer {
  const { w32 } = integers(little)
  const padding = zeros((4 - (body.length % 4)) % 4)
  const length = 12 + body.length + padding.length
  return Buffer.concat([w32(type), w32(length), body, padding, w32(length)])
}

export interface PcapngGiven extends PcapGiven {
  /** Option if_tsresol; 6 (microseconds) when absent. */
  readonly resolution?: number
}

/** A pcapng file of one section and one interface. */
export function pcapngFile(packets: readonly Uint8Array[], given: PcapngGiven = {}): Buffer {
  const { linkType = 1, little = true, startMs = 1_764_000_000_000, resolution } = given
  const { w16, w32 } = integers(little)
  const section = Buffer.concat([w32(0x1a2b3c4d), w16(1), w16(0), w32(0xffffffff), w32(0xffffffff)])
  const option =
    resolution === undefined ? zeros(0) : Buffer.concat([w16(9), w16(1), Buffer.from([resolution, 0, 0, 0])])
  const face = Buffer.concat([w16(linkType), w16(0), w32(0), option, w16(0), w16(0)])
  const blocks = [pcapngBlock(0x0a0d0d0a, section, little), pcapngBlock(1, face, little)]
  packets.forEach((packet, i) => {
    const { high, low } = ticks(startMs + i, resolution ?? 6)
    const body = Buffer.concat([w32(0), w32(high), w32(low), w32(packet.length), w32(packet.length), packet])
    blocks.push(pcapngBlock(6, body, little))
  })
  return Buffer.concat(blocks)
}

function ticks(timeMs: number, resolution: number): { high: number; low: number } {
  const perSecond = resolution >= 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
  const value = (BigInt(timeMs) * perSecond) / 1000n
  return { high: Number(value >> 32n), low: Number(value & 0xffffffffn) }
}
