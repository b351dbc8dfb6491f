import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPacketWalker } from '../../../connectors/net/index.ts'
import type { Envelope } from '../../../connectors/signal.ts'
import * as packets from '../../support/packets.ts'

const PAYLOAD = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n')

interface Seen {
  readonly datagrams: { text: string; envelope: Envelope }[]
  readonly segments: { text: string; sequence: number; flags: string }[]
  readonly drops: string[]
}

function walk(frames: readonly Uint8Array[], linkType = 1, timesMs: readonly number[] = []): Seen {
  const seen: Seen = { datagrams: [], segments: [], drops: [] }
  const text = (bytes: Uint8Array, start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end)).toString('latin1')
  const walker = createPacketWalker({
    datagram: (bytes, start, end, envelope) =>
      seen.datagrams.push({ text: text(bytes, start, end), envelope: { ...envelope } }),
    segment: (bytes, start, end, _envelope, { sequence, syn, fin, rst, ack }) => {
      const flags = `${syn ? 'S' : ''}${fin ? 'F' : ''}${rst ? 'R' : ''}${ack ? 'A' : ''}`
      seen.segments.push({ text: text(bytes, start, end), sequence, flags })
    },
    dropped: reason => seen.drops.push(reason),
  })
  frames.forEach((frame, i) => {
    // At an offset, so that no layer takes the beginning of the buffer for its own.
    const padded = Buffer.concat([Buffer.alloc(3, 0xee), frame, Buffer.alloc(3, 0xee)])
    walker.packet(linkType, padded, 3, 3 + frame.length, timesMs[i] ?? 1000 + i)
  })
  return seen
}

const inner = packets.ipv4(packets.udp(PAYLOAD))
const inner6 = packets.ipv6(packets.udp(PAYLOAD))
const frame = packets.ethernet(inner)
const greIp = (payload: Uint8Array) => packets.ethernet(packets.ipv4(payload, { protocol: 47, source: '203.0.113.1' }))

const ENCAPSULATIONS: [string, number, Buffer][] = [
  ['Ethernet, IPv4', 1, frame],
  ['Ethernet, IPv6', 1, packets.ethernet(inner6, 0x86dd)],
  ['802.3 with LLC/SNAP', 1, packets.ethernet(Buffer.concat([Buffer.from('aaaa030000000800', 'hex'), inner]), 500)],
  ['802.1Q', 1, packets.vlan(inner, [0x8100])],
  ['QinQ (802.1ad over 802.1Q)', 1, packets.vlan(inner, [0x88a8, 0x8100])],
  ['three VLAN tags of the old number', 1, packets.vlan(inner, [0x9100, 0x9100, 0x8100])],
  ['Linux cooked v1', 113, packets.linuxCooked(inner)],
  ['Linux cooked v1, IPv6', 113, packets.linuxCooked(inner6, 0x86dd)],
  ['Linux cooked v2', 276, packets.linuxCooked2(inner)],
  ['raw IP, 101', 101, inner],
  ['raw IP, 101, IPv6', 101, inner6],
  ['raw IP, 12', 12, inner],
  ['raw IPv4', 228, inner],
  ['raw IPv6', 229, inner6],
  ['NULL', 0, packets.loopback(inner)],
  ['NULL, IPv6 of another system', 0, packets.loopback(inner6, 30)],
  ['LOOP', 108, Buffer.concat([Buffer.from([0, 0, 0, 2]), inner])],
  ['PPPoE', 1, packets.pppoe(inner)],
  ['PPPoE, IPv6', 1, packets.pppoe(inner6, 0x57)],
  ['PPP with HDLC framing', 9, Buffer.concat([Buffer.from([0xff, 0x03, 0x00, 0x21]), inner])],
  ['MPLS, one label', 1, packets.mpls(inner, 1)],
  ['MPLS, three labels, IPv6', 1, packets.mpls(inner6, 3)],
  ['MPLS pseudowire with control word', 1, packets.mpls(Buffer.concat([Buffer.alloc(4), frame]), 2)],
  ['IP in IP', 1, packets.ethernet(packets.ipv4(inner, { protocol: 4 }))],
  ['IPv6 in IPv4', 1, packets.ethernet(packets.ipv4(inner6, { protocol: 41 }))],
  ['IPv4 in IPv6', 1, packets.ethernet(packets.ipv6(inner, { next: 4 }), 0x86dd)],
  ['GRE, bare', 1, greIp(packets.gre(inner, 0x0800))],
  ['GRE with checksum, key and sequence', 1, greIp(packets.gre(inner, 0x0800, 0xb000))],
  ['GRE with bridged Ethernet', 1, greIp(packets.gre(frame, 0x6558, 0x2000))],
  ['ERSPAN I', 1, greIp(packets.gre(frame, 0x88be))],
  ['ERSPAN II', 1, greIp(packets.erspan2(frame))],
  ['ERSPAN III', 1, greIp(packets.erspan3(frame, false))],
  ['ERSPAN III with sub-header', 1, greIp(packets.erspan3(frame, true))],
  ['VXLAN', 1, packets.ethernet(packets.ipv4(packets.vxlan(frame)))],
  ['VXLAN with a VLAN inside', 1, packets.ethernet(packets.ipv4(packets.vxlan(packets.vlan(inner, [0x8100]))))],
  ['GTP-U', 1, packets.ethernet(packets.ipv4(packets.gtpU(inner)))],
  ['GTP-U with a 5G extension header', 1, packets.ethernet(packets.ipv4(packets.gtpU(inner6, true)))],
  [
    'ERSPAN in VLAN over MPLS in IP in IP',
    1,
    packets.ethernet(
      packets.ipv4(packets.ipv4(packets.erspan2(packets.mpls(inner, 2)), { protocol: 47 }), { protocol: 4 }),
    ),
  ],
]
for (const [name, linkType, bytes] of ENCAPSULATIONS) {
  test(`finds the datagram inside ${name}`, () => {
    const { datagrams, drops } = walk([bytes], linkType)
    assert.deepEqual(drops, [])
    assert.equal(datagrams.length, 1)
    const { text, envelope } = datagrams[0]!
    assert.equal(text, PAYLOAD.toString())
    const v6 = envelope.source.includes(':')
    assert.equal(envelope.source, v6 ? '2001:db8::1' : '192.0.2.1')
    assert.equal(envelope.destination, v6 ? '2001:db8::2' : '192.0.2.2')
    assert.equal(envelope.sourcePort, 5060)
    assert.equal(envelope.transport, 'udp')
    assert.equal(envelope.timeMs, 1000)
  })
}

