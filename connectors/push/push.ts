import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { TapContext } from '../connector.ts'
import { readTls, type TlsOptions } from '../tls/index.ts'
import type { Authenticate } from './tokens.ts'

/** Seconds that a sender is asked to wait while the event log is behind. */
const RETRY_AFTER_S = 1

const REQUEST_LIMITS = { requestTimeout: 30_000, headersTimeout: 10_000 }

/** Why a request is refused before its body is looked at. */
export type PushDrop = 'unauthorized' | 'compressed' | 'body too large' | 'tls-handshake'

export interface PushOptions extends TlsOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  /** Largest body in octets. */
  readonly maxBytes: number
  readonly maxConnections: number
}

/** What becomes of a body: what to answer, after the event log has it where the status is 200. */
export type TakeBody = (
  body: Buffer,
  sender: string,
  peer: string,
) => { readonly status: number; readonly answer: unknown }

export interface PushServer {
  readonly server: Server
  readonly address: string
  close(): Promise<void>
}

/**
 * An HTTP endpoint that others push to: POST a body, get 200 once the event log has it; 401, 404, 405, 413, 415 or 400 for
 * what cannot be taken, 503 with Retry-After while the queue towards the log is full.
 * @throws RingfenceError LISTEN_FAILED when the port cannot be had
 */
export async function openPushServer(
  options: PushOptions,
  context: TapContext,
  authenticate: Authenticate,
  take: TakeBody,
): Promise<PushServer> {
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, options, context, authenticate, take).catch(error => {
      context.logger.warn({ error: messageOf(error) }, 'pushed body failed')
      if (!response.headersSent) response.writeHead(503)
      response.end()
    })
  }
  const server =
    options.certFile === ''
      ? createServer(REQUEST_LIMITS, onRequest)
      : createTlsServer({ ...REQUEST_LIMITS, ...readTls(options) }, onRequest)
  server.on('tlsClientError', () => countDrop(context.counters, 'tls-handshake' satisfies PushDrop))
  server.maxConnections = options.maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => {
      const place = `${options.host}:${options.port}`
      reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${place}: ${messageOf(error)}`, { cause: error }))
    })
    server.listen(options.port, options.host, () => resolve())
  })
  const bound = server.address() as AddressInfo
  return {
    server,
    address: `${bound.address}:${bound.port}`,
    close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

/** Path of a request, without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/'
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: PushOptions,
  context: TapContext,
  authenticate: Authenticate,
  take: TakeBody,
): Promise<void> {
  const drop = (reason: PushDrop) => countDrop(context.counters, reason)
  if (pathOf(request) !== options.path) return answer(response, 404, { error: 'no such path' })
  if (request.method !== 'POST') return answer(response, 405, { error: 'POST it' })
  const sender = authenticate(request.headers.authorization)
  if (sender === undefined) {
    drop('unauthorized')
    return answer(response, 401, { error: 'unknown token' })
  }
  // A small compressed body can be gigabytes once inflated.
  if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity') {
    drop('compressed')
    return answer(response, 415, { error: 'send it uncompressed' })
  }
  if (context.congested()) {
    response.setHeader('retry-after', RETRY_AFTER_S)
    return answer(response, 503, { error: 'behind, try again' })
  }
  const body = await readBody(request, options.maxBytes)
  if (body === undefined) {
    drop('body too large')
    return answer(response, 413, { error: `more than ${options.maxBytes} bytes` })
  }
  const result = take(body, sender, (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''))
  if (result.status === 200) await context.durable()
  answer(response, result.status, result.answer)
}

/** The whole body, or undefined as soon as it is longer than `maxBytes`. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > maxBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, length)
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  // What is left of a refused body is not read: the connection goes with it.
  if (status !== 200 && status !== 503) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
