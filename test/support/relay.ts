import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

const RESET_SEEN_MS = 50

/**
 * A TCP relay that can go silent as a cut line does: no reset, no refusal, nothing comes through. Or hold back what it takes, as a
 * proxy may that ends the connections itself.
 */
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
  /** Of connections on which a client sends this text from now on, that and what follows is kept, whatever becomes of the client. */
  hold(text: string): void
  /** Whether anything is kept. */
  holds(): boolean
  /** What was kept goes to the target. Resolves when that has answered on each of those connections, or closed it. */
  release(): Promise<void>
  close(): Promise<void>
}

/** Relays connections of an ephemeral port of 127.0.0.1 to `targetPort`. */
export async function startRelay(targetPort: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  /** What came first after the line was mended, until it is known whether its sender has reset the connection. */
  const held = new Map<Socket, Buffer[]>()
  let silent = false
  let received = 0
  /** What is kept, by the connection to the target that it belongs on. */
  const kept = new Map<Socket, Buffer[]>()
  let wanted: string | undefined

  const server = createServer(client => {
    const target = connect(targetPort, '127.0.0.1')
    join(client, target, true)
    join(target, client, false)
    target.on('data', bytes => {
      received += bytes.length
    })
  })

  function join(from: Socket, to: Socket, isClient: boolean): void {
    sockets.add(from)
    from.setNoDelay(true)
    from.on('data', bytes => {
      const waiting = held.get(from)
      if (isClient && wanted !== undefined && bytes.includes(wanted) && !kept.has(to)) kept.set(to, [])
      const late = kept.get(to)
      if (late !== undefined) late.push(bytes)
      else if (waiting !== undefined) waiting.push(bytes)
      else if (!to.destroyed) to.write(bytes)
    })
    from.on('error', () => held.set(from, []))
    from.once('close', () => {
      sockets.delete(from)
      pass(from, to)
      // While the line is cut nobody hears of the other side's end, nor of a client's whose bytes are kept.
      if (!silent && !kept.has(to)) to.destroy()
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
    hold(text) {
      wanted = text
    },
    holds: () => kept.size > 0,
    async release() {
      const late = [...kept]
      wanted = undefined
      kept.clear()
      await Promise.all(
        late.map(([to, list]) => {
          const answered = Promise.race([once(to, 'data'), once(to, 'close')])
          to.write(Buffer.concat(list))
          return answered
        }),
      )
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
