import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCaptureReader, createDissector } from '../../../connectors/pcap/index.ts'
import { createWebSocketFrames } from '../../../connectors/pcap/websocket.ts'
import { hep3 } from '../../support/hep.ts'
import * as packets from '../../support/packets.ts'
import { maskedFrame, webSocketFrame } from '../../support/websocket.ts'
import { generator, heapMb, mutate } from '../messages/mutate.ts'

const INPUTS = 1_000_000
const SIP = Buffer.from('INVITE sip:bob@example.net SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n')

const udp = packets.ipv4(packets.udp(SIP))
const fragments = packets.ipv4Fragments(packets.udp(Buffer.concat([SIP, SIP])), 64)
const fragments6 = packets.ipv6Fragments(packets.udp(SIP), 40)
const segment = (payload: Uint8Array, sequence: number, flags?: string) =>
  packets.ethernet(
    packets.ipv4(packets.tcp(payload, { sequence, ...(flags === undefined ? {} : { flags }) }), { protocol: 6 }),
  )

/** Packets as captured, with their link types. */
const frames: [number, Buffer][] = [
  [1, packets.ethernet(udp)],
  [1, packets.vlan(udp, [0x88a8, 0x8100])],
  [113, packets.linuxCooked(udp)],
  [276, packets.linuxCooked2(udp)],
  [101, udp],
  [0, packets.loopback(udp)],
  [1, packets.pppoe(udp)],
  [1, packets.mpls(udp, 2)],
  [1, packets.ethernet(packets.ipv4(packets.erspan2(packets.ethernet(udp)), { protocol: 47 }))],
  [1, packets.ethernet(packets.ipv4(packets.erspan3(packets.ethernet(udp), true), { protocol: 47 }))],
  [1, packets.ethernet(packets.ipv4(packets.vxlan(packets.ethernet(udp))))],
  [1, packets.ethernet(packets.ipv4(packets.gtpU(udp, true)))],
  [1, packets.ethernet(packets.ipv6(packets.udp(hep3(SIP), { destinationPort: 9060 })), 0x86dd)],
  ...fragments.map((part): [number, Buffer] => [101, part]),
  ...fragments6.map((part): [number, Buffer] => [229, part]),
  [1, segment(Buffer.alloc(0), 99, 'S')],
  [1, segment(SIP, 100)],
  [1, segment(SIP.subarray(10), 110, 'FA')],
  [1, segment(hep3(SIP), 5000)],
  [1, segment(maskedFrame(SIP), 90_000)],
  [
    1,
    packets.ethernet(
      packets.ipv4(
        packets.sctp([
          { payload: SIP, tsn: 1, flags: 2 },
          { payload: SIP, tsn: 2, flags: 1 },
        ]),
        { protocol: 132 },
      ),
    ),
  ],
]

test('a million damaged packets: no throw, bounded memory', () => {
  const next = generator(20_261_121)
  let signals = 0
  let drops = 0
  const dissector = createDissector({
    signal(_protocol, bytes, start, end) {
      signals++
      if (start < 0 || start > end || end > bytes.length) assert.fail(`signal [${start}, ${end}) of ${bytes.length}`)
    },
    dropped() {
      drops++
    },
    maxInflatedBytes: 4096,
  })
  const out = new Uint8Array(2048)
  let heapAtTenth = 0
  for (let i = 0; i < INPUTS; i++) {
    const [linkType, frame] = frames[next() % frames.length]!
    const length = mutate(frame, out, next)
    dissector.packet(linkType, out, 0, length, 1_764_000_000_000 + i)
    if (i === INPUTS / 10) heapAtTenth = heapMb()
  }
  dissector.flush()
  assert.ok(signals > INPUTS / 20, `${signals} signals`)
  assert.ok(drops > INPUTS / 20, `${drops} drops`)
  const grown = heapMb() - heapAtTenth
  assert.ok(grown < 128, `heap grew by ${grown} MB`)
})

const files = [
  packets.pcapFile([packets.ethernet(udp), packets.ethernet(udp)]),
  packets.pcapFile([packets.ethernet(udp)], { little: false, nanoseconds: true }),
  packets.pcapngFile([packets.ethernet(udp), packets.ethernet(udp)]),
  packets.pcapngFile([packets.ethernet(udp)], { little: false, resolution: 9 }),
]

test('a million damaged capture files, whole or in pieces: packets inside the bytes, or a reason', () => {
  const next = generator(3)
  const out = new Uint8Array(2048)
  let read = 0
  let reasons = 0
  for (let i = 0; i < INPUTS; i++) {
    const length = mutate(files[i & 3]!, out, next)
    const reader = createCaptureReader({
      packet(_linkType, bytes, start, end, timeMs) {
        read++
        if (start > end || end > bytes.length || !(timeMs >= 0))
          assert.fail(`packet [${start}, ${end}) at ${timeMs} in input ${i}`)
      },
      dropped() {
        reasons++
      },
    })
    const cut = (i & 8) === 0 ? length : next() % (length + 1)
    if (reader.push(out.subarray(0, cut))) reader.push(out.subarray(cut, length))
    reader.end()
  }
  assert.ok(read > INPUTS / 4, `${read} packets`)
  assert.ok(reasons > INPUTS / 4, `${reasons} reasons`)
})

const frameSeeds = [
  maskedFrame(SIP),
  webSocketFrame(SIP),
  maskedFrame(Buffer.concat([SIP, SIP])),
  Buffer.concat([maskedFrame(SIP.subarray(0, 20), { final: false }), maskedFrame(SIP.subarray(20), { opcode: 0 })]),
  maskedFrame(Buffer.from('ping'), { opcode: 9 }),
]

test('a million damaged WebSocket frames: messages inside the bytes, or a lost framing', () => {
  const next = generator(11)
  const out = new Uint8Array(1024)
  let messages = 0
  let broken = 0
  const open = () =>
    createWebSocketFrames(
      (bytes, start, end) => {
        messages++
        if (start > end || end > bytes.length) assert.fail(`message [${start}, ${end}) of ${bytes.length}`)
      },
      () => {},
    )
  let stream = open()
  for (let i = 0; i < INPUTS; i++) {
    const seed = frameSeeds[i % frameSeeds.length]!
    const isDamaged = (next() & 1) === 0
    if (!isDamaged) out.set(seed)
    const length = isDamaged ? mutate(seed, out, next) : seed.length
    if (!stream.push(out, 0, length)) {
      broken++
      stream = open()
    }
  }
  assert.ok(messages > INPUTS / 50, `${messages} messages`)
  assert.ok(broken > 1000, `${broken} broken`)
})
