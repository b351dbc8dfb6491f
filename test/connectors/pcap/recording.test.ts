import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { headOf, pcapRecording } from '../../../connectors/pcap/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { hep3 } from '../../support/hep.ts'
import { ethernet, ipv4, pcapFile, pcapngBlock, pcapngFile, udp } from '../../support/packets.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-pcap-'))
after(() => rmSync(folder, { recursive: true }))

const START_MS = 1_764_000_000_000
const OPTIONS = Buffer.from('OPTIONS sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n')

interface Seen {
  readonly signals: { protocol: string; text: string; timeMs: number; source: string }[]
  readonly drops: string[]
}

async function read(bytes: Uint8Array): Promise<Seen> {
  const path = join(folder, 'capture')
  writeFileSync(path, bytes)
  assert.ok(pcapRecording.detect(await headOf(path), path))
  const seen: Seen = { signals: [], drops: [] }
  await pcapRecording.read(
    path,
    {
      signal: (protocol, bytes, start, end, { timeMs, source }) =>
        seen.signals.push({ protocol, text: Buffer.from(bytes.subarray(start, end)).toString(), timeMs, source }),
      activity: () => assert.fail('a capture holds signals'),
      dropped: (reason, place) => seen.drops.push(`${reason} at ${place}`),
    },
    { identity: createIdentity(), progress: () => {} },
  )
  return seen
}

const frames = [1, 2, 3].map(() => ethernet(ipv4(udp(OPTIONS))))

const FORMATS: [string, Buffer][] = [
  ['pcap, little-endian, microseconds', pcapFile(frames)],
  ['pcap, big-endian, microseconds', pcapFile(frames, { little: false })],
  ['pcap, little-endian, nanoseconds', pcapFile(frames, { nanoseconds: true })],
  ['pcap, big-endian, nanoseconds', pcapFile(frames, { little: false, nanoseconds: true })],
  ['pcapng, little-endian', pcapngFile(frames)],
  ['pcapng, big-endian', pcapngFile(frames, { little: false })],
  ['pcapng, milliseconds', pcapngFile(frames, { resolution: 3 })],
  ['pcapng, nanoseconds', pcapngFile(frames, { resolution: 9 })],
  ['pcapng, binary fractions of a second', pcapngFile(frames, { resolution: 0x80 | 20 })],
  ['pcapng, tenths of a nanosecond', pcapngFile(frames, { resolution: 10 })],
  ['gzip of pcap', gzipSync(pcapFile(frames))],
  ['gzip of pcapng', gzipSync(pcapngFile(frames))],
]
for (const [name, bytes] of FORMATS) {
  test(`reads ${name}`, async () => {
    const { signals, drops } = await read(bytes)
    assert.deepEqual(drops, [])
    assert.equal(signals.length, 3)
    signals.forEach((signal, i) => {
      assert.equal(signal.protocol, 'sip')
      assert.equal(signal.text, OPTIONS.toString())
      assert.equal(signal.source, '192.0.2.1')
      // A binary resolution cannot hold a millisecond exactly.
      const exact = name.includes('binary')
        ? Math.abs(signal.timeMs - START_MS - i) <= 1
        : signal.timeMs === START_MS + i
      assert.ok(exact, `packet ${i} at ${signal.timeMs}`)
    })
  })
}

test('a file cut short keeps what was before and names the packet', async () => {
  for (const whole of [pcapFile(frames), pcapngFile(frames)]) {
    const { signals, drops } = await read(whole.subarray(0, whole.length - 10))
    assert.equal(signals.length, 2)
    assert.deepEqual(drops, ['truncated at packet 3'])
  }
})

test('a gzip file cut short keeps what was before', async () => {
  const packed = gzipSync(pcapFile(frames))
  const { drops } = await read(packed.subarray(0, packed.length - 12))
  assert.equal(drops[0]?.startsWith('bad-compression at packet'), true)
})

test('a record whose length lies ends the file there', async () => {
  const bytes = pcapFile(frames)
  const second = 24 + 16 + frames[0]!.length
  bytes.writeUInt32LE(0x7fffffff, second + 8)
  const { signals, drops } = await read(bytes)
  assert.equal(signals.length, 1)
  assert.deepEqual(drops, ['bad-record at packet 2'])
})

test('a packet of an interface that was not described is dropped and the rest read', async () => {
  const bytes = pcapngFile(frames)
  const body = Buffer.alloc(20)
  body.writeUInt32LE(7, 0)
  const { signals, drops } = await read(Buffer.concat([bytes, pcapngBlock(6, body, true), pcapngBlock(99, body, true)]))
  assert.equal(signals.length, 3)
  assert.deepEqual(drops, ['bad-interface at packet 4'])
})

test('sections of different byte order in one file', async () => {
  const { signals, drops } = await read(Buffer.concat([pcapngFile(frames), pcapngFile(frames, { little: false })]))
  assert.equal(signals.length, 6)
  assert.deepEqual(drops, [])
})

test('captures put together are read one after the other', async () => {
  const several = [pcapFile(frames), pcapFile(frames, { little: false }), pcapFile(frames, { nanoseconds: true })]
  const { signals, drops } = await read(Buffer.concat(several))
  assert.equal(signals.length, 9)
  assert.ok(signals.every(({ timeMs }) => timeMs >= START_MS && timeMs < START_MS + 3))
  assert.deepEqual(drops, [])
})

test('HEP in a capture is the signal inside it, with its own time and addresses', async () => {
  const packet = hep3(OPTIONS, { source: '198.51.100.9', timeMs: 1_700_000_000_456 })
  const { signals } = await read(pcapFile([ethernet(ipv4(udp(packet, { destinationPort: 9060 })))]))
  assert.deepEqual(signals, [
    { protocol: 'sip', text: OPTIONS.toString(), timeMs: 1_700_000_000_456, source: '198.51.100.9' },
  ])
})

test('SIP is found on any port; what is not SIP on its port is counted', async () => {
  const { signals, drops } = await read(
    pcapFile([
      ethernet(ipv4(udp(OPTIONS, { sourcePort: 40_000, destinationPort: 41_000 }))),
      ethernet(ipv4(udp(Buffer.from('GET / HTTP/1.1\r\n\r\n')))),
      ethernet(ipv4(udp(Buffer.from('\r\n\r\n')))),
      ethernet(ipv4(udp(Buffer.from([0x80, 0, 1, 2]), { sourcePort: 40_000, destinationPort: 41_000 }))),
    ]),
  )
  assert.equal(signals.length, 1)
  assert.deepEqual(drops, ['not-sip at packet 2'])
})

test('a file that cannot be opened is one clear error', async () => {
  await assert.rejects(headOf(join(folder, 'absent')), { name: 'RingfenceError', code: 'INPUT_UNREADABLE' })
})
