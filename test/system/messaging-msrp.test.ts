import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createMessageObservers } from '../../connectors/streams/index.ts'
import { testContext } from '../support/context.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { type Child, startChild } from '../support/processes.ts'
import { freeTcpPort } from '../support/sockets.ts'

function modulesFolder(): string {
  const roots = ['/usr/lib', ...readdirSync('/usr/lib').map(name => join('/usr/lib', name)), '/usr/lib64']
  return roots.map(root => join(root, 'kamailio', 'modules')).find(folder => existsSync(join(folder, 'msrp.so'))) ?? ''
}

/** Kamailio as a mere MSRP relay (RFC 4976): every frame goes where its To-Path leads. */
function startRelay(folder: string, port: number): Child {
  const config = join(folder, 'kamailio.cfg')
  writeFileSync(
    config,
    `debug=2
log_stderror=yes
children=1
tcp_children=1
# A frame has no Content-Length: the core reads MSRP only where that is allowed.
tcp_accept_no_cl=yes
listen=tcp:127.0.0.1:${port}
mpath="${modulesFolder()}"
loadmodule "msrp.so"
request_route { exit; }
event_route[msrp:frame-in] { msrp_relay(); }
`,
  )
  return startChild(requirePeer('kamailio'), ['-f', config, '-DD', '-E', '-m', '32', '-Y', folder, '-w', folder])
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}

const skip =
  needs('kamailio') || (modulesFolder() === '' ? 'needs msrp.so: apt-get install kamailio-extra-modules' : false)

describe('an MSRP session through Kamailio', { skip }, () => {
  it('is read as its relay sends it on, in chunks, with the parties of the SIP dialog', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-msrp-'))
    const port = await freeTcpPort()
    const relay = startRelay(folder, port)
    const context = testContext()
    const observers = createMessageObservers(context)
    let bytesSeen = 0
    const bob = createServer((socket: Socket) => {
      const [source = '', destination = ''] = [socket.remoteAddress, socket.localAddress]
      const ends = { source, sourcePort: socket.remotePort ?? 0, destination, destinationPort: socket.localPort ?? 0 }
      socket.on('data', (bytes: Buffer) => {
        bytesSeen += bytes.length
        observers.msrp.observe(bytes, 0, bytes.length, { timeMs: 1, transport: 'tcp', correlationId: '', ...ends })
      })
      socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(bob, 'listening')
    const address = bob.address()
    assert.ok(address !== null && typeof address === 'object')
    const paths = {
      alice: 'msrp://127.0.0.1:1/alice;tcp',
      relay: `msrp://127.0.0.1:${port}/relay;tcp`,
      bob: `msrp://127.0.0.1:${address.port}/bob;tcp`,
    }
    const sdp = `v=0\r\nm=message 1 TCP/MSRP *\r\na=path:${paths.relay} ${paths.alice}\r\n`
    const invite = Buffer.from(
      `INVITE sip:+44123@ims SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:+33123@ims>;tag=a\r\nTo: <sip:+44123@ims>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
    )
    observers.sip(invite, 0, invite.length)
    const text = Buffer.from('Поздравляем, вы выиграли приз 🎁! '.repeat(8))
    const chunk = (id: string, from: number, to: number, flag: string) =>
      Buffer.concat([
        Buffer.from(
          `MSRP ${id} SEND\r\nTo-Path: ${paths.relay} ${paths.bob}\r\nFrom-Path: ${paths.alice}\r\nMessage-ID: m1\r\nByte-Range: ${from + 1}-${to}/${text.length}\r\nContent-Type: text/plain;charset=utf-8\r\n\r\n`,
        ),
        text.subarray(from, to),
        Buffer.from(`\r\n-------${id}${flag}\r\n`),
      ])
    try {
      while (!(await accepts(port))) {
        assert.ok(!relay.hasEnded(), relay.output().stderr)
        await delay(50)
      }
      const alice = connect(port, '127.0.0.1')
      await once(alice, 'connect')
      alice.write(chunk('tid1aaaa', 0, 101, '+'))
      alice.write(chunk('tid2aaaa', 101, 200, '+'))
      alice.write(chunk('tid3aaaa', 200, text.length, '$'))
      await Promise.race([
        context.emitted(2),
        delay(15_000, undefined, { ref: false }).then(() =>
          assert.fail(`${bytesSeen} octets relayed\n${relay.output().stderr}`),
        ),
      ])
      alice.destroy()
    } finally {
      await relay.stop()
      bob.close()
      rmSync(folder, { recursive: true, force: true })
    }
    const [message] = context.messages()
    assert.equal(message?.content?.text, text.toString())
    assert.deepEqual([message?.from.party, message?.to?.party, message?.callId], ['+33123', '+44123', 'c1'])
  })
})
