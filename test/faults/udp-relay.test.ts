import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { describe, it } from 'node:test'
import { eventually } from '../support/sockets.ts'
import { openUdpRelay } from './udp-relay.ts'

async function openSocket(): Promise<{ socket: Socket; received: string[] }> {
  const socket = createSocket('udp4')
  const received: string[] = []
  socket.on('message', bytes => received.push(bytes.toString()))
  await new Promise<void>(done => socket.bind(0, '127.0.0.1', done))
  return { socket, received }
}

describe('the fault-injecting relay', () => {
  it('carries datagrams both ways, and answers to the client that asked', async () => {
    const server = await openSocket()
    server.socket.on('message', (bytes, from) => server.socket.send(`${bytes}!`, from.port, from.address))
    const relay = await openUdpRelay(server.socket.address().port, {})
    const clients = [await openSocket(), await openSocket()]
    for (const [index, { socket }] of clients.entries()) socket.send(`hello ${index}`, relay.port, '127.0.0.1')
    await eventually('both are answered', () => clients.every(({ received }) => received.length === 1))
    assert.deepEqual(
      clients.map(({ received }) => received),
      [['hello 0!'], ['hello 1!']],
    )
    await relay.close()
    for (const { socket } of [server, ...clients]) socket.close()
  })

  it('loses and duplicates what it says it does', async () => {
    const server = await openSocket()
    const relay = await openUdpRelay(server.socket.address().port, {
      loss: 0.2,
      duplication: 0.1,
      reordering: 0.1,
      seed: 5,
    })
    const client = await openSocket()
    for (let index = 0; index < 400; index++) {
      client.socket.send(String(index), relay.port, '127.0.0.1')
      await new Promise(setImmediate)
    }
    await eventually('all have passed', () => {
      const { passed, lost } = relay.counts()
      return passed + lost >= 399
    })
    const { passed, lost, duplicated } = relay.counts()
    await eventually('all have arrived', () => server.received.length === passed + duplicated)
    assert.ok(lost > 40 && duplicated > 10, JSON.stringify(relay.counts()))
    const order = server.received.map(Number)
    assert.ok(
      order.some((value, index) => index > 0 && value < order[index - 1]!),
      'some came out of order',
    )
    await relay.close()
    for (const { socket } of [server, client]) socket.close()
  })
})
