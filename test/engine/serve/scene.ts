import { createHash } from 'node:crypto'
import { createMetrics, engineCounters, type Logger } from '../../../engine/observe/index.ts'
import {
  apiCounters,
  createAccess,
  type HttpServer,
  type Role,
  type RouteGroup,
  serveHttp,
} from '../../../engine/serve/index.ts'

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

/** Token of a role, as the tests' configuration has it. */
export const tokenOf = (role: Role) => `${role}-token-0123456789`

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const everyRole: readonly Role[] = ['tap', 'switch', 'analyst', 'admin', 'regulator']

export interface ApiScene {
  readonly server: HttpServer
  /** Asks with a role's token; the answer's status and its body, read as JSON where it is. */
  ask(method: string, path: string, options?: AskOptions): Promise<{ status: number; body: never; headers: Headers }>
  /** Sum of a counter's series whose labels include all of these. */
  metric(name: string, labels?: string): Promise<number>
}

export interface AskOptions {
  readonly role?: Role
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface SceneOptions {
  readonly rates?: { readonly decisions: number; readonly others: number; readonly strangers: number }
  readonly now?: () => number
}

/** A served API with a token for every role. */
export async function serveApi(groups: readonly RouteGroup[], options: SceneOptions = {}): Promise<ApiScene> {
  const metrics = createMetrics(engineCounters(), 'test')
  const access = createAccess(
    everyRole.map(role => ({ name: `${role}-1`, role, sha256: sha256(tokenOf(role)) })),
    [],
  )
  const server = await serveHttp({
    listen: '127.0.0.1:0',
    metrics,
    notReady: () => [],
    api: {
      groups,
      access,
      counters: apiCounters(metrics),
      logger: quiet,
      version: '1.2.3',
      rates: options.rates ?? { decisions: 1_000_000, others: 1_000_000, strangers: 1_000_000 },
      now: options.now ?? Date.now,
    },
  })
  return {
    server,
    async ask(method, path, { role, body, headers } = {}) {
      const response = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          ...(role === undefined ? {} : { authorization: `Bearer ${tokenOf(role)}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') === true
      return { status: response.status, body: (isJson ? JSON.parse(text) : text) as never, headers: response.headers }
    },
    async metric(name, labels = '') {
      const text = await (await fetch(`${server.url}/metrics`)).text()
      const lines = text.split('\n').filter(line => line.startsWith(name) && line.includes(labels))
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    },
  }
}
