import { createSocket, type RemoteInfo } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { type AddressTest, createSipStream } from '../sip/index.ts'
import type { RedirectCounters, Respond, Response } from './responder.ts'

export interface ListenContext {
  readonly respond: Respond
  readonly isPeer: AddressTest
  readonly counters: RedirectCounters
  readonly maxMessageBytes: number
  readonly maxConnections: number
}

export interface Listener {
  /** `udp://…` or `tcp://…` as bound. */
  readonly address: string
  close(): Promise<void>
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
const IDLE_MS = 600_000
/** A proxy that does not read its answers is cut off before they fill memory. */
const MAX_UNSENT_BYTES = 1_048_576

interface Place {
  readonly transport: 'udp' | 'tcp'
  readonly host: string
  readonly port: number
}

/**
 * Listens on `udp://HOST:PORT` or `tcp://HOST:PORT`, IPv6 hosts in brackets.
 * @throws RingfenceError CONFIG_INVALID, LISTEN_FAILED
 */
export async function listen(url: string, context: ListenContext): Promise<Listener> {
  const match = /^(udp|tcp):\/\/(\[[0-9a-fA-F:.]+\]|[^[\]:/]+):(\d{1,5})$/.exec(url)
  if (match === null || Number(match[3]) > 65_535)
    throw new RingfenceError('CONFIG_INVALID', `redirect.listen: "${url}" is no listening address`, {
      hint: 'for example udp://0.0.0.0:5070 or tcp://[::]:5070',
    })
  const place: Place = {
    transport: match[1] as Place['transport'],
    host: match[2]!.replace(/^\[|\]$/g, ''),
    port: Number(match[3]),
  }
  try {
    return await (place.transport === 'udp' ? listenUdp(place, context) : listenTcp(place, context))
  } catch (error) {
    throw new RingfenceError('LISTEN_FAILED', `cannot listen on ${url}: ${messageOf(error)}`, {
      hint: 'set redirect.listen to free addresses',
      cause: error,
    })
  }
}

const written = ({ transport, host }: Place, port: number) =>
  `${transport}://${host.includes(':') ? `[${host}]` : host}:${port}`

/** IPv4 peers of a dual-stack socket are written as IPv4. */
const plainAddress = (address: string) => (address.startsWith('::ffff:') ? address.slice(7) : address)

async function listenUdp(place: Place, { respond, isPeer, counters }: ListenContext): Promise<Listener> {
  const socket = createSocket({
    type: place.host.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Answers go where requests came from: an address already, and no turn of the event loop is spent on looking it up.
    lookup: (address, _, found) => found(null, address, address.includes(':') ? 6 : 4),
  })
  socket.on('message', (bytes: Buffer, { address, port }: RemoteInfo) => {
    const from = plainAddress(address)
    if (!isPeer(from)) {
      counters.dropped('stranger')
      return
    }
    const response = respond(bytes, 0, bytes.length, from, port)
    if (response instanceof Promise) response.then(late => send(late, address))
    else send(response, address)
  })
  const send = (response: Response | undefined, address: string): void => {
    if (response === undefined || closed) return
    socket.send(response.bytes, response.port, address, error => {
      if (error !== null) counters.dropped('send-failed')
    })
  }
  let closed = false
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(place.port, place.host, resolve)
  })
  socket.removeAllListeners('error')
  // Such as an ICMP refusal of an earlier answer: the socket goes on.
  socket.on('error', () => counters.dropped('send-failed'))
  return {
    address: written(place, socket.address().port),
    close() {
      closed = true
      return new Promise(resolve => socket.close(() => resolve()))
    },
  }
}

async function listenTcp(place: Place, context: ListenContext): Promise<Listener> {
  const { counters, maxConnections, isPeer } = context
  const connections = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    if (!isPeer(plainAddress(socket.remoteAddress ?? ''))) {
      counters.dropped('stranger')
      socket.destroy()
      return
    }
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    serve(socket, context)
  })
  server.maxConnections = maxConnections
  server.on('drop', () => counters.dropped('connection'))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place.port, place.host, resolve)
  })
  server.removeAllListeners('error')
  server.on('error', () => counters.dropped('connection'))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : place.port
  return {
    address: written(place, port),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of connections) socket.destroy()
      }),
  }
}

/** Requests of one connection, cut by Content-Length; answers go back on it (RFC 3261 §18.2.2). */
function serve(socket: Socket, { respond, counters, maxMessageBytes }: ListenContext): void {
  const address = plainAddress(socket.remoteAddress ?? '')
  const port = socket.remotePort ?? 0
  const stream = createSipStream(
    (bytes, start, end) => {
      const response = respond(bytes, start, end, address, port)
      if (response instanceof Promise) response.then(send)
      else send(response)
    },
    reason => give(reason === 'stream-message-too-long' ? 'too-long' : 'not-sip'),
    maxMessageBytes,
  )
  function send(response: Response | undefined): void {
    if (response === undefined || socket.destroyed) return
    socket.write(response.bytes)
    if (socket.writableLength > MAX_UNSENT_BYTES) give('connection')
  }
  function give(reason: 'connection' | 'too-long' | 'not-sip'): void {
    counters.dropped(reason)
    socket.destroy()
  }
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => counters.dropped('connection'))
  socket.on('data', (chunk: Buffer) => stream.push(chunk, 0, chunk.length))
  socket.on('end', () => stream.end())
}
