import type { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { Logger } from '../observe/index.ts'
import type { Access, Refusal } from './access.ts'
import type { ApiCounters } from './counters.ts'
import { openApiDocument } from './openapi.ts'
import { PROBLEM_TYPE, type Problem, problem, problemStatus } from './problem.ts'
import { createRateLimiter } from './rate.ts'
import { type Answer, type Principal, permissionsOf, type Route, type RouteGroup } from './route.ts'

export interface ApiOptions {
  readonly groups: readonly RouteGroup[]
  readonly access: Access
  readonly counters: ApiCounters
  readonly logger: Logger
  readonly version: string
  /** Decisions and other requests that one caller may make in a second, refused ones of one address. */
  readonly rates: { readonly decisions: number; readonly others: number; readonly strangers: number }
  readonly now: () => number
}

const NOBODY: Principal = { name: '', role: 'regulator' }
const JSON_TYPE = 'application/json; charset=utf-8'

/** Mounts the groups' routes, and `/v1/openapi.json` that tells of them. Every refusal is a problem document (RFC 9457). */
export function mountApi(app: FastifyInstance, options: ApiOptions): void {
  const { access, counters, logger, rates } = options
  const limiter = createRateLimiter(options.now)
  // JSON alone is taken.
  app.removeContentTypeParser('text/plain')
  const document = JSON.stringify(openApiDocument(options.groups, options.version))

  function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
    counters.refused.add(refusal)
    if (refusal === 'role') return send(reply, request, problem(403, 'the role of this caller may not do this'))
    const wait = limiter.take(`address ${request.ip}`, rates.strangers)
    if (wait > 0) return send(reply, request, tooMany(wait))
    return send(
      reply,
      request,
      problem(401, says[refusal], { headers: { 'www-authenticate': 'Bearer realm="ringfence"' } }),
    )
  }

  /** Who may not is told before anything of the body is read. */
  function guard(route: Route) {
    const { access: needed } = route
    const isDecision = needed === 'decide'
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
      if (needed === 'public') return undefined
      const identified = access.identify(request.headers, commonNameOf(request))
      if (!identified.ok) return refuse(request, reply, identified.refusal)
      const { principal } = identified
      if (!permissionsOf[principal.role].has(needed)) return refuse(request, reply, 'role')
      const wait = limiter.take(
        isDecision ? `decide ${principal.name}` : principal.name,
        isDecision ? rates.decisions : rates.others,
      )
      if (wait > 0) {
        counters.refused.add('rate')
        return send(reply, request, tooMany(wait))
      }
      principals.set(request, principal)
      return undefined
    }
  }

  const principals = new WeakMap<FastifyRequest, Principal>()
  for (const group of options.groups) for (const route of group.routes) mount(route)

  function mount(route: Route): void {
    const url = route.path.replace(/\{(\w+)\}/g, ':$1')
    const isDecision = route.access === 'decide'
    app.route({
      method: route.method,
      url,
      schema: {
        ...(route.params === undefined ? {} : { params: route.params }),
        ...(route.query === undefined ? {} : { querystring: route.query }),
        ...(route.body === undefined ? {} : { body: route.body }),
      },
      onRequest: guard(route),
      onResponse: async (_, reply) => {
        counters.requests.add(route.method, route.path, String(reply.statusCode))
        if (isDecision) counters.observe(reply.elapsedTime / 1000)
      },
      handler: async (request, reply) => {
        const answer = await route.handle({
          // Ajv has checked all three against the schemas that give these types.
          params: request.params as never,
          query: request.query as never,
          body: request.body as never,
          principal: principals.get(request) ?? NOBODY,
          headers: request.headers,
        })
        return 'problem' in answer ? send(reply, request, answer) : sendAnswer(reply, answer)
      },
    })
  }

  app.get('/v1/openapi.json', async (_, reply) => reply.type(JSON_TYPE).send(document))

  app.setNotFoundHandler(async (request, reply) =>
    send(reply, request, problem(404, `no ${request.method} of this path`)),
  )

  app.setErrorHandler(async (error, request, reply) => {
    const refused = problemOf(error)
    if (refused.problem.status >= 500)
      logger.error({ route: request.routeOptions.url, reason: messageOf(error) }, 'request failed')
    return send(reply, request, refused)
  })
}

const says: Readonly<Record<Refusal, string>> = {
  'no-token': 'send Authorization: Bearer TOKEN',
  malformed: 'the Authorization header is not a bearer token',
  jwt: 'tokens are opaque here; a JWT is none',
  'unknown-token': 'nobody has this token',
  'unknown-certificate': 'nobody is known by this certificate',
  role: '',
  rate: '',
}

function tooMany(waitSeconds: number): Problem {
  return problem(429, 'slow down', { headers: { 'retry-after': String(Math.max(1, Math.ceil(waitSeconds))) } })
}

function commonNameOf(request: FastifyRequest): string | undefined {
  const socket = request.raw.socket as Partial<TLSSocket>
  if (socket.authorized !== true) return undefined
  const name = socket.getPeerCertificate?.().subject?.CN
  return typeof name === 'string' ? name : undefined
}

/** Answers what Fastify refuses before any route is found, such as a path that is no URL. */
export function answerFrameworkError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  send(reply, request, problemOf(error))
}

function send(reply: FastifyReply, request: FastifyRequest, { problem: details, headers }: Problem): FastifyReply {
  const path = request.url.split('?', 1)[0]!
  return reply
    .code(details.status)
    .headers(headers ?? {})
    .type(PROBLEM_TYPE)
    .send(JSON.stringify({ ...details, instance: path.slice(0, 256) }))
}

function sendAnswer(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status)
  if (headers !== undefined) reply.headers(headers)
  if (body === undefined) return reply.send()
  if (typeof body === 'string' || body instanceof Uint8Array) return reply.send(body)
  return reply.type(JSON_TYPE).send(JSON.stringify(body))
}

interface HttpError {
  readonly statusCode?: number
  readonly code?: string
  readonly validation?: readonly FastifySchemaValidationError[]
  readonly validationContext?: string
}

/** Anything thrown on the way, as a problem: what the caller did wrong is told, what went wrong here is not. */
function problemOf(thrown: unknown): Problem {
  if (thrown instanceof RingfenceError) {
    if (thrown.code === 'LOG_UNAVAILABLE' || thrown.code === 'LOG_CLOSED')
      return problem(503, 'the event log takes nothing at the moment', { headers: { 'retry-after': '1' } })
    if (thrown.code === 'INPUT_INVALID' || thrown.code === 'RECORD_INVALID') return problem(422, thrown.message)
    return problem(500)
  }
  const error = thrown as HttpError
  if (error.validation !== undefined) {
    const where = error.validationContext ?? 'request'
    return problem(400, `the ${where} does not match its schema`, {
      errors: error.validation.map(each => ({
        pointer: `#${each.instancePath}`,
        detail: `${each.message ?? 'is wrong'}${allowed(each)}`.slice(0, 256),
      })),
    })
  }
  const status = error.statusCode ?? 500
  return status >= 500 ? problem(500) : problem(problemStatus(status), messageOf(thrown).slice(0, 256))
}

function allowed({ params }: FastifySchemaValidationError): string {
  const values = params.allowedValues ?? params.additionalProperty
  return values === undefined ? '' : `: ${String(values)}`
}
