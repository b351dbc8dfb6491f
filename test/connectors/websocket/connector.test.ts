import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import type { Tap } from '../../../connectors/connector.ts'
import { websocketConnector, websocketSchema } from '../../../connectors/websocket/index.ts'
import { callMessages, optionsOf, type TapHarness, tapHarness } from '../../support/tap.ts'
import { testCertificate, writeTestCertificate } from '../../support/tls.ts'

const open: Tap[] = []
afterEach(async () => {
  for (const tap of open.splice(0)) await tap.close()
})

async function listening(given: Record<string, unknown> = {}, harness: TapHarness = tapHarness()) {
  const tap = await websocketConnector.open(optionsOf(websocketSchema, { port: 0, ...given }), harness.context)
  open.push(tap)
  return { tap, harness }
}

/** A client whose upgrade has succeeded, or the status that refused it. */
async function connect(
  url: string,
  protocols: string[] = ['sip'],
  options: WebSocket.ClientOptions = {},
): Promise<WebSocket | number> {
  const socket = new WebSocket(url, protocols, options)
  return await new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', reject)
  })
}

async function client(url: string, protocols?: string[], options?: WebSocket.ClientOptions): Promise<WebSocket> {
  const socket = await connect(url, protocols, options)
  assert.ok(typeof socket !== 'number', `refused with ${socket}`)
  return socket
}

describe('a SIP over WebSocket tap', () => {
  it('makes activity of frames, text or binary, one message each', async () => {
    const { tap, harness } = await listening()
    const socket = await client(tap.address)
    assert.equal(socket.protocol, 'sip')
    callMessages('ws-1').forEach((message, i) => {
      socket.send(i % 2 === 0 ? message.toString() : message)
    })
    await harness.until(() => harness.activities.some(({ kind }) => kind === 'call.ended'))
    assert.deepEqual(
      harness.activities.map(({ kind, role }) => `${kind} ${role}`),
      ['call.attempt origin', 'call.attempt target', 'call.answered origin', 'call.ended origin'],
    )
    assert.deepEqual(harness.activities[0]?.route, { tap: 'tap-1', peer: '127.0.0.1', transport: 'ws' })
    assert.equal(harness.counters.received, 4)
    assert.equal(harness.counters.decoded, 4)
    socket.terminate()
  })

  it('counts keep-alives and frames that are no SIP', async () => {
    const { tap, harness } = await listening()
    const socket = await client(tap.address)
    for (const frame of ['\r\n\r\n', 'hello', '{"a":1}']) socket.send(frame)
    await harness.until(() => harness.counters.received === 3)
    assert.deepEqual(
      [...harness.counters.dropped],
      [
        ['keep-alive', 1],
        ['not-sip', 2],
      ],
    )
    socket.terminate()
  })

  it('takes the mirrored addresses from the query or X-Forwarded-For where it is told to believe them', async () => {
    const invite = callMessages('ws-2')[0] as Buffer
    const peerOf = async (forwarded: boolean, query: string, headers: Record<string, string> = {}) => {
      const { tap, harness } = await listening({ forwarded })
      const socket = await client(`${tap.address}${query}`, ['sip'], { headers })
      socket.send(invite)
      await harness.until(() => harness.activities.length === 2)
      socket.terminate()
      return harness.activities[0]?.route.peer
    }
    assert.equal(await peerOf(true, '?source=198.51.100.2:5060&destination=[2001:db8::1]:443'), '198.51.100.2')
    assert.equal(await peerOf(true, '?source=[2001:db8::7]:5060'), '2001:db8::7')
    assert.equal(await peerOf(true, '', { 'x-forwarded-for': '198.51.100.9, 10.0.0.1' }), '198.51.100.9')
    assert.equal(await peerOf(true, '?source=nonsense'), '127.0.0.1')
    assert.equal(await peerOf(false, '?source=198.51.100.2:5060', { 'x-forwarded-for': '198.51.100.9' }), '127.0.0.1')
  })

  it('refuses a wrong token, path or subprotocol, and counts why', async () => {
    const { tap, harness } = await listening({ token: 'a-long-enough-secret' })
    const authorization = { headers: { authorization: 'Bearer a-long-enough-secret' } }
    assert.equal(await connect(tap.address), 401)
    assert.equal(await connect(tap.address, ['sip'], { headers: { authorization: 'Bearer other' } }), 401)
    assert.equal(await connect(`${tap.address}elsewhere`, ['sip'], authorization), 404)
    assert.equal(await connect(tap.address, ['xmpp'], authorization), 400)
    const socket = await client(tap.address, ['xmpp', 'sip'], authorization)
    socket.terminate()
    assert.deepEqual(Object.fromEntries(harness.counters.dropped), {
      unauthorized: 2,
      'wrong-path': 1,
      'wrong-subprotocol': 1,
    })
  })

  it('closes a connection whose frame is too long, and goes on with the others', async () => {
    const { tap, harness } = await listening({ maxFrameBytes: 1024 })
    const [bad, good] = [await client(tap.address), await client(tap.address)]
    const closed = new Promise(resolve => bad.once('close', resolve))
    bad.on('error', () => {})
    bad.send('x'.repeat(5000))
    await closed
    good.send(callMessages('ws-3')[0] as Buffer)
    await harness.until(() => harness.activities.length === 2)
    assert.equal(harness.counters.dropped.get('bad-frame'), 1)
    good.terminate()
  })

  it('stops reading while the queue towards the log is full', async () => {
    let full = true
    let release = () => {}
    const durable = new Promise<void>(resolve => {
      release = resolve
    })
    const harness = tapHarness({ congested: () => full, durable: () => durable })
    const { tap } = await listening({}, harness)
    const socket = await client(tap.address)
    const [invite, ...rest] = callMessages('ws-4') as [Buffer, ...Buffer[]]
    socket.send(invite)
    await harness.until(() => harness.activities.length === 2)
    for (const message of rest) socket.send(message)
    for (let turn = 0; turn < 100; turn++) await new Promise(resolve => setImmediate(resolve))
    assert.equal(harness.counters.received, 1)
    full = false
    release()
    await harness.until(() => harness.counters.received === 4)
    socket.terminate()
  })

  it('listens with TLS, and says in one line what is wrong with a certificate or an address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-ws-'))
    try {
      const { tap, harness } = await listening(writeTestCertificate(folder))
      assert.match(tap.address, /^wss:/)
      const socket = await client(tap.address, ['sip'], { ca: testCertificate })
      socket.send(callMessages('ws-5')[0] as Buffer)
      await harness.until(() => harness.activities.length === 2)
      assert.equal(harness.activities[0]?.route.transport, 'wss')
      socket.terminate()
      await assert.rejects(listening({ certFile: join(folder, 'none.pem') }), { code: 'CONFIG_INVALID' })
      await assert.rejects(listening({ port: Number(new URL(tap.address).port) }), { code: 'LISTEN_FAILED' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
