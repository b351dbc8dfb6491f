import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { createHepDecoder, createHepPacket, signalProtocolOf } from '../../../connectors/hep/index.ts'
import { hep3, hepChunk, hepPacketOf } from '../../support/hep.ts'
import { addressBytes } from '../../support/packets.ts'

const GOLDEN =
  '484550330071000000010007020000000200071100000003000ad4ca000100000004000a527400d30000000700082eea00000008000813c4' +
  '00000009000a4e4982cb0000000a000a0001d4c00000000b0007010000000c000a000000e40000000f0014494e56495445207369703a626f62'

const RECEIVED_MS = 1_764_000_000_000

function decode(bytes: Uint8Array, options: { maxInflatedBytes?: number } = {}) {
  const packet = createHepPacket()
  const reason = createHepDecoder(options)(bytes, 0, bytes.length, RECEIVED_MS, packet)
  const text = Buffer.from(packet.payload.subarray(packet.payloadStart, packet.payloadEnd)).toString('latin1')
  return { reason, packet, text, envelope: packet.envelope }
}

test('decodes the golden vector of the specification', () => {
  const { reason, packet, text, envelope } = decode(Buffer.from(GOLDEN, 'hex'))
  assert.equal(reason, undefined)
  assert.deepEqual(envelope, {
    timeMs: 1_313_440_459_120,
    source: '212.202.0.1',
    sourcePort: 12_010,
    destination: '82.116.0.211',
    destinationPort: 5060,
    transport: 'udp',
    correlationId: '',
  })
  assert.equal(packet.agentId, 228)
  assert.equal(packet.protocol, 1)
  assert.equal(text, 'INVITE sip:bob')
})

test('reads chunks in any order', () => {
  const golden = Buffer.from(GOLDEN, 'hex')
  const chunks: Buffer[] = []
  for (let at = 6; at < golden.length; at += golden.readUInt16BE(at + 4)) {
    chunks.push(golden.subarray(at, at + golden.readUInt16BE(at + 4)))
  }
  const expected = decode(golden)
  fc.assert(
    fc.property(fc.shuffledSubarray(chunks, { minLength: chunks.length }), shuffled => {
      const { reason, text, envelope } = decode(hepPacketOf(shuffled))
      assert.equal(reason, undefined)
      assert.equal(text, expected.text)
      assert.deepEqual(envelope, expected.envelope)
    }),
  )
})

test('a payload that opens as SIP is SIP where the protocol chunk is missing or unknown', () => {
  const sip = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\n\r\n')
  assert.equal(signalProtocolOf(decode(hepPacketOf([hepChunk(15, sip)])).packet), 'sip')
  assert.equal(signalProtocolOf(decode(hep3(sip, { protocol: 0x99 })).packet), 'sip')
  assert.equal(signalProtocolOf(decode(hep3(Buffer.from('{}'), { protocol: 0x99 })).packet), 'other')
  assert.equal(signalProtocolOf(decode(hep3(sip, { protocol: 5 })).packet), 'rtcp')
})

test("passes over a vendor's own chunk of the payload's number, and chunks it does not know", () => {
  const { reason, text } = decode(
    hepPacketOf([
      hepChunk(15, Buffer.from('REGISTER')),
      hepChunk(15, Buffer.from('of vendor 9'), 9),
      hepChunk(0x7777, Buffer.from('unknown')),
    ]),
  )
  assert.equal(reason, undefined)
  assert.equal(text, 'REGISTER')
})

test('carries IPv6 addresses, transport and the correlation id of chunk 0x11', () => {
  const { envelope } = decode(
    hep3(Buffer.from('x'), { source: '2001:db8::1', destination: '::1', ipProtocol: 6, correlationId: 'abc@host' }),
  )
  assert.equal(envelope.source, '2001:db8::1')
  assert.equal(envelope.destination, '::1')
  assert.equal(envelope.transport, 'tcp')
  assert.equal(envelope.correlationId, 'abc@host')
})

test('takes IP protocol 22, which Kamailio has sent, for UDP', () => {
  assert.equal(decode(hep3(Buffer.from('x'), { ipProtocol: 22 })).envelope.transport, 'udp')
})

test('a timestamp of (0,0) is the time of receipt', () => {
  assert.equal(decode(hep3(Buffer.from('x'), { timeMs: 0 })).envelope.timeMs, RECEIVED_MS)
})

test('nothing of one packet is left in the next', () => {
  const packet = createHepPacket()
  const run = createHepDecoder()
  const full = hep3(Buffer.from('x'), { correlationId: 'left over', key: 'k' })
  run(full, 0, full.length, RECEIVED_MS, packet)
  const bare = hepPacketOf([hepChunk(15, Buffer.from('y'))])
  assert.equal(run(bare, 0, bare.length, RECEIVED_MS, packet), undefined)
  assert.equal(packet.envelope.correlationId, '')
  assert.equal(packet.envelope.source, '')
  assert.equal(packet.keyEnd - packet.keyStart, 0)
  assert.equal(packet.protocol, 0)
})

for (const [name, pack] of [
  ['zlib', deflateSync],
  ['gzip', gzipSync],
  ['raw deflate', deflateRawSync],
] as const) {
  test(`inflates a payload compressed with ${name}`, () => {
    const { reason, text } = decode(hepPacketOf([hepChunk(16, pack(Buffer.from('INVITE sip:bob')))]))
    assert.equal(reason, undefined)
    assert.equal(text, 'INVITE sip:bob')
  })
}

test('stops inflating at the cap', () => {
  const bomb = deflateSync(Buffer.alloc(10 << 20))
  assert.equal(decode(hepPacketOf([hepChunk(16, bomb)]), { maxInflatedBytes: 65_536 }).reason, 'inflated-too-large')
})

