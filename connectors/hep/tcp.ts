import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { countDrop, type Logger, type TapCounters } from '../../engine/observe/index.ts'
import { readTls } from '../tls/index.ts'
import { formatListen, type Listen } from './listen.ts'
import type { HepReceiver } from './receiver.ts'
import { createHepStream } from './stream.ts'
import type { Listener } from './udp.ts'

export interface TcpOptions {
  readonly listen: Listen
  readonly certFile: string
  readonly keyFile: string
  /** Agents' certificates are asked for and checked against this authority; empty for none. */
  readonly caFile: string
  readonly maxConnections: number
  readonly idleMs: number
  readonly receive: HepReceiver
  readonly congested: () => boolean
  readonly counters: TapCounters
  readonly now: () => number
  readonly logger: Logger
}

/** How often a connection that was paused for a full queue looks whether it may read again. */
const RESUME_CHECK_MS = 10

/**
 * HEP over TCP, or TLS with a certificate. Reading stops while the queue towards the event log is full: TCP's own flow
 * control then holds the agents back, and nothing is lost.
 * @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID for certificates that cannot be read
 */
export async function listenTcp(options: TcpOptions): Promise<Listener> {
  const { listen } = options
  const connections = new Set<Socket>()
  const accept = (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    serve(socket, options)
  }
  const server: Server =
    listen.transport === 'tls' ? createTlsServer(readTls(options), accept) : createServer({ noDelay: true }, accept)
  server.maxConnections = options.maxConnections
  server.on('drop', () => countDrop(options.counters, 'too-many-connections'))
  server.on('tlsClientError', () => countDrop(options.counters, 'tls-handshake'))
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      const where = formatListen(listen, listen.port)
      reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${where}: ${messageOf(error)}`, { cause: error }))
    })
    server.listen(listen.port, listen.host, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', error => options.logger.error({ error: messageOf(error) }, 'HEP server failed'))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : listen.port
  return {
    address: formatListen(listen, port),
    port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of connections) socket.destroy()
      }),
  }
}

function serve(socket: Socket, options: TcpOptions): void {
  const { counters, receive, now } = options
  const peer = socket.remoteAddress ?? ''
  let receivedMs = 0
  const stream = createHepStream(
    (bytes, start, end) => receive(bytes, start, end, peer, receivedMs),
    () => countDrop(counters, 'resynchronised'),
  )
  socket.setTimeout(options.idleMs, () => {
    countDrop(counters, 'idle-connection')
    socket.destroy()
  })
  socket.on('error', () => countDrop(counters, 'connection-error'))
  socket.on('data', (chunk: Buffer) => {
    receivedMs = now()
    if (!stream.push(chunk, 0, chunk.length)) {
      countDrop(counters, 'not-hep')
      socket.destroy()
      return
    }
    if (options.congested()) pauseUntilRoom(socket, options.congested)
  })
  socket.on('end', () => {
    if (stream.buffered > 0) countDrop(counters, 'bad-length')
  })
}

function pauseUntilRoom(socket: Socket, congested: () => boolean): void {
  socket.pause()
  const timer = setInterval(() => {
    if (congested() && !socket.destroyed) return
    clearInterval(timer)
    socket.resume()
  }, RESUME_CHECK_MS)
  timer.unref()
}
