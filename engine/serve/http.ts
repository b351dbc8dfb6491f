import Fastify from 'fastify'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { Metrics } from '../observe/index.ts'

export interface HttpOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly listen: string
  readonly metrics: Metrics
  /** What is not ready yet, in words; empty when all is. */
  readonly notReady: () => readonly string[]
}

export interface HttpServer {
  /** Base URL as bound. */
  readonly url: string
  close(): Promise<void>
}

/**
 * `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (taps listen, partitions are restored).
 * @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID when `listen` is not HOST:PORT
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port } = splitListen(options.listen)
  const app = Fastify({ logger: false, bodyLimit: 1_048_576, forceCloseConnections: true })
  app.get('/metrics', async (request, reply) => {
    const { contentType, text } = await options.metrics.page(request.headers.accept)
    return reply.type(contentType).send(text)
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    const waiting = options.notReady()
    return reply
      .code(waiting.length === 0 ? 200 : 503)
      .send({ status: waiting.length === 0 ? 'ready' : 'not ready', waiting })
  })
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() }
  } catch (error) {
    throw new RingfenceError('LISTEN_FAILED', `cannot serve HTTP on ${options.listen}: ${messageOf(error)}`, {
      hint: 'set serve.listen to a free HOST:PORT, or to 127.0.0.1:0 for any free port',
      cause: error,
    })
  }
}

function splitListen(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(':')
  const port = Number(listen.slice(at + 1))
  if (at < 1 || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RingfenceError('CONFIG_INVALID', `serve.listen: '${listen}' is not HOST:PORT`, {
      hint: 'for example 0.0.0.0:9464',
    })
  return { host: listen.slice(0, at).replace(/^\[|\]$/g, ''), port }
}
