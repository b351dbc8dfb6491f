import { emptyEnvelope } from '../signal.ts'
import { type AddressTexts, createAddressTexts } from './address.ts'
import * as layer from './cursor.ts'
import { type Cursor, drop, has, STOP, u16, u32 } from './cursor.ts'
import { createFragments, type FragmentLimits } from './fragments.ts'
import { extensions, ipv4, ipv6, isExtension } from './ip.ts'
import {
  bsdLoopback,
  ethernet,
  etherType,
  firstLayerOf,
  ip,
  linuxCooked,
  linuxCooked2,
  mpls,
  ppp,
  pppoe,
} from './link.ts'
import { createSctp } from './sctp.ts'
import type { TcpHeader, TransportSink } from './sink.ts'
import { gre, udpTunnel } from './tunnel.ts'

/** Takes captured packets. */
export interface PacketWalker {
  packet(linkType: number, bytes: Uint8Array, start: number, end: number, timeMs: number): void
}

/** Deeper nesting than this is a bomb: the deepest honest mirror (VLAN, MPLS, GRE, ERSPAN, VLAN, IP in IP) has about ten. */
const MAX_LAYERS = 32

const UDP = 17
const TCP = 6
const SCTP = 132

/**
 * Walks a packet from its link layer to its transport payload, through tunnels, with IP fragments put together.
 * One cursor and one envelope for all packets; no closure and no object a packet. Never throws.
 */
export function createPacketWalker(
  sink: TransportSink,
  options: { readonly fragments?: FragmentLimits; readonly texts?: AddressTexts } = {},
): PacketWalker {
  const texts = options.texts ?? createAddressTexts()
  const fragments = createFragments(options.fragments)
  const sctp = createSctp(sink)
  const tcp: TcpHeader = { sequence: 0, acknowledgement: 0, syn: false, ack: false, fin: false, rst: false }
  const envelope = emptyEnvelope()
  const c: Cursor = { bytes: new Uint8Array(0), at: 0, end: 0, type: 0, reason: undefined, envelope }

  return {
    packet(linkType, bytes, start, end, timeMs) {
      c.bytes = bytes
      c.at = start
      c.end = end
      c.reason = undefined
      envelope.timeMs = timeMs
      let next = firstLayerOf(linkType)
      if (next === STOP) {
        sink.dropped('unknown-link-type')
        return
      }
      for (let depth = 0; next !== STOP; depth++) {
        next = depth < MAX_LAYERS ? step(next) : drop(c, 'too-many-layers')
      }
      if (c.reason !== undefined) sink.dropped(c.reason)
      for (let expired = fragments.takeExpired(); expired > 0; expired--) sink.dropped('fragment-expired')
    },
  }

  function step(at: number): number {
    switch (at) {
      case layer.ETHERNET:
        return ethernet(c)
      case layer.ETHERTYPE:
        return etherType(c)
      case layer.IP:
        return ip(c)
      case layer.IPV4:
        return ipv4(c, texts, fragments)
      case layer.IPV6:
        return ipv6(c, texts, fragments)
      case layer.IP_PAYLOAD:
        return payload()
      case layer.MPLS:
        return mpls(c)
      case layer.PPP:
        return ppp(c)
      case layer.PPPOE:
        return pppoe(c)
      case layer.LINUX_COOKED:
        return linuxCooked(c)
      case layer.LINUX_COOKED_2:
        return linuxCooked2(c)
      default:
        return bsdLoopback(c)
    }
  }

  /** By IP protocol number. */
  function payload(): number {
    switch (c.type) {
      case UDP:
        return udp()
      case TCP:
        return segment()
      case SCTP:
        return sctp(c)
      case 4:
      case 94:
        return layer.IPV4
      case 41:
        return layer.IPV6
      case 47:
        return gre(c)
      case 97: // EtherIP (RFC 3378): two bytes, then Ethernet
        c.at += 2
        return layer.ETHERNET
      case 137:
        return layer.MPLS
      default:
        return isExtension(c.type) ? extensions(c, fragments, true) : drop(c, 'other-transport')
    }
  }

  function udp(): number {
    if (!has(c, 8)) return drop(c, 'bad-transport')
    const { bytes, at } = c
    const length = u16(bytes, at + 4)
    if (length !== 0 && length < 8) return drop(c, 'bad-transport')
    if (length !== 0) c.end = Math.min(c.end, at + length)
    envelope.sourcePort = u16(bytes, at)
    envelope.destinationPort = u16(bytes, at + 2)
    c.at = at + 8
    const inner = udpTunnel(c, envelope.sourcePort, envelope.destinationPort)
    if (inner !== -1) return inner
    envelope.transport = 'udp'
    if (c.at < c.end) sink.datagram(bytes, c.at, c.end, envelope)
    return STOP
  }

  function segment(): number {
    if (!has(c, 20)) return drop(c, 'bad-transport')
    const { bytes, at } = c
    const headerLength = 4 * (bytes[at + 12]! >> 4)
    if (headerLength < 20 || !has(c, headerLength)) return drop(c, 'bad-transport')
    envelope.sourcePort = u16(bytes, at)
    envelope.destinationPort = u16(bytes, at + 2)
    envelope.transport = 'tcp'
    const flags = bytes[at + 13]!
    tcp.sequence = u32(bytes, at + 4)
    tcp.acknowledgement = u32(bytes, at + 8)
    tcp.fin = (flags & 0x01) !== 0
    tcp.syn = (flags & 0x02) !== 0
    tcp.rst = (flags & 0x04) !== 0
    tcp.ack = (flags & 0x10) !== 0
    sink.segment(bytes, at + headerLength, c.end, envelope, tcp)
    return STOP
  }
}
