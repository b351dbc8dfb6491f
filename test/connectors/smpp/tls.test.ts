import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { Value } from '@sinclair/typebox/value'
import smpp from 'smpp'
import { type SmppOptions, smppConnector } from '../../../connectors/smpp/index.ts'
import { testContext } from '../../support/context.ts'
import { testCertificate, testKey, writeTestCertificate } from '../../support/tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'ringfence-smpp-tls-'))
const files = writeTestCertificate(folder)
const closers: (() => void | Promise<void>)[] = []
after(async () => {
  for (const close of closers.reverse()) await close()
  rmSync(folder, { recursive: true })
})

/** An SMSC's TLS port that keeps what it is sent, and the proxy before it. */
async function setUp(options: Partial<SmppOptions> = {}) {
  const chunks: Buffer[] = []
  const smsc = createServer({ cert: testCertificate, key: testKey }, socket => {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      chunks.push(bytes)
      socket.write(bytes)
    })
  })
  smsc.listen(0, '127.0.0.1')
  await once(smsc, 'listening')
  closers.push(() => void smsc.close())
  const context = testContext()
  const tap = await smppConnector.open(
    {
      ...(Value.Default(smppConnector.schema, {}) as SmppOptions),
      ...files,
      host: '127.0.0.1',
      port: 0,
      upstreamHost: 'localhost',
      upstreamPort: (smsc.address() as AddressInfo).port,
      upstreamTls: true,
      upstreamCaFile: files.certFile,
      ...options,
    },
    context,
  )
  closers.push(() => tap.close())
  const dial = async (): Promise<TLSSocket> => {
    const socket = connect({
      host: 'localhost',
      port: Number(tap.address.split(':').at(-1)),
      ca: testCertificate,
    })
    closers.push(() => void socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    return socket
  }
  return { context, dial, sent: () => Buffer.concat(chunks) }
}

const submit = new smpp.PDU('submit_sm', {
  source_addr: '33123456789',
  source_addr_ton: 1,
  destination_addr: '33687000001',
  dest_addr_ton: 1,
  short_message: 'over TLS',
  sequence_number: 1,
}).toBuffer()

describe('an SMPP proxy with TLS on both sides', () => {
  it('forwards every octet unchanged and sees the message', async () => {
    const { context, dial, sent } = await setUp()
    const esme = await dial()
    const echoed: Buffer[] = []
    esme.on('data', (bytes: Buffer) => echoed.push(bytes))
    esme.write(submit)
    while (Buffer.concat(echoed).length < submit.length) await once(esme, 'data')
    assert.ok(sent().equals(submit) && Buffer.concat(echoed).equals(submit))
    assert.equal(context.messages()[0]?.content?.text, 'over TLS')
  })

  it('lets nobody through to an SMSC whose certificate it cannot trust', async () => {
    const { dial, sent } = await setUp({ upstreamCaFile: '' })
    const esme = await dial()
    esme.write(submit)
    if (!esme.destroyed) await once(esme, 'close')
    assert.equal(sent().length, 0)
  })

  it('counts a client that speaks no TLS and names a file that cannot be read', async () => {
    const { context, dial } = await setUp()
    const good = await dial()
    const plain = smpp.connect({ host: '127.0.0.1', port: good.remotePort! })
    plain.on('error', () => {})
    plain.socket.write(submit)
    if (!plain.socket.destroyed) await once(plain.socket, 'close')
    assert.equal(context.counters.dropped.get('tls-handshake'), 1)
    await assert.rejects(setUp({ certFile: join(folder, 'absent.pem') }), {
      code: 'CONFIG_INVALID',
      message: /^certFile: cannot read/,
    })
    await assert.rejects(setUp({ upstreamCaFile: join(folder, 'none.pem') }), {
      message: /^upstreamCaFile: cannot read/,
    })
  })
})
