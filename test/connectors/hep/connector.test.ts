import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { hepConnector, hepSchema } from '../../../connectors/hep/index.ts'
import { hep3 } from '../../support/hep.ts'
import { callMessages, optionsOf, type TapHarness, tapHarness } from '../../support/tap.ts'
import { testCertificate, writeTestCertificate } from '../../support/tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-hep-'))
after(() => rmSync(folder, { recursive: true }))

const START_MS = Date.now() - 60_000

/** A call as HEP packets, a second apart. */
const call = (callId: string, key?: string) =>
  callMessages(callId).map((message, i) =>
    hep3(message, { timeMs: START_MS + i * 1000, ...(key === undefined ? {} : { key }) }),
  )

const kinds = (harness: TapHarness) =>
  harness.activities.filter(({ role }) => role === 'origin').map(({ kind }) => kind)
const WHOLE_CALL = ['call.attempt', 'call.answered', 'call.ended']

async function open(options: Record<string, unknown>, harness: TapHarness) {
  return hepConnector.open(optionsOf(hepSchema, options), harness.context)
}

const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))

async function sendUdp(address: string, packets: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const packet of packets) {
    await new Promise<void>((resolve, reject) => {
      socket.send(packet, portOf(address), '127.0.0.1', error => (error === null ? resolve() : reject(error)))
    })
  }
  socket.close()
}

async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  await new Promise<void>(resolve => socket.write(bytes, () => resolve()))
}

test('a call sent over UDP becomes its activities', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'udp://127.0.0.1:0' }, harness)
  assert.match(tap.address, /^udp:\/\/127\.0\.0\.1:\d+$/)
  await sendUdp(tap.address, call('udp-1'))
  await harness.until(() => kinds(harness).length === 3)
  assert.deepEqual(kinds(harness), WHOLE_CALL)
  const { time, from, to, route, callId } = harness.activities[0]!
  assert.equal(time, START_MS)
  assert.equal(from.party, '+33123456789')
  assert.equal(to?.party, '+14155550100')
  assert.equal(route.tap, 'tap-1')
  assert.equal(callId, 'udp-1')
  assert.equal(harness.counters.received, 4)
  assert.equal(harness.counters.decoded, 4)
  await tap.close()
})

test('packets over TCP may share a segment or span several', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'tcp://127.0.0.1:0' }, harness)
  const socket = connect(portOf(tap.address), '127.0.0.1')
  socket.setNoDelay(true)
  const bytes = Buffer.concat([...call('tcp-1'), ...call('tcp-2')])
  for (let at = 0; at < bytes.length; at += 333) await write(socket, bytes.subarray(at, at + 333))
  await harness.until(() => kinds(harness).length === 6)
  assert.deepEqual(kinds(harness), [...WHOLE_CALL, ...WHOLE_CALL])
  socket.destroy()
  await tap.close()
})

test('garbage on a TCP connection is passed over to the next packet and counted', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'tcp://127.0.0.1:0' }, harness)
  const socket = connect(portOf(tap.address), '127.0.0.1')
  await write(socket, Buffer.concat([Buffer.from('garbage HEP HE'), ...call('tcp-3')]))
  await harness.until(() => kinds(harness).length === 3)
  assert.ok((harness.counters.dropped.get('resynchronised') ?? 0) >= 1)
  socket.destroy()
  await tap.close()
})

test('a TCP connection that never makes sense is closed', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'tcp://127.0.0.1:0' }, harness)
  const socket = connect(portOf(tap.address), '127.0.0.1')
  socket.on('error', () => {})
  let closed = false
  socket.once('close', () => {
    closed = true
  })
  socket.write(Buffer.alloc(2 << 20, 0x48))
  await harness.until(() => closed)
  assert.equal(harness.counters.dropped.get('not-hep'), 1)
  await tap.close()
})

test('reading from TCP stops while the queue is full, and nothing is lost', async () => {
  let full = true
  const harness = tapHarness({ congested: () => full })
  const tap = await open({ listen: 'tcp://127.0.0.1:0' }, harness)
  const socket = connect(portOf(tap.address), '127.0.0.1')
  await write(socket, Buffer.concat(call('tcp-4')))
  await harness.until(() => harness.counters.received > 0)
  const bytes = Buffer.concat(Array.from({ length: 50 }, (_, i) => Buffer.concat(call(`flood-${i}`))))
  await write(socket, bytes)
  assert.equal(harness.counters.received, 4)
  full = false
  await harness.until(() => harness.counters.received === 204)
  socket.destroy()
  await tap.close()
})

test('HEP over TLS', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'tls://127.0.0.1:0', ...writeTestCertificate(folder) }, harness)
  const socket = connectTls({ port: portOf(tap.address), host: '127.0.0.1', ca: testCertificate })
  await write(socket, Buffer.concat(call('tls-1')))
  await harness.until(() => kinds(harness).length === 3)
  assert.equal(socket.authorized, true)
  socket.destroy()
  const plain = connect(portOf(tap.address), '127.0.0.1')
  plain.on('error', () => {})
  plain.write(Buffer.concat(call('tls-2')))
  await harness.until(() => harness.counters.dropped.get('tls-handshake') === 1)
  plain.destroy()
  await tap.close()
})

