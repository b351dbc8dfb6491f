import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { createHepDecoder, createHepPacket, createHepStream } from '../../../connectors/hep/index.ts'
import { hep3, hepChunk, hepPacketOf } from '../../support/hep.ts'
import { generator, heapMb, mutate } from '../messages/mutate.ts'

const INPUTS = 1_000_000
const SIP = Buffer.from('INVITE sip:bob@example.net SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n')

const seeds = [
  hep3(SIP),
  hep3(SIP, { source: '2001:db8::1', destination: '::1', key: 'secret', correlationId: 'abc@host' }),
  hepPacketOf([hepChunk(15, Buffer.from('other'), 9), hepChunk(9, Buffer.alloc(4)), hepChunk(15, SIP)]),
  hepPacketOf([hepChunk(16, deflateSync(Buffer.from('x')))]),
  Buffer.concat([Buffer.from([1, 16, 2, 17, 0x13, 0xc4, 0x13, 0xc4, 10, 0, 0, 1, 10, 0, 0, 2]), SIP]),
  Buffer.concat([
    Buffer.from([2, 16, 2, 17, 0x13, 0xc4, 0x13, 0xc4, 10, 0, 0, 1, 10, 0, 0, 2]),
    Buffer.alloc(12, 7),
    SIP,
  ]),
  Buffer.concat([Buffer.from([2, 40, 10, 6, 0x13, 0xc4, 0x13, 0xc4]), Buffer.alloc(44, 3), SIP]),
]

test('a million damaged HEP packets: each a payload inside its bounds, or a reason', () => {
  const next = generator(20_261_121)
  const decode = createHepDecoder({ maxInflatedBytes: 4096 })
  const packet = createHepPacket()
  const out = new Uint8Array(1024)
  let taken = 0
  let heapAtTenth = 0
  for (let i = 0; i < INPUTS; i++) {
    const length = mutate(seeds[i % seeds.length]!, out, next)
    const reason = decode(out, 0, length, 1_764_000_000_000, packet)
    if (reason === undefined) {
      taken++
      const bound = packet.payload === out ? length : packet.payload.length
      if (packet.payloadStart < 0 || packet.payloadEnd > bound || packet.payloadStart > packet.payloadEnd) {
        assert.fail(`payload [${packet.payloadStart}, ${packet.payloadEnd}) of ${bound} in input ${i}`)
      }
      if (packet.keyEnd > length || packet.correlationEnd > length) assert.fail(`chunk beyond input ${i}`)
      if (!Number.isFinite(packet.envelope.timeMs)) assert.fail(`time of input ${i}`)
    }
    if (i === INPUTS / 10) heapAtTenth = heapMb()
  }
  assert.ok(taken > INPUTS / 20 && taken < INPUTS, `${taken} taken`)
  const grown = heapMb() - heapAtTenth
  assert.ok(grown < 64, `heap grew by ${grown} MB`)
})

test('a stream of a million damaged packets is cut on, within its bounds', () => {
  const next = generator(7)
  const out = new Uint8Array(1024)
  let frames = 0
  let passedOver = 0
  let closed = 0
  const open = () =>
    createHepStream(
      (_bytes, start, end) => {
        frames++
        if (end - start < 6 || end - start > 65_535) assert.fail(`frame of ${end - start}`)
      },
      bytes => {
        passedOver += bytes
      },
    )
  let stream = open()
  for (let i = 0; i < INPUTS; i++) {
    const seed = seeds[i % 4]!
    // One in eight is damaged: more, and lying lengths swallow everything.
    const isDamaged = (next() & 7) === 0
    if (!isDamaged) out.set(seed)
    const length = isDamaged ? mutate(seed, out, next) : seed.length
    const cut = next() % (length + 1)
    if (!stream.push(out, 0, cut) || !stream.push(out, cut, length)) {
      closed++
      stream = open()
    }
    if (stream.buffered > 65_535) assert.fail(`${stream.buffered} bytes held`)
  }
  assert.ok(frames > INPUTS / 4, `${frames} frames`)
  assert.ok(passedOver > 0)
  assert.ok(closed < 1000, `closed ${closed} times`)
})