test('IPv6 extension headers are passed over', () => {
  const hopByHop = Buffer.concat([Buffer.from([60, 0, 0, 0, 0, 0, 0, 0]), Buffer.from([17, 1]), Buffer.alloc(14)])
  const bytes = packets.ipv6(Buffer.concat([hopByHop, packets.udp(PAYLOAD)]), { next: 0 })
  assert.equal(walk([bytes], 101).datagrams.length, 1)
})

test('extension headers inside the fragments of an IPv6 packet, and AH behind IPv4', () => {
  const options = Buffer.concat([Buffer.from([17, 0, 1, 4, 0, 0, 0, 0]), packets.udp(PAYLOAD)])
  const fragments = packets.ipv6Fragments(options, 24, { next: 60 })
  assert.deepEqual(
    walk(fragments, 101).datagrams.map(({ text }) => text),
    [PAYLOAD.toString()],
  )
  const authenticated = Buffer.concat([Buffer.from([17, 4]), Buffer.alloc(22), packets.udp(PAYLOAD)])
  assert.equal(walk([packets.ipv4(authenticated, { protocol: 51 })], 101).datagrams.length, 1)
  assert.deepEqual(walk([packets.ipv6(Buffer.alloc(8), { next: 59 })], 101).drops, ['other-transport'])
})

test('what a packet is padded with is no payload', () => {
  const bytes = packets.ethernet(Buffer.concat([packets.ipv4(packets.udp(Buffer.from('x'))), Buffer.alloc(30)]))
  assert.equal(walk([bytes]).datagrams[0]?.text, 'x')
})

test('a total length of 0, left by segmentation offload, is the captured length', () => {
  const bytes = packets.ethernet(packets.ipv4(packets.tcp(PAYLOAD, { sequence: 9 }), { protocol: 6, totalLength: 0 }))
  assert.deepEqual(walk([bytes]).segments, [{ text: PAYLOAD.toString(), sequence: 9, flags: 'A' }])
})

test('drops with a reason what is no IP, unknown or broken', () => {
  assert.deepEqual(walk([packets.ethernet(Buffer.alloc(28), 0x0806)]).drops, ['not-ip'])
  assert.deepEqual(walk([frame], 147).drops, ['unknown-link-type'])
  assert.deepEqual(walk([Buffer.alloc(5)]).drops, ['short-frame'])
  assert.deepEqual(walk([packets.ethernet(packets.ipv4(PAYLOAD, { protocol: 1 }))]).drops, ['other-transport'])
  assert.deepEqual(walk([packets.ethernet(packets.ipv4(PAYLOAD.subarray(0, 4)))]).drops, ['bad-transport'])
  assert.deepEqual(walk([packets.ethernet(packets.ipv4(PAYLOAD, { totalLength: 10 }))]).drops, ['bad-ip'])
})

test('endless nesting ends', () => {
  let bytes = inner
  for (let i = 0; i < 200; i++) bytes = packets.ipv4(bytes, { protocol: 4 })
  assert.deepEqual(walk([bytes], 101).drops, ['too-many-layers'])
})

const LONG = Buffer.from(`INVITE sip:a@b SIP/2.0\r\n${'X-Filler: 0123456789\r\n'.repeat(150)}\r\n`)