test('drops a compressed payload that does not inflate', () => {
  assert.equal(decode(hepPacketOf([hepChunk(16, Buffer.from('not compressed'))])).reason, 'bad-compression')
})

test('drops what is not HEP, and lengths that lie', () => {
  const golden = Buffer.from(GOLDEN, 'hex')
  const withTotal = (length: number) => {
    const bytes = Buffer.from(golden)
    bytes.writeUInt16BE(length, 4)
    return bytes
  }
  const withChunkLength = (length: number) => {
    const bytes = Buffer.from(golden)
    bytes.writeUInt16BE(length, 10)
    return bytes
  }
  assert.equal(decode(Buffer.from('INVITE sip:bob@example.org SIP/2.0')).reason, 'not-hep')
  assert.equal(decode(Buffer.alloc(0)).reason, 'not-hep')
  assert.equal(decode(Buffer.from('HEP3')).reason, 'bad-length')
  assert.equal(decode(withTotal(0)).reason, 'bad-length')
  assert.equal(decode(withTotal(5)).reason, 'bad-length')
  assert.equal(decode(withTotal(golden.length + 1)).reason, 'bad-length')
  assert.equal(decode(withTotal(6)).reason, 'no-payload')
  assert.equal(decode(withChunkLength(0)).reason, 'bad-chunk')
  assert.equal(decode(withChunkLength(5)).reason, 'bad-chunk')
  assert.equal(decode(withChunkLength(65_535)).reason, 'bad-chunk')
  assert.equal(decode(hepPacketOf([hepChunk(3, Buffer.from([1, 2]))])).reason, 'bad-chunk')
})

test('takes the largest packet that the length field can say', () => {
  const payload = Buffer.alloc(65_535 - 12, 0x41)
  const { reason, text } = decode(hepPacketOf([hepChunk(15, payload)]))
  assert.equal(reason, undefined)
  assert.equal(text.length, payload.length)
})

/** The header of HEPv1 and v2: version, length, family, protocol, ports, addresses. */
function oldHeader(version: number, family = 2): Buffer {
  const v6 = family !== 2
  const addresses = Buffer.concat([
    addressBytes(v6 ? '2001:db8::1' : '10.0.0.1'),
    addressBytes(v6 ? '2001:db8::2' : '10.0.0.2'),
  ])
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(5080, 0)
  ports.writeUInt16BE(5060, 2)
  return Buffer.concat([Buffer.from([version, 8 + addresses.length, family, 17]), ports, addresses])
}

test('decodes HEPv1 over IPv4 and IPv6', () => {
  for (const family of [2, 10, 28, 30]) {
    const { reason, text, envelope, packet } = decode(Buffer.concat([oldHeader(1, family), Buffer.from('BYE sip:x')]))
    assert.equal(reason, undefined)
    assert.equal(packet.version, 1)
    assert.equal(text, 'BYE sip:x')
    assert.equal(envelope.source, family === 2 ? '10.0.0.1' : '2001:db8::1')
    assert.equal(envelope.sourcePort, 5080)
    assert.equal(envelope.timeMs, RECEIVED_MS)
  }
})

const V2_CASES = [
  { name: 'little-endian with padding, as Kamailio on x86', little: true, padding: Buffer.from([0, 0]) },
  { name: 'little-endian with letters for padding', little: true, padding: Buffer.from('ab') },
  { name: 'little-endian without padding', little: true, padding: Buffer.alloc(0) },
  { name: 'big-endian without padding', little: false, padding: Buffer.alloc(0) },
  { name: 'big-endian with padding', little: false, padding: Buffer.from([0x7f, 0]) },
]
for (const { name, little, padding } of V2_CASES) {
  test(`decodes HEPv2 ${name}`, () => {
    const times = Buffer.alloc(10)
    const seconds = 1_763_999_000
    if (little) {
      times.writeUInt32LE(seconds, 0)
      times.writeUInt32LE(654_321, 4)
      times.writeUInt16LE(77, 8)
    } else {
      times.writeUInt32BE(seconds, 0)
      times.writeUInt32BE(654_321, 4)
      times.writeUInt16BE(77, 8)
    }
    const { reason, text, envelope, packet } = decode(
      Buffer.concat([oldHeader(2), times, padding, Buffer.from('INVITE sip:bob')]),
    )
    assert.equal(reason, undefined)
    assert.equal(text, 'INVITE sip:bob')
    assert.equal(envelope.timeMs, seconds * 1000 + 654)
    assert.equal(packet.agentId, 77)
  })
}

test('HEPv1 and v2 cut short are dropped', () => {
  const v2 = Buffer.concat([oldHeader(2), Buffer.alloc(6)])
  assert.equal(decode(v2).reason, 'bad-length')
  assert.equal(decode(oldHeader(1)).reason, 'no-payload')
  assert.equal(decode(oldHeader(1).subarray(0, 12)).reason, 'bad-length')
})

test('any bytes at all give a packet inside its bounds or a reason', () => {
  const packet = createHepPacket()
  const run = createHepDecoder({ maxInflatedBytes: 4096 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (random, magic) => {
      const bytes = magic ? Buffer.concat([Buffer.from('HEP3'), Buffer.from([0, 4 + random.length]), random]) : random
      const reason = run(bytes, 0, bytes.length, RECEIVED_MS, packet)
      if (reason !== undefined) return
      assert.ok(packet.payloadStart >= 0 && packet.payloadStart <= packet.payloadEnd)
      assert.ok(packet.payloadEnd <= packet.payload.length)
    }),
  )
})
