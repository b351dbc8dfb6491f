import Fastify, { type FastifyInstance } from 'fastify'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { Metrics } from '../observe/index.ts'
import { type ApiOptions, answerFrameworkError, mountApi } from './api.ts'

/** PEM texts of the listener. */
export interface TlsTexts {
  readonly cert: string
  readonly key: string
  /** Authorities of client certificates: a caller may then show one instead of a token. */
  readonly clientCa?: string
}

export interface HttpOptions {
  /** `HOST:PORT`; port 0 takes a free one. */
  readonly listen: string
  readonly metrics: Metrics
  /** What is not ready yet, in words; empty when all is. */
  readonly notReady: () => readonly string[]
  readonly tls?: TlsTexts
  readonly bodyBytes?: number
  /** Without it there is health and metrics alone. */
  readonly api?: ApiOptions
}

export interface HttpServer {
  /** Base URL as bound. */
  readonly url: string
  close(): Promise<void>
}

/**
 * The API, `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (taps listen, partitions are restored,
 * the reputation view has caught up).
 * @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID when `listen` is not HOST:PORT
 */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, port } = splitListen(options.listen)
  const app = createApp(options)
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
  if (options.api !== undefined) mountApi(app, options.api)
  try {
    return { url: await app.listen({ host, port }), close: () => app.close() }
  } catch (error) {
    await app.close()
    throw new RingfenceError('LISTEN_FAILED', `cannot serve HTTP on ${options.listen}: ${messageOf(error)}`, {
      hint: 'set serve.listen to a free HOST:PORT, or to 127.0.0.1:0 for any free port',
      cause: error,
    })
  }
}

function createApp({ tls, bodyBytes }: HttpOptions): FastifyInstance {
  const common = {
    logger: false,
    bodyLimit: bodyBytes ?? 65_536,
    forceCloseConnections: true,
    // A sender that trickles its request must not hold a connection for ever.
    connectionTimeout: 30_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 512 },
    frameworkErrors: answerFrameworkError,
    ajv: {
      // Unknown fields are told, not dropped; text in a query becomes the number that its schema asks for.
      customOptions: { removeAdditional: false, coerceTypes: 'array', useDefaults: true, allErrors: false },
    },
  } as const
  if (tls === undefined) return Fastify(common)
  const { cert, key, clientCa } = tls
  try {
    // Fastify's type of an app depends on its server; what we use of it is the same for both.
    return Fastify({
      ...common,
      https: {
        cert,
        key,
        minVersion: 'TLSv1.2',
        // A caller without a certificate may still have a token: the certificate is asked for, not insisted on.
        ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
      },
    }) as unknown as FastifyInstance
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `serve.tls: ${messageOf(error)}`, {
      hint: 'certFile and keyFile are PEM and belong together',
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