test('IPv4 and IPv6 fragments are put together in any order, duplicates and all', () => {
  const v4 = packets.ipv4Fragments(packets.udp(LONG), 1000).map(part => packets.ethernet(part))
  const v6 = packets.ipv6Fragments(packets.udp(LONG), 1000).map(part => packets.ethernet(part, 0x86dd))
  fc.assert(
    fc.property(fc.constantFrom(v4, v6), fc.infiniteStream(fc.nat()), fc.nat({ max: 3 }), (parts, order, repeated) => {
      const mixed = [...parts, ...parts.slice(0, repeated)].map(part => ({ part, at: order.next().value }))
      mixed.sort((a, b) => a.at - b.at)
      const { datagrams } = walk(mixed.map(({ part }) => part))
      assert.ok(datagrams.length >= 1)
      for (const { text, envelope } of datagrams) {
        assert.equal(text, LONG.toString())
        assert.equal(envelope.sourcePort, 5060)
      }
    }),
    { numRuns: 200 },
  )
})

test('fragments of different datagrams do not mix', () => {
  const one = packets.ipv4Fragments(packets.udp(LONG), 1480, { id: 1 })
  const two = packets.ipv4Fragments(packets.udp(Buffer.from(LONG.toString().toLowerCase())), 1480, { id: 2 })
  const { datagrams } = walk([one[0]!, two[0]!, one[1]!, two[1]!, two[2]!, one[2]!], 101)
  assert.deepEqual(
    datagrams.map(({ text }) => text),
    [LONG.toString().toLowerCase(), LONG.toString()],
  )
})

test('bytes that came first stay when IPv4 fragments overlap; an IPv6 datagram is given up', () => {
  const whole = packets.udp(LONG)
  const evil = Buffer.alloc(1000, 0x45)
  const v4 = [
    packets.ipv4(whole.subarray(0, 1496), { more: true }),
    packets.ipv4(evil.subarray(0, 600), { more: true, offset: 800 }),
    packets.ipv4(whole.subarray(1496), { offset: 1496 }),
  ]
  assert.ok(walk(v4, 101).datagrams[0]?.text === LONG.toString())
  const v6 = packets.ipv6Fragments(whole, 1000)
  const overlapping = packets.ipv6Fragments(Buffer.concat([Buffer.alloc(504), evil]), 504)[1]!
  const { datagrams, drops } = walk([v6[0]!, overlapping], 101)
  assert.equal(datagrams.length, 0)
  assert.deepEqual(drops, ['fragment-overlap'])
})

test('fragments are held in bounds of number and time', () => {
  const first = (id: number) => packets.ipv4(Buffer.alloc(1000), { id, more: true })
  const many = walk(
    Array.from({ length: 3000 }, (_, i) => first(i)),
    101,
  )
  assert.equal(many.drops.filter(reason => reason === 'fragment-expired').length, 3000 - 1024)
  const late = walk([first(1), packets.ipv4(Buffer.alloc(8), { id: 1, offset: 1000 })], 101, [0, 31_000])
  assert.deepEqual(late.drops, ['fragment-expired'])
  assert.equal(late.datagrams.length, 0)
})

test('a fragment beyond 65,535 bytes is an attack', () => {
  const beyond = packets.ipv4(Buffer.alloc(1000), { offset: 65_528 })
  assert.deepEqual(walk([beyond], 101).drops, ['fragment-overflow'])
})

test('SCTP: several messages a packet, in pieces and out of order', () => {
  const single = packets.sctp([
    { payload: PAYLOAD, tsn: 1 },
    { payload: Buffer.from('odd'), tsn: 2 },
    { payload: PAYLOAD, tsn: 3 },
  ])
  const whole = walk([packets.ipv4(single, { protocol: 132 })], 101)
  assert.deepEqual(
    whole.datagrams.map(({ text, envelope }) => [text, envelope.transport]),
    [
      [PAYLOAD.toString(), 'sctp'],
      ['odd', 'sctp'],
      [PAYLOAD.toString(), 'sctp'],
    ],
  )
  const pieces = [
    { payload: PAYLOAD.subarray(20), tsn: 0, flags: 1 },
    { payload: PAYLOAD.subarray(0, 10), tsn: 0xfffffffe, flags: 2 },
    { payload: PAYLOAD.subarray(10, 20), tsn: 0xffffffff, flags: 0 },
  ]
  const joined = walk(
    pieces.map(piece => packets.ipv4(packets.sctp([piece]), { protocol: 132 })),
    101,
  )
  assert.deepEqual(
    joined.datagrams.map(({ text }) => text),
    [PAYLOAD.toString()],
  )
})

test('any bytes at all, of any link type, are taken without throwing', () => {
  const linkTypes = [0, 1, 9, 12, 51, 101, 108, 113, 228, 229, 276]
  fc.assert(
    fc.property(fc.constantFrom(...linkTypes), fc.uint8Array({ maxLength: 120 }), (linkType, bytes) => {
      const { datagrams, segments, drops } = walk([bytes], linkType)
      assert.ok(datagrams.length + segments.length + drops.length <= 30)
    }),
  )
})
