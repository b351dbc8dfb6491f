import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDissector, type StreamProtocol } from '../../../connectors/pcap/index.ts'
import { hep3 } from '../../support/hep.ts'
import { ethernet, ipv4, sctp, tcp, udp } from '../../support/packets.ts'
import { maskedFrame, webSocketFrame } from '../../support/websocket.ts'

const message = (name: string, body = '') =>
  Buffer.from(`OPTIONS sip:${name}@b SIP/2.0\r\nCall-ID: ${name}\r\nContent-Length: ${body.length}\r\n\r\n${body}`)

const nameOf = (text: string) => /sip:(\w+)@b|^SIP\/2.0 (\d+)/.exec(text)?.slice(1).find(Boolean) ?? text

function dissect(packets: readonly Uint8Array[], protocols: readonly StreamProtocol[] = []) {
  const signals: { protocol: string; name: string; transport: string; source: string; timeMs: number }[] = []
  const drops: string[] = []
  const dissector = createDissector({
    signal: (protocol, bytes, start, end, { transport, source, timeMs }) => {
      const name = nameOf(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
      signals.push({ protocol, name, transport, source, timeMs })
    },
    dropped: reason => drops.push(reason),
    protocols,
  })
  packets.forEach((packet, i) => {
    dissector.packet(1, packet, 0, packet.length, 1000 + i)
  })
  dissector.flush()
  return { signals, drops, names: signals.map(({ name }) => name) }
}

/** One direction of a connection: SYN, then the bytes cut at `size`. */
function connection(bytes: Uint8Array, size: number, ports = { sourcePort: 40_000, destinationPort: 5060 }): Buffer[] {
  const segments = [ethernet(ipv4(tcp(Buffer.alloc(0), { sequence: 9, flags: 'S', ...ports }), { protocol: 6 }))]
  for (let at = 0; at < bytes.length; at += size) {
    const segment = tcp(bytes.subarray(at, at + size), { sequence: 10 + at, ...ports })
    segments.push(ethernet(ipv4(segment, { protocol: 6 })))
  }
  return segments
}

const SEVERAL = Buffer.concat([message('one'), Buffer.from('\r\n\r\n'), message('two', 'v=0 body'), message('three')])

test('SIP over TCP: several messages a segment, one message over many', () => {
  for (const size of [1, 7, 50, 1460]) {
    const { names, signals, drops } = dissect(connection(SEVERAL, size))
    assert.deepEqual(names, ['one', 'two', 'three'], `cut at ${size}`)
    assert.equal(signals[0]?.transport, 'tcp')
    assert.deepEqual(drops, [])
  }
})

test('SIP over TCP is found on any port', () => {
  assert.deepEqual(dissect(connection(SEVERAL, 100, { sourcePort: 1234, destinationPort: 33_093 })).names.length, 3)
})

test('a capture that begins inside a message goes on with the next', () => {
  const middle = connection(SEVERAL, 1460).slice(1)
  const cut = ethernet(ipv4(tcp(SEVERAL.subarray(30), { sequence: 40 }), { protocol: 6 }))
  assert.equal(middle.length, 1)
  assert.deepEqual(dissect([cut]).names, ['two', 'three'])
})

test('a lost segment costs its own messages only', () => {
  const bytes = Buffer.concat(Array.from({ length: 30 }, (_, i) => message(`m${i}`)))
  const segments = connection(bytes, 200)
  segments.splice(5, 1)
  const { names, drops } = dissect(segments)
  assert.ok(names.length >= 25 && names.length < 30, `${names.length} of 30`)
  assert.equal(names.at(-1), 'm29')
  assert.ok(drops.includes('tcp-gap'))
})

test('HTTP on the port of SIP is counted once a stream, and passed over', () => {
  const http = Buffer.from('GET /index.html HTTP/1.1\r\nHost: b\r\n\r\n')
  const { signals, drops } = dissect(connection(http, 1460))
  assert.deepEqual(signals, [])
  assert.deepEqual(drops, ['not-sip'])
})

test('TLS is counted and passed over at once', () => {
  const { drops } = dissect(connection(Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(5000)]), 1000))
  assert.deepEqual(drops, ['tls'])
})

test('HEP over TCP is the signals inside it, in the order in which they share a segment', () => {
  const packets = ['one', 'two', 'three'].map(name => hep3(message(name), { source: '198.51.100.9', timeMs: 777_000 }))
  for (const size of [3, 100, 1460]) {
    const ports = { sourcePort: 40_000, destinationPort: 9060 }
    const { names, signals } = dissect(connection(Buffer.concat(packets), size, ports))
    assert.deepEqual(names, ['one', 'two', 'three'])
    assert.ok(signals.every(({ source, timeMs }) => source === '198.51.100.9' && timeMs === 777_000))
  }
})

