import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { createRandom } from '../traffic/random.ts'

/** What may happen to a datagram on its way; probabilities from 0 to 1. */
export interface Faults {
  readonly loss?: number
  readonly duplication?: number
  /** Held back until the next datagram of the same direction has passed. */
  readonly reordering?: number
  readonly seed?: number
}

export interface RelayCounts {
  readonly passed: number
  readonly lost: number
  readonly duplicated: number
  readonly reordered: number
}

export interface UdpRelay {
  readonly port: number
  readonly counts: () => RelayCounts
  readonly close: () => Promise<void>
}

const HOST = '127.0.0.1'

/**
 * Stands between a client and a server that speak UDP on loopback, in both directions, and lets faults happen: what
 * `tc netem` does where the kernel has it and we may use it. Every client gets a socket of its own towards the server, so
 * answers find their way back; a SIP client must ask for that with `rport` (RFC 3581).
 * @param server port of the server
 * @param delivered told of every datagram that goes on to the server
 */
export async function openUdpRelay(
  server: number,
  faults: Faults,
  delivered: (datagram: Buffer) => void = () => {},
): Promise<UdpRelay> {
  const { loss = 0, duplication = 0, reordering = 0, seed = 1 } = faults
  const random = createRandom(seed)
  const counts = { passed: 0, lost: 0, duplicated: 0, reordered: 0 }
  const front = await bound()
  const backs = new Map<string, Promise<Socket>>()

  /** A direction of the relay: `send` really sends. */
  const faulty = (send: (datagram: Buffer) => void) => {
    let held: Buffer | undefined
    return (datagram: Buffer) => {
      if (random.chance(loss)) {
        counts.lost++
        return
      }
      if (held === undefined && random.chance(reordering)) {
        held = datagram
        counts.reordered++
        return
      }
      counts.passed++
      send(datagram)
      if (random.chance(duplication)) {
        counts.duplicated++
        send(datagram)
      }
      if (held !== undefined) {
        counts.passed++
        send(held)
        held = undefined
      }
    }
  }

  const openBack = async (client: RemoteInfo): Promise<Socket> => {
    const back = await bound()
    back.on(
      'message',
      faulty(datagram => front.send(datagram, client.port, client.address)),
    )
    return back
  }
  const forwards = new Map<string, (datagram: Buffer) => void>()
  front.on('message', (datagram, client) => {
    const name = `${client.address}:${client.port}`
    const forward = forwards.get(name)
    if (forward !== undefined) {
      forward(datagram)
      return
    }
    const opening = backs.get(name) ?? openBack(client)
    backs.set(name, opening)
    opening
      .then(back => {
        if (!forwards.has(name))
          forwards.set(
            name,
            faulty(bytes => {
              delivered(bytes)
              back.send(bytes, server, HOST)
            }),
          )
        forwards.get(name)?.(datagram)
      })
      .catch(error => front.emit('error', error))
  })
  return {
    port: front.address().port,
    counts: () => ({ ...counts }),
    async close() {
      for (const back of await Promise.all(backs.values())) await closed(back)
      await closed(front)
    },
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, HOST, () => {
      socket.removeListener('error', reject)
      // A peer that is gone (ICMP port unreachable) is a fault too, not ours to report.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => socket.close(() => resolve()))
}
