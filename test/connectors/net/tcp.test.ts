import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTcpReassembler, type TcpHeader, type TcpLimits } from '../../../connectors/net/index.ts'
import type { Envelope } from '../../../connectors/signal.ts'

interface Sent {
  readonly sequence: number
  readonly text?: string
  readonly flags?: string
  readonly acknowledgement?: number
  readonly timeMs?: number
  readonly reverse?: boolean
  readonly port?: number
}

/** What the reassembler gave, as text: data, `|gap|`, `|close|`. */
function reassemble(segments: readonly Sent[], limits: TcpLimits = {}, wanted = () => true) {
  let forward = ''
  let backward = ''
  const drops: string[] = []
  const timesMs: number[] = []
  const reassembler = createTcpReassembler({
    open: first => {
      const isForward = first.sourcePort !== 80
      const add = (text: string) => {
        if (isForward) forward += text
        else backward += text
      }
      return {
        data(bytes, start, end, envelope) {
          add(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
          timesMs.push(envelope.timeMs)
          return wanted()
        },
        gap: () => add('|gap|'),
        close: () => add('|close|'),
      }
    },
    dropped: reason => drops.push(reason),
    limits,
  })
  segments.forEach((sent, i) => {
    const {
      sequence,
      text = '',
      flags = 'A',
      acknowledgement = 0,
      timeMs = 1000 + i,
      reverse = false,
      port = 1000,
    } = sent
    const envelope: Envelope = {
      timeMs,
      source: reverse ? 'b' : 'a',
      sourcePort: reverse ? 80 : port,
      destination: reverse ? 'a' : 'b',
      destinationPort: reverse ? port : 80,
      transport: 'tcp',
      correlationId: '',
    }
    const tcp: TcpHeader = {
      sequence: sequence >>> 0,
      acknowledgement: acknowledgement >>> 0,
      syn: flags.includes('S'),
      ack: flags.includes('A'),
      fin: flags.includes('F'),
      rst: flags.includes('R'),
    }
    // Inside a larger buffer that is overwritten afterwards: what is kept must have been copied.
    const bytes = Buffer.from(`..${text}..`, 'latin1')
    reassembler.segment(bytes, 2, bytes.length - 2, envelope, tcp)
    bytes.fill(0x23)
  })
  const held = reassembler.heldBytes
  const directions = reassembler.directions
  reassembler.flush()
  return { forward, backward, drops, timesMs, held, directions, heldAfter: reassembler.heldBytes }
}

test('a connection from SYN to FIN, both directions', () => {
  const { forward, backward, drops } = reassemble([
    { sequence: 99, flags: 'S' },
    { sequence: 499, flags: 'SA', reverse: true },
    { sequence: 100, text: 'INVITE' },
    { sequence: 500, text: '200', reverse: true },
    { sequence: 106, text: ' OK', flags: 'FA' },
    { sequence: 503, flags: 'FA', reverse: true },
  ])
  assert.equal(forward, 'INVITE OK|close|')
  assert.equal(backward, '200|close|')
  assert.deepEqual(drops, [])
})

test('the last acknowledgements of a connection that has ended open nothing', () => {
  const { directions } = reassemble([
    { sequence: 100, text: 'x', flags: 'FA' },
    { sequence: 101, flags: 'A' },
    { sequence: 500, flags: 'A', reverse: true },
  ])
  assert.equal(directions, 0)
})

test('whatever the order, the cuts, the overlaps and the repetitions, the stream is what was sent', () => {
  const text = Array.from({ length: 40 }, (_, i) => `message ${i};`).join('')
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.array(fc.record({ at: fc.nat({ max: text.length - 1 }), length: fc.integer({ min: 1, max: 80 }) }), {
        maxLength: 60,
      }),
      fc.infiniteStream(fc.nat()),
      (initial, extra, order) => {
        const cuts: { at: number; length: number }[] = []
        for (let at = 0; at < text.length; at += 17) cuts.push({ at, length: 17 })
        const segments = [...cuts, ...extra]
          .map(({ at, length }) => ({
            sequence: initial + 1 + at,
            text: text.slice(at, at + length),
            at: order.next().value,
          }))
          .sort((a, b) => a.at - b.at)
        const { forward, held } = reassemble([{ sequence: initial, flags: 'S' }, ...segments])
        assert.equal(forward, `${text}|close|`)
        assert.equal(held, 0)
      },
    ),
    { numRuns: 300 },
  )
})