const UPGRADE = Buffer.from(
  'GET /ws HTTP/1.1\r\nHost: b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n',
)
const SWITCHING = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')

test('SIP over WebSocket after its upgrade: masked, fragmented, with pings between', () => {
  const two = message('two', 'x'.repeat(300))
  const client = Buffer.concat([
    UPGRADE,
    maskedFrame(message('one')),
    maskedFrame(two.subarray(0, 50), { final: false }),
    maskedFrame(Buffer.from('ping'), { opcode: 9 }),
    maskedFrame(two.subarray(50, 99), { final: false, opcode: 0 }),
    maskedFrame(two.subarray(99), { opcode: 0 }),
    maskedFrame(Buffer.from('\r\n\r\n')),
    maskedFrame(message('three'), { opcode: 2 }),
  ])
  for (const size of [1, 13, 1460]) {
    const { names, signals, drops } = dissect(connection(client, size, { sourcePort: 40_000, destinationPort: 80 }))
    assert.deepEqual(drops, ['keep-alive'])
    assert.deepEqual(names, ['one', 'two', 'three'], `cut at ${size}`)
    assert.ok(signals.every(({ transport }) => transport === 'ws'))
  }
  const server = Buffer.concat([
    SWITCHING,
    webSocketFrame(message('back')),
    webSocketFrame(message('again', 'y'.repeat(70_000))),
  ])
  const { names } = dissect(connection(server, 1460, { sourcePort: 80, destinationPort: 40_000 }))
  assert.deepEqual(names, ['back', 'again'])
})

test('SIP over WebSocket captured from its middle, and after a gap', () => {
  const frames = Array.from({ length: 12 }, (_, i) => maskedFrame(message(`w${i}`)))
  const packets: Buffer[] = []
  let sequence = 5000
  for (const frame of frames) {
    packets.push(ethernet(ipv4(tcp(frame, { sequence, sourcePort: 40_000, destinationPort: 80 }), { protocol: 6 })))
    sequence += frame.length
  }
  packets.splice(4, 1)
  assert.deepEqual(dissect(packets).names, ['w0', 'w1', 'w2', 'w3', 'w5', 'w6', 'w7', 'w8', 'w9', 'w10', 'w11'])
})

test('an upgrade to something other than WebSocket, and frames that are none, end in a count', () => {
  const bad = Buffer.concat([UPGRADE, Buffer.from([0xff, 0xff, 0xff]), Buffer.alloc(100)])
  assert.deepEqual(dissect(connection(bad, 1460)).drops, ['websocket-broken'])
  const compressed = Buffer.concat([UPGRADE, maskedFrame(message('one'), { reserved: 0x40 })])
  assert.deepEqual(dissect(connection(compressed, 1460)).drops, ['websocket-compressed'])
})

test('SIP over SCTP', () => {
  const { signals } = dissect([ethernet(ipv4(sctp([{ payload: message('one'), tsn: 1 }]), { protocol: 132 }))])
  assert.deepEqual(
    signals.map(({ name, transport }) => [name, transport]),
    [['one', 'sctp']],
  )
})

test('what keeps a NAT binding open is not taken for something wrong', () => {
  const { drops } = dissect(
    ['\r\n\r\n', '\0\0\0\0', '     ', 'hello'].map(text => ethernet(ipv4(udp(Buffer.from(text))))),
  )
  assert.deepEqual(new Set(drops), new Set(['keep-alive']))
})

test('HEPv1 is believed on its own port only', () => {
  const old = Buffer.concat([
    Buffer.from([1, 16, 2, 17, 0x13, 0xc4, 0x13, 0xc4, 10, 0, 0, 1, 10, 0, 0, 2]),
    message('one'),
  ])
  assert.deepEqual(dissect([ethernet(ipv4(udp(old, { destinationPort: 9060 })))]).names, ['one'])
  assert.deepEqual(dissect([ethernet(ipv4(udp(old, { sourcePort: 1, destinationPort: 2 })))]).names, [])
})

test('a further protocol over TCP can be added', () => {
  const lines: StreamProtocol = {
    protocol: 'msrp',
    opens: (bytes, start) => (bytes[start] === 0x4d ? 'yes' : 'no'),
    frames: message => ({
      push(bytes, start, end) {
        message(bytes, start, end)
        return true
      },
      gap() {},
    }),
  }
  const { signals } = dissect(
    connection(Buffer.from('MSRP 1234 SEND\r\n'), 1460, { sourcePort: 1, destinationPort: 2855 }),
    [lines],
  )
  assert.deepEqual(
    signals.map(({ protocol }) => protocol),
    ['msrp'],
  )
})
