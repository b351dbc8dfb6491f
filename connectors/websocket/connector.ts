import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, Tap, TapContext } from '../connector.ts'
import { type Correlator, createCorrelator } from '../correlate/index.ts'
import type { Envelope } from '../signal.ts'
import { readTls } from '../tls/index.ts'
import { type WebsocketOptions, websocketSchema } from './options.ts'
import { envelopeOf } from './peers.ts'
import { isToken } from './token.ts'

/** SIP over WebSocket (RFC 7118): a proxy or load balancer mirrors its clients' frames here, one SIP message a frame. */
export const websocketConnector: Connector<typeof websocketSchema> = {
  type: 'websocket',
  summary: 'SIP over WebSocket (RFC 7118): mirrored frames, ws or wss',
  schema: websocketSchema,
  open,
}

async function open(options: WebsocketOptions, context: TapContext): Promise<Tap> {
  const isTls = options.certFile !== ''
  const server = isTls ? createTlsServer(readTls(options)) : createServer()
  server.maxConnections = options.maxConnections
  server.on('tlsClientError', () => countDrop(context.counters, 'tls-handshake'))
  server.on('request', (_request, response) => {
    response.writeHead(426, { connection: 'close' })
    response.end()
  })
  const correlator = createCorrelator(context)
  // A compressed frame could be a thousand times its size once inflated.
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: () => 'sip',
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refusalOf(request, options)
    if (refusal !== undefined) {
      countDrop(context.counters, refusal.drop)
      socket.end(`HTTP/1.1 ${refusal.status}\r\nconnection: close\r\n\r\n`)
      return
    }
    const envelope = envelopeOf(
      {
        url: request.url ?? '/',
        forwardedFor: headerText(request.headers['x-forwarded-for']),
        remoteAddress: request.socket.remoteAddress ?? '',
        remotePort: request.socket.remotePort ?? 0,
        localAddress: request.socket.localAddress ?? '',
        localPort: request.socket.localPort ?? 0,
        isTls,
      },
      options.forwarded,
    )
    sockets.handleUpgrade(request, socket, head, opened => take(opened, envelope, context, correlator))
  })
  await listen(server, options)
  const bound = server.address() as AddressInfo
  return {
    address: `${isTls ? 'wss' : 'ws'}://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}${options.path}`,
    finished: new Promise(() => {}),
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      correlator.close()
    },
  }
}

async function listen(server: Server, options: WebsocketOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      const place = `${options.host}:${options.port}`
      reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${place}: ${messageOf(error)}`, { cause: error }))
    })
    server.listen(options.port, options.host, resolve)
  })
}

interface Refusal {
  readonly status: string
  readonly drop: string
}

function refusalOf(request: IncomingMessage, options: WebsocketOptions): Refusal | undefined {
  if (options.token !== '' && !isToken(request.headers.authorization, options.token)) {
    return { status: '401 Unauthorized', drop: 'unauthorized' }
  }
  if ((request.url ?? '').split('?', 1)[0] !== options.path) return { status: '404 Not Found', drop: 'wrong-path' }
  // RFC 7118 §4.1: the subprotocol is "sip"; a mirror that names none passes frames on as they are.
  const protocols = headerText(request.headers['sec-websocket-protocol'])
  const speaksSip = protocols === undefined || protocols.split(',').some(name => name.trim().toLowerCase() === 'sip')
  return speaksSip ? undefined : { status: '400 Bad Request', drop: 'wrong-subprotocol' }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}

/** Each frame, text or binary, is one SIP message (RFC 7118 §5.1). */
function take(socket: WebSocket, envelope: Envelope, context: TapContext, correlator: Correlator): void {
  const { counters } = context
  socket.binaryType = 'nodebuffer'
  socket.on('message', data => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    counters.received++
    counters.bytes += bytes.length
    envelope.timeMs = context.now()
    correlator.signal('sip', bytes, 0, bytes.length, envelope)
    if (context.congested()) holdBack(socket, context)
  })
  socket.on('error', error => {
    countDrop(counters, 'bad-frame')
    context.logger.debug({ error: messageOf(error) }, 'WebSocket closed on a bad frame')
    socket.terminate()
  })
}

/** The queue towards the log is full: nothing more is read until what was emitted is durable, and TCP tells the mirror. */
function holdBack(socket: WebSocket, context: TapContext): void {
  socket.pause()
  const goOn = () => {
    if (socket.readyState === socket.OPEN) socket.resume()
  }
  context.durable().then(goOn, goOn)
}
