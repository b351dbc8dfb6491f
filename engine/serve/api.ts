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

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; unknown on a public route. */
    principal: Principal | undefined
  }
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

  function refuse(request: FastifyRequest, refusal: Refusal): Problem {
    counters.refused.add(refusal)
    if (refusal === 'role') return problem(403, 'the role of this caller may not do this')
    const wait = limiter.take(`address ${request.ip}`, rates.strangers)
    if (wait > 0) return tooMany(wait)
    return problem(401, says[refusal], { headers: { 'www-authenticate': 'Bearer realm="ringfence"' } })
  }

  /** Why this caller may not; undefined when it may, and is known. */
  function refusalOf({ access: needed }: Route, request: FastifyRequest): Problem | undefined {
    if (needed === 'public') {
      // Nobody is known here: an address is what there is to slow down.
      const wait = limiter.take(`public ${request.ip}`, rates.strangers)
      if (wait > 0) counters.refused.add('rate')
      return wait > 0 ? tooMany(wait) : undefined
    }
    const identified = access.identify(request.headers, commonNameOf(request))
    if (!identified.ok) return refuse(request, identified.refusal)
    const { principal } = identified
    if (!permissionsOf[principal.role].has(needed)) return refuse(request, 'role')
    const wait =
      needed === 'decide'
        ? limiter.take(`decide ${principal.name}`, rates.decisions)
        : limiter.take(principal.name, rates.others)
    if (wait > 0) {
      counters.refused.add('rate')
      return tooMany(wait)
    }
    request.principal = principal
    return undefined
  }

  app.decorateRequest('principal', undefined)
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
      // Hooks and handlers with callbacks, so that a decision makes no promise on its way. Who may not is told before
      // anything of the body is read.
      onRequest: (request, reply, done) => {
        const refused = refusalOf(route, request)
        if (refused === undefined) done()
        else send(reply, request, refused)
      },
      onResponse: (_, reply, done) => {
        counters.requests.add(route.method, route.path, String(reply.statusCode))
        if (isDecision) counters.observe(reply.elapsedTime / 1000)
        done()
      },
      handler: (request, reply) => {
        const answer = route.handle({
          // Ajv has checked all three against the schemas that give these types.
          params: request.params as never,
          query: request.query as never,
          body: request.body as never,
          principal: request.principal ?? NOBODY,
          headers: request.headers,
        })
        // What is answered at once is sent at once. A reply is thenable: it must be given back from the promise alone.
        if (answer instanceof Promise) return answer.then(settled => settle(reply, request, settled))
        settle(reply, request, answer)
        return undefined
      },
    })
  }

  app.get('/v1/openapi.json', async (_, reply) => reply.type(JSON_TYPE).send(document))

  app.setNotFoundHandler((request, reply) => send(reply, request, problem(404, `no ${request.method} of this path`)))

  app.setErrorHandler((error, request, reply) => {
    const refused = problemOf(error)
    if (refused.problem.status >= 500)
      logger.error({ route: request.routeOptions.url, reason: messageOf(error) }, 'request failed')
    send(reply, request, refused)
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

function settle(reply: FastifyReply, request: FastifyRequest, answer: Answer | Problem): FastifyReply {
  if ('problem' in answer) {
    send(reply, request, answer)
    return reply
  }
  return sendAnswer(reply, answer)
}

function send(reply: FastifyReply, request: FastifyRequest, { problem: details, headers }: Problem): void {
  const path = request.url.split('?', 1)[0]!
  reply
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
    if (thrown.code === 'CHANGE_PENDING') return problem(503, thrown.message, { headers: { 'retry-after': '1' } })
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
