import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSipStream, type StreamDrop } from '../../../connectors/sip/index.ts'
import { request, response } from './scene.ts'
import { wellFormed } from './vectors/rfc4475-valid.ts'

const samples: readonly Uint8Array[] = [
  request('INVITE', { body: 'v=0\r\nm=audio 1 RTP/AVP 0\r\n' }),
  response(100, 'INVITE'),
  request('OPTIONS', { callId: 'o' }),
  // A body that looks like a message of its own: only Content-Length tells (RFC 3420 sipfrag).
  request('NOTIFY', {
    headers: ['Content-Type: message/sipfrag'],
    body: 'SIP/2.0 200 OK\r\nVia: x\r\n\r\nBYE sip:a@b SIP/2.0\r\n\r\n',
  }),
  wellFormed.intmeth as Uint8Array,
  request('MESSAGE', { body: 'x'.repeat(3000) }),
]

interface Cut {
  readonly messages: string[]
  readonly drops: StreamDrop[]
}

/** The stream in chunks that end at the given places. */
function cut(stream: Uint8Array, places: readonly number[], limit?: number): Cut {
  const messages: string[] = []
  const drops: StreamDrop[] = []
  const framer = createSipStream(
    (bytes, start, end) => messages.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
    reason => drops.push(reason),
    limit,
  )
  let at = 0
  for (const place of [...places, stream.length]) {
    // A copy that is overwritten afterwards, as a socket's buffer is.
    const chunk = Buffer.from(stream.subarray(at, place))
    framer.push(chunk, 0, chunk.length)
    chunk.fill(0x21)
    at = place
  }
  framer.end()
  return { messages, drops }
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('a stream of SIP', () => {
  it('gives the same messages however it is split, keep-alives between them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(...samples), fc.constantFrom('', '', '\r\n', '\r\n\r\n', '\r\n\r\n\r\n\r\n')),
          { maxLength: 8 },
        ),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
        (parts, splits) => {
          const stream = Buffer.concat(parts.flatMap(([message, alive]) => [message, Buffer.from(alive)]))
          const places = splits.map(split => Math.floor(split * stream.length)).sort((a, b) => a - b)
          const { messages, drops } = cut(stream, places)
          assert.deepEqual(
            messages,
            parts.map(([message]) => text(message)),
          )
          assert.deepEqual(drops, [])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives the same messages byte by byte', () => {
    const stream = Buffer.concat(samples)
    const { messages, drops } = cut(stream, [...stream.keys()])
    assert.deepEqual(messages, samples.map(text))
    assert.deepEqual(drops, [])
  })

  it('gets into step in the middle of a message and counts that once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 200 }), fc.array(fc.nat(900), { maxLength: 8 }), (from, splits) => {
        const stream = Buffer.concat([
          samples[2] as Uint8Array,
          samples[0] as Uint8Array,
          samples[1] as Uint8Array,
        ]).subarray(from)
        const { messages, drops } = cut(
          stream,
          splits.filter(at => at < stream.length).sort((a, b) => a - b),
        )
        assert.deepEqual(messages.slice(-2), [text(samples[0] as Uint8Array), text(samples[1] as Uint8Array)])
        assert.ok(drops.length <= 1)
      }),
      { numRuns: 200 },
    )
  })

  it('gets into step again after a gap', () => {
    const messages: string[] = []
    const drops: string[] = []
    const framer = createSipStream(
      (bytes, start, end) => messages.push(text(bytes.subarray(start, end))),
      reason => drops.push(reason),
    )
    const [invite, trying] = samples as [Uint8Array, Uint8Array]
    framer.push(invite, 0, 100)
    framer.gap()
    framer.push(invite, 150, invite.length)
    framer.push(trying, 0, trying.length)
    assert.deepEqual(messages, [text(trying)])
    assert.deepEqual(drops, ['stream-cut'])
  })

  it('gets into step again after what is no SIP', () => {
    const stream = Buffer.concat([
      samples[1] as Uint8Array,
      Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
      samples[2] as Uint8Array,
    ])
    const { messages, drops } = cut(stream, [])
    assert.deepEqual(messages, [text(samples[1] as Uint8Array), text(samples[2] as Uint8Array)])
    assert.deepEqual(drops, ['stream-out-of-step'])
  })

  it('is bounded: a body that claims too much, a head and a line without end', () => {
    const huge = Buffer.from('INVITE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n')
    const after = cut(Buffer.concat([huge, samples[1] as Uint8Array]), [])
    assert.deepEqual(after.drops, ['stream-message-too-long'])
    assert.deepEqual(after.messages, [text(samples[1] as Uint8Array)])
    for (const piece of ['a', 'Via: x\r\n']) {
      let dropped = 0
      const framer = createSipStream(
        () => assert.fail('no message'),
        () => dropped++,
        20_000,
      )
      framer.push(Buffer.from('INVITE sip:a@b SIP/2.0\r\n'), 0, 24)
      const chunk = Buffer.from(piece.repeat(1000))
      for (let i = 0; i < 200; i++) {
        framer.push(chunk, 0, chunk.length)
        assert.ok(framer.held <= 30_000)
      }
      assert.ok(dropped >= 1 && dropped <= 3)
    }
  })

  it('never throws on any bytes in any chunks', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 60 }),
            fc.constantFrom(...samples),
            fc.constant(Buffer.from('\nSIP/2.0 200\n\n')),
          ),
          { maxLength: 12 },
        ),
        chunks => {
          const framer = createSipStream(
            () => {},
            () => {},
            5000,
          )
          for (const chunk of chunks) framer.push(chunk, 0, chunk.length)
          assert.ok(framer.held < 20_000)
          framer.end()
        },
      ),
      { numRuns: 500 },
    )
  })
})
