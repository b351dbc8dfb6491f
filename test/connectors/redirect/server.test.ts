import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { openRedirect, type RedirectDrop } from '../../../connectors/redirect/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { eventually } from '../../support/sockets.ts'
import { answerOf, defaults, invite } from './scene.ts'

async function open(peers: readonly string[] = ['127.0.0.1']) {
  const drops: RedirectDrop[] = []
  const server = await openRedirect(
    { ...defaults, peers: [...peers], listen: ['udp://127.0.0.1:0', 'tcp://127.0.0.1:0'] },
    {
      ask: ({ from }) => answerOf(from === '+33162000001' ? 'block' : 'allow'),
      identity: createIdentity({ defaultCountry: 'FR' }),
      card: undefined,
      now: Date.now,
      counters: { answered() {}, retransmitted() {}, absorbed() {}, dropped: reason => drops.push(reason) },
    },
  )
  const [udp, tcp] = server.addresses.map(address => Number(address.slice(address.lastIndexOf(':') + 1)))
  return { server, drops, udp: udp!, tcp: tcp! }
}

describe('sockets of the redirect server', () => {
  it('answers datagrams to the port they came from', async () => {
    const { server, udp } = await open()
    const socket = createSocket('udp4')
    try {
      await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
      const answer = once(socket, 'message') as Promise<[Buffer]>
      socket.send(invite({ Via: 'SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1' }), udp, '127.0.0.1')
      assert.match((await answer)[0].toString(), /^SIP\/2\.0 603 Decline\r\n/)
    } finally {
      socket.close()
      await server.close()
    }
  })

  it('answers requests of a stream one by one, however they are cut', async () => {
    const { server, tcp } = await open()
    const socket = connect(tcp, '127.0.0.1')
    let received = ''
    socket.on('data', chunk => {
      received += chunk.toString()
    })
    try {
      await once(socket, 'connect')
      const two =
        invite({ Via: 'SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1' }) +
        invite({ Via: 'SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK2', From: '<sip:+33612345678@x>;tag=2' })
      for (let at = 0; at < two.length; at += 97) socket.write(two.slice(at, at + 97))
      await eventually('both are answered', () => received.split('Content-Length: 0\r\n\r\n').length === 3)
      assert.deepEqual(received.match(/SIP\/2\.0 (?=\d)\d+ /g), ['SIP/2.0 603 ', 'SIP/2.0 302 '])
    } finally {
      socket.destroy()
      await server.close()
    }
  })

  it('does not answer strangers, and cuts off streams that are no SIP', async () => {
    const { server, drops, udp, tcp } = await open(['192.0.2.1'])
    const socket = createSocket('udp4')
    try {
      socket.send(invite(), udp, '127.0.0.1')
      const refused = connect(tcp, '127.0.0.1')
      refused.on('error', () => {})
      await once(refused, 'close')
      await eventually('both are counted', () => drops.length === 2)
      assert.deepEqual(drops, ['stranger', 'stranger'])
    } finally {
      socket.close()
      await server.close()
    }
    const other = await open()
    const noise = connect(other.tcp, '127.0.0.1')
    noise.on('error', () => {})
    try {
      noise.write(`${'x'.repeat(9000)}\r\n`)
      await once(noise, 'close')
      assert.deepEqual([...new Set(other.drops)], ['not-sip'])
    } finally {
      await other.server.close()
    }
  })

  it('says which address it cannot have, and leaves nothing open', async () => {
    await assert.rejects(
      openRedirect(
        { ...defaults, listen: ['udp://127.0.0.1:0', 'sctp://x:1'] },
        {
          ask: () => answerOf('allow'),
          identity: createIdentity(),
          card: undefined,
          now: Date.now,
          counters: { answered() {}, retransmitted() {}, absorbed() {}, dropped() {} },
        },
      ),
      /redirect\.listen: "sctp:\/\/x:1" is no listening address/,
    )
  })
})