test('several listeners feed one tap: both see one call once', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'udp://127.0.0.1:0 udp://127.0.0.1:0' }, harness)
  const [first = '', second = ''] = tap.address.split(' ')
  assert.notEqual(first, second)
  await sendUdp(first, call('two-taps'))
  await harness.until(() => harness.counters.received === 4)
  await sendUdp(second, call('two-taps'))
  await harness.until(() => harness.counters.received === 8)
  assert.deepEqual(kinds(harness), WHOLE_CALL)
  await tap.close()
})

test('UDP received on threads of its own: in order, each peer known', async () => {
  const harness = tapHarness()
  const keys = [{ source: '127.0.0.1', key: 'secret' }]
  const tap = await open({ listen: 'udp://127.0.0.1:0 udp://127.0.0.1:0', threads: 1, keys }, harness)
  const [first = '', second = ''] = tap.address.split(' ')
  assert.notEqual(portOf(first), 0)
  for (let i = 0; i < 20; i++) await sendUdp(i % 2 === 0 ? first : second, call(`thread-${i}`, 'secret'))
  await harness.until(() => kinds(harness).length === 60)
  await sendUdp(first, call('no-key'))
  await harness.until(() => harness.counters.dropped.get('bad-key') === 4)
  assert.equal(harness.counters.received, 84)
  await tap.close()
})

test('threads that cannot share an address, and one in use, are errors', async t => {
  const harness = tapHarness()
  const tap = await open({ listen: 'udp://127.0.0.1:0', threads: 1 }, harness)
  t.after(() => tap.close())
  await assert.rejects(open({ listen: tap.address, threads: 1 }, harness), { code: 'LISTEN_FAILED' })
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const canShare = major > 23 || (major === 23 && minor >= 1)
  const sharing = open({ listen: 'udp://127.0.0.1:0', threads: 2 }, harness)
  if (canShare) await (await sharing).close()
  else await assert.rejects(sharing, { code: 'CONFIG_INVALID', message: /threads: 2/ })
})

test('a packet without the key of its source is dropped', async () => {
  const harness = tapHarness()
  const keys = [
    { source: '127.0.0.0/8', key: 'secret' },
    { source: '*', key: 'other' },
  ]
  const tap = await open({ listen: 'udp://127.0.0.1:0', keys }, harness)
  await sendUdp(tap.address, [
    ...call('k-1'),
    ...call('k-2', 'other'),
    ...call('k-3', 'secre'),
    ...call('k-4', 'secrets'),
  ])
  await sendUdp(tap.address, call('k-5', 'secret'))
  await harness.until(() => harness.counters.received === 20)
  assert.equal(harness.counters.dropped.get('bad-key'), 16)
  assert.deepEqual(new Set(harness.activities.map(({ callId }) => callId)), new Set(['k-5']))
  await tap.close()
})

test('what is not HEP, and HEP that is not SIP, are counted by reason', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'udp://127.0.0.1:0' }, harness)
  await sendUdp(tap.address, [
    Buffer.from('hello'),
    Buffer.from('HEP3\0\0'),
    hep3(Buffer.from('{}'), { protocol: 5 }),
    hep3(Buffer.from('not sip at all')),
  ])
  await harness.until(() => harness.counters.received === 4)
  assert.deepEqual(Object.fromEntries(harness.counters.dropped), {
    'not-hep': 1,
    'bad-length': 1,
    'ignored-rtcp': 1,
    'not-sip': 1,
  })
  await tap.close()
})

test('a capture clock far ahead is replaced by the time of receipt', async () => {
  const now = 1_764_000_000_000
  const harness = tapHarness({ now: () => now })
  const tap = await open({ listen: 'udp://127.0.0.1:0' }, harness)
  const [invite] = callMessages('ahead')
  await sendUdp(tap.address, [hep3(invite!, { timeMs: now + 3_600_000 })])
  await harness.until(() => harness.activities.length > 0)
  assert.equal(harness.activities[0]?.time, now)
  await tap.close()
})

test('an address in use, a bad URL, a missing certificate: each one clear error', async () => {
  const harness = tapHarness()
  const tap = await open({ listen: 'tcp://127.0.0.1:0' }, harness)
  await assert.rejects(open({ listen: tap.address }, harness), { code: 'LISTEN_FAILED' })
  await assert.rejects(open({ listen: 'tcp://127.0.0.1:99999' }, harness), { code: 'CONFIG_INVALID' })
  await assert.rejects(open({ listen: 'tls://127.0.0.1:0' }, harness), { code: 'CONFIG_INVALID', message: /certFile/ })
  await assert.rejects(open({ keys: [{ source: 'nowhere', key: 'k' }] }, harness), { code: 'CONFIG_INVALID' })
  await tap.close()
})
