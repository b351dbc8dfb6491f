import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { test } from 'node:test'
import { pcapConnector, pcapSchema } from '../../connectors/pcap/index.ts'
import { findPeer, needs } from '../support/peers.ts'
import { callMessages, optionsOf, tapHarness } from '../support/tap.ts'

/** The right to capture, not only the program: asked of tcpdump itself. */
function skipReason(): false | string {
  const tcpdump = findPeer('tcpdump')
  if (tcpdump === undefined) return needs('tcpdump')
  const { status } = spawnSync(tcpdump, ['-i', 'lo', '-d'], { stdio: 'ignore' })
  return status === 0 ? false : 'needs the right to capture: run as root'
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  return socket
}

test('calls on a real interface are seen through tcpdump, in both pcap and activity', {
  skip: skipReason(),
}, async () => {
  const [caller, callee] = [await bound(), await bound()]
  const port = callee.address().port
  const harness = tapHarness()
  const options = { interface: 'lo', filter: `udp port ${port}`, tcpdump: findPeer('tcpdump') }
  const tap = await pcapConnector.open(optionsOf(pcapSchema, options), harness.context)
  for (const message of callMessages('on-the-wire')) {
    await new Promise<void>(resolve => caller.send(message, port, '127.0.0.1', () => resolve()))
  }
  await harness.until(() => harness.activities.some(({ kind }) => kind === 'call.ended'))
  const origin = harness.activities.filter(({ role }) => role === 'origin')
  assert.deepEqual(
    origin.map(({ kind }) => kind),
    ['call.attempt', 'call.answered', 'call.ended'],
  )
  assert.equal(harness.counters.received, 4)
  assert.equal(origin[0]?.route.peer, '127.0.0.1')
  assert.ok(Math.abs(origin[0].time - Date.now()) < 60_000)
  await tap.close()
  caller.close()
  callee.close()
})