test('the bytes that came first stay where a retransmission says something else', () => {
  const { forward } = reassemble([
    { sequence: 0, flags: 'S' },
    { sequence: 1, text: 'abc' },
    { sequence: 1, text: 'XYZdef' },
  ])
  assert.equal(forward, 'abcdef|close|')
})

test('a keep-alive probe says nothing', () => {
  const { forward } = reassemble([
    { sequence: 0, flags: 'S' },
    { sequence: 1, text: 'abc' },
    { sequence: 3, text: 'c' },
    { sequence: 3, text: '' },
    { sequence: 4, text: 'def' },
  ])
  assert.equal(forward, 'abcdef|close|')
})

test('a capture may begin in the middle of a connection', () => {
  assert.equal(
    reassemble([
      { sequence: 777, text: 'abc' },
      { sequence: 780, text: 'def' },
    ]).forward,
    'abcdef|close|',
  )
})

test('a hole that the receiver has acknowledged is a gap, soon', () => {
  const { forward, drops } = reassemble([
    { sequence: 1, text: 'abc', timeMs: 1000 },
    { sequence: 7, text: 'ghi', timeMs: 1001 },
    { sequence: 500, acknowledgement: 10, reverse: true, text: 'x', timeMs: 1002 },
    { sequence: 10, text: 'jkl', timeMs: 1003 },
    { sequence: 13, text: 'mno', timeMs: 1300 },
  ])
  assert.equal(forward, 'abc|gap|ghijklmno|close|')
  assert.deepEqual(drops, ['tcp-gap'])
})

test('a hole that nobody acknowledged is waited for two seconds of capture time', () => {
  const early = reassemble([
    { sequence: 1, text: 'abc', timeMs: 1000 },
    { sequence: 7, text: 'ghi', timeMs: 1001 },
    { sequence: 4, text: 'def', timeMs: 2900 },
  ])
  assert.equal(early.forward, 'abcdefghi|close|')
  assert.deepEqual(early.timesMs, [1000, 2900, 2900])
  const late = reassemble([
    { sequence: 1, text: 'abc', timeMs: 1000 },
    { sequence: 7, text: 'ghi', timeMs: 1001 },
    { sequence: 10, text: 'jkl', timeMs: 3100 },
    { sequence: 4, text: 'def', timeMs: 3200 },
  ])
  assert.equal(late.forward, 'abc|gap|ghijkl|close|')
})

test('what waits behind a hole is bounded', () => {
  const segments = Array.from({ length: 100 }, (_, i) => ({
    sequence: 100 + i * 100,
    text: 'x'.repeat(100),
    timeMs: 1000,
  }))
  const { forward, heldAfter } = reassemble([{ sequence: 1, text: 'a' }, ...segments], { maxHeldBytes: 1000 })
  assert.equal(forward.replaceAll('x', '').startsWith('a|gap|'), true)
  assert.equal(heldAfter, 0)
})

test('at the end of the capture what waits behind a hole is given out', () => {
  const { forward } = reassemble([
    { sequence: 1, text: 'abc' },
    { sequence: 7, text: 'ghi' },
    { sequence: 13, text: 'mno' },
  ])
  assert.equal(forward, 'abc|gap|ghi|gap|mno|close|')
})

test('another connection on the same ports begins anew', () => {
  const { forward } = reassemble([
    { sequence: 0, flags: 'S' },
    { sequence: 1, text: 'one' },
    { sequence: 90_000, flags: 'S' },
    { sequence: 90_001, text: 'two' },
    { sequence: 0x70000000, text: 'three' },
  ])
  assert.equal(forward, 'one|close|two|close|three|close|')
})

test('a stream of no interest costs nothing more', () => {
  const { forward, held } = reassemble(
    [
      { sequence: 1, text: 'abc' },
      { sequence: 4, text: 'def' },
      { sequence: 10, text: 'jkl' },
    ],
    {},
    () => false,
  )
  assert.equal(forward, 'abc|close|')
  assert.equal(held, 0)
})

test('RST ends both what was said and what waits', () => {
  const { forward, directions } = reassemble([
    { sequence: 1, text: 'abc' },
    { sequence: 7, text: 'ghi' },
    { sequence: 10, flags: 'R' },
  ])
  assert.equal(forward, 'abc|close|')
  assert.equal(directions, 0)
})

test('directions are bounded: the silent go first', () => {
  const flood = Array.from({ length: 500 }, (_, i) => ({
    sequence: 1,
    text: 'x',
    port: 1000 + i,
    timeMs: 1000 + i * 1000,
  }))
  const { directions } = reassemble(flood, { maxDirections: 64 })
  assert.ok(directions <= 64)
})
