import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from './processes.ts'
import { type ServiceOptions, startService, untilReady } from './service-process.ts'
import { freeTcpPort } from './sockets.ts'

export { mainProgram } from './service-process.ts'

/** What lasts as long as the processes: a test, or a suite that keeps what to do after it. */
export interface Lifetime {
  after(end: () => Promise<unknown>): void
}

/** Processes of one installation on Kafka, each with a role of its own. */
export interface Installation {
  /** Its data and configurations live here. */
  readonly folder: string
  readonly brokers: readonly string[]
  readonly topicPrefix: string
  readonly partitions: number
}

export type Role = 'tap' | 'engine' | 'serve'

export interface RoleOptions extends Pick<ServiceOptions, 'urgent'> {
  readonly role: Role
  /** Of its configuration and data; default the role's. */
  readonly name?: string
  /** Of its HTTP server; default one that is free. */
  readonly port?: number
  /** More of `log` and of `log.kafka`, as in YAML between braces. */
  readonly log?: readonly string[]
  readonly kafka?: readonly string[]
  /** More of `serve`, the same way. */
  readonly serve?: readonly string[]
  /** More configuration, as YAML lines. */
  readonly yaml?: string
}

/** Starts `ringfence run` with one role, without waiting; it is killed when the test ends. */
export async function launchRole(t: Lifetime, installation: Installation, options: RoleOptions) {
  const { role, name = role, log = [], kafka = [], serve = [], yaml = '', urgent = false } = options
  const { folder, brokers, topicPrefix, partitions } = installation
  mkdirSync(folder, { recursive: true })
  const port = options.port ?? (await freeTcpPort())
  const config = join(folder, `${name}.yaml`)
  const settings = [`brokers: ["${brokers.join('", "')}"]`, `topicPrefix: "${topicPrefix}"`, ...kafka]
  const logSettings = ['kind: kafka', `partitions: ${partitions}`, ...log, `kafka: { ${settings.join(', ')} }`]
  const http = [`listen: "127.0.0.1:${port}"`, ...(role === 'serve' ? serve : [])]
  writeFileSync(
    config,
    `data: ${join(folder, name)}
identity: { defaultCountry: FR }
log: { ${logSettings.join(', ')} }
${role === 'serve' ? 'serve' : 'metrics'}: { ${http.join(', ')} }
${yaml}
`,
  )
  const child = startService(config, { roles: role, urgent })
  t.after(() => child.stop('SIGKILL'))
  return { child, port, config }
}

/**
 * Starts `ringfence run` with one role and waits until it is ready.
 * @throws Error with what it logged when it ends before.
 */
export async function startRole(t: Lifetime, installation: Installation, options: RoleOptions): Promise<Child> {
  const { child, port } = await launchRole(t, installation, options)
  await untilReady(options.name ?? options.role, child, port)
  return child
}
