import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const RESET_SEEN_MS = 50

/** A TCP relay that can go silent as a cut line does: no reset, no refusal, nothing comes through. */
export interface Relay {
  readonly port: number
  /** Bytes that came back from the target. */
  readonly received: number
  /** Nothing passes from now on; connections stay open, new ones are taken and kept waiting. */
  cut(): void
  /**
   * What waited passes, and everything after it. As on a line, nothing passes of a connection that its sender has reset
   * meanwhile: the bytes had not left it.
   */
  mend(): void
  close(): Promise<void>
}

/** Relays connections of an ephemeral port of 127.0.0.1 to `targetPort`. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  /** What came first after the line was mended, until it is known whether its sender has reset the connection. */
  const held = new Map<Socket, Buffer[]>()
  let silent = false
  let received = 0

  const server = createServer(client => {
    const target = connect(targetPort, '127.0.0.1')
    join(client, target)
    join(target, client)
    target.on('data', bytes => {
      received += bytes.length
    })
  })

  function join(from: Socket, to: Socket): void {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('data', bytes => {
      const waiting = held.get(from)
      if (waiting !== undefined) waiting.push(bytes)
      else if (!to.destroyed) to.write(bytes)
    })
    from.on('error', () => held.set(from, []))
    from.once('close', () => {
      sockets.delete(from)
      pass(from, to)
      // While the line is cut nobody hears of the other side's end.
      if (!silent) to.destroy()
    })
    from.on('ringfence-mended', () => pass(from, to))
    if (silent) from.pause()
  }

  function pass(from: Socket, to: Socket): void {
    for (const bytes of held.get(from) ?? []) if (!to.destroyed) to.write(bytes)
    held.delete(from)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    get received() {
      return received
    },
    cut() {
      silent = true
      for (const socket of sockets) socket.pause()
    },
    mend() {
      silent = false
      for (const socket of sockets) {
        held.set(socket, [])
        socket.resume()
        // A reset is read right after the bytes before it.
        setTimeout(() => socket.emit('ringfence-mended'), RESET_SEEN_MS)
      }
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
