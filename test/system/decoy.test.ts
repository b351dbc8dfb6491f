import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decoyConnector, decoySchema } from '../../connectors/decoy/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { startKamailio } from '../support/kamailio.ts'
import { needs, requirePeer } from '../support/peers.ts'
import { startChild } from '../support/processes.ts'
import { freeTcpPort, freeUdpPort } from '../support/sockets.ts'
import { optionsOf, tapHarness } from '../support/tap.ts'

const template = join(fileURLToPath(new URL('../../../test/system/', import.meta.url)), 'decoy.cfg')

/** One MESSAGE over UDP; the status of its final response. */
async function sendMessage(port: number, to: string, from: string): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  const own = socket.address().port
  const text = [
    `MESSAGE sip:${to}@ims.test SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKm1;rport`,
    'Max-Forwards: 70',
    `From: <sip:${from}@ims.test>;tag=m`,
    `To: <sip:${to}@ims.test>`,
    `Call-ID: message-${own}`,
    'CSeq: 1 MESSAGE',
    'Content-Type: text/plain',
    'Content-Length: 5',
    '',
    'Hello',
  ].join('\r\n')
  const answered = new Promise<number>(resolve => {
    socket.on('message', response => {
      const status = Number(/^SIP\/2\.0 (\d{3})/.exec(String(response))?.[1])
      if (status >= 200) resolve(status)
    })
  })
  socket.send(text, port, '127.0.0.1')
  const status = await answered
  socket.close()
  return status
}

describe('decoy lines on a real Kamailio', { skip: needs('kamailio', 'sipp') }, () => {
  it('register over WebSocket and tell who calls and messages them', { timeout: 60_000 }, async () => {
    const [udp, tcp] = [await freeUdpPort(), await freeTcpPort()]
    const kamailio = await startKamailio({
      edge: `127.0.0.1:${udp}`,
      collector: '127.0.0.1:9',
      callees: '127.0.0.1:9',
      inboxes: '127.0.0.1:9',
      template,
      values: { WEBSOCKET: `127.0.0.1:${tcp}` },
    })
    const harness = tapHarness({ identity: createIdentity({ defaultCountry: 'FR' }) })
    const tap = await decoyConnector.open(
      optionsOf(decoySchema, {
        server: `ws://127.0.0.1:${tcp}`,
        domain: 'ims.test',
        ringSeconds: 1,
        refuseStatus: 486,
        lines: [{ name: 'decoy-1', user: '+33199001000', password: 's3cret' }],
      }),
      harness.context,
    )
    try {
      // The location is there once a message gets through: until then Kamailio answers 404.
      while ((await sendMessage(udp, '+33199001000', '+33644556678')) !== 200) assert.deepEqual(harness.activities, [])
      const args = ['-sn', 'uac', '-s', '+33199001000', '-m', '1', '-nostdin', '-i', '127.0.0.1', `127.0.0.1:${udp}`]
      const sipp = startChild(requirePeer('sipp'), args)
      await harness.until(() => harness.activities.length === 2)
      assert.deepEqual(
        harness.activities.map(
          activity => activity.kind === 'probe' && [activity.method, activity.decoy, activity.to?.party],
        ),
        [
          ['MESSAGE', 'decoy-1', '+33199001000'],
          ['INVITE', 'decoy-1', '+33199001000'],
        ],
      )
      assert.equal(harness.activities[0]?.from.party, '+33644556678')
      assert.match(harness.activities[1]?.from.party ?? '', /^sipp@127\.0\.0\.1$/)
      await sipp.stop()
      assert.deepEqual([...harness.counters.dropped], [])
    } finally {
      await tap.close()
      await kamailio.stop()
    }
  })
})
