import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configSchema } from '../../../cli/config.ts'
import { type Role as ProcessRole, type Service, startService } from '../../../cli/service/index.ts'
import { loadConfig } from '../../../engine/config/index.ts'
import type { Role } from '../../../engine/serve/index.ts'
import { eventually } from '../../support/sockets.ts'

const everyRole: readonly Role[] = ['tap', 'switch', 'analyst', 'admin', 'regulator']

/** Token of a role in the configuration of these tests. */
export const tokenOf = (role: Role) => `${role}-token-0123456789`

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Configuration lines: a token for every role. */
const tokenLines = everyRole.map(role => `    - { name: ${role}-1, role: ${role}, sha256: ${sha256(tokenOf(role))} }`)

// biome-ignore lint/suspicious/noExplicitAny: bodies of every shape are read by the tests' own assertions.
export type Json = any

export interface ServiceScene {
  readonly service: Service
  readonly folder: string
  ask(method: string, path: string, options?: AskOptions): Promise<{ status: number; body: Json; headers: Headers }>
  close(): Promise<void>
}

export interface AskOptions {
  readonly role?: Role
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A whole service in this process on a log of its own, ready, with its API. */
export async function startScene(
  yaml: readonly string[] = [],
  roles: readonly ProcessRole[] = ['engine', 'serve'],
  folder = mkdtempSync(join(tmpdir(), 'ringfence-service-')),
): Promise<ServiceScene> {
  const text = [
    `data: ${folder}`,
    'models: { enabled: false }',
    'logging: { level: silent }',
    'serve:',
    '  listen: 127.0.0.1:0',
    '  requestsPerSecond: 1000000',
    '  strangersPerSecond: 1000000',
    '  tokens:',
    ...tokenLines,
    ...yaml,
  ].join('\n')
  const service = await startService({ config: loadConfig(configSchema, { text, file: 'test' }), roles })
  const ask: ServiceScene['ask'] = async (method, path, { role, body, headers } = {}) => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...(role === undefined ? {} : { authorization: `Bearer ${tokenOf(role)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, body: isJson ? JSON.parse(answer) : answer, headers: response.headers }
  }
  await eventually('the service is ready', async () => (await ask('GET', '/readyz')).status === 200)
  return {
    service,
    folder,
    ask,
    async close() {
      await service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
