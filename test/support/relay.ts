import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP relay that can go silent as a cut line does: no reset, no refusal, nothing comes through. */
export interface Relay {
  readonly port: number
  /** Bytes that came back from the target. */
  readonly received: number
  /** Nothing passes from now on; connections stay open, new ones are taken and kept waiting. */
  cut(): void
  /** What waited passes, and everything after it. */
  mend(): void
  close(): Promise<void>
}

/** Relays connections of an ephemeral port of 127.0.0.1 to `targetPort`. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>()
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
      if (!to.destroyed) to.write(bytes)
    })
    from.on('error', () => {})
    from.once('close', () => {
      sockets.delete(from)
      // While the line is cut nobody hears of the other side's end.
      if (!silent) to.destroy()
    })
    if (silent) from.pause()
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
      for (const socket of sockets) socket.resume()
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
