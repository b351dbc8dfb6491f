import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createHepStream } from '../../../connectors/hep/index.ts'
import { hepChunk, hepPacketOf } from '../../support/hep.ts'

const packet = (text: string) => hepPacketOf([hepChunk(15, Buffer.from(text))])

/** Pushes the bytes cut at the places given; what came out, and the bytes passed over. */
function run(bytes: Uint8Array, cuts: readonly number[]) {
  const frames: string[] = []
  let passedOver = 0
  const stream = createHepStream(
    (frame, start, end) => frames.push(Buffer.from(frame.subarray(start + 12, end)).toString()),
    count => {
      passedOver += count
    },
  )
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  let open = true
  for (let i = 1; i < places.length && open; i++) open = stream.push(bytes, places[i - 1]!, places[i]!)
  return { frames, passedOver, open, buffered: stream.buffered }
}

const texts = fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 12 })

test('however a stream is cut, its packets come out whole and in order', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat()), (given, cuts) => {
      const bytes = Buffer.concat(given.map(packet))
      const { frames, passedOver, buffered } = run(
        bytes,
        cuts.map(cut => cut % bytes.length),
      )
      assert.deepEqual(
        frames,
        given.map(text => Buffer.from(text).toString()),
      )
      assert.equal(passedOver, 0)
      assert.equal(buffered, 0)
    }),
  )
})

test('garbage between packets is passed over, to the byte, however it is cut', () => {
  const garbage = fc.uint8Array({ maxLength: 60 }).map(bytes => bytes.map(byte => (byte === 0x48 ? 0x49 : byte)))
  fc.assert(
    fc.property(texts, garbage, fc.array(fc.nat()), (given, noise, cuts) => {
      const bytes = Buffer.concat(given.flatMap(text => [noise, packet(text)]))
      const { frames, passedOver } = run(
        bytes,
        cuts.map(cut => cut % bytes.length),
      )
      assert.deepEqual(
        frames,
        given.map(text => Buffer.from(text).toString()),
      )
      assert.equal(passedOver, noise.length * given.length)
    }),
  )
})

test('lengths of 0 and below 6 are no packets and no endless loop', () => {
  for (const length of [0, 1, 5]) {
    const bad = Buffer.concat([Buffer.from([0x48, 0x45, 0x50, 0x33, 0, length]), packet('after')])
    const { frames, passedOver } = run(bad, [3, 5, 7])
    assert.deepEqual(frames, ['after'])
    assert.equal(passedOver, 6)
  }
})

test('a packet of 65,535 bytes in single bytes', () => {
  const text = 'x'.repeat(65_535 - 12)
  const bytes = packet(text)
  const { frames } = run(
    bytes,
    Array.from({ length: bytes.length }, (_, i) => i),
  )
  assert.deepEqual(frames, [text])
})

test('a stream of nothing but garbage is given up after a megabyte', () => {
  const { open, buffered } = run(Buffer.alloc((1 << 20) + 10, 0x20), [1000])
  assert.equal(open, false)
  assert.ok(buffered < 6)
})
