import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './processes.ts'
import { eventually, freeTcpPort } from './sockets.ts'

export const mainProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/** Processes of one installation on Kafka, each with a role of its own. */
export interface Installation {
  /** Its data and configurations live here. */
  readonly folder: string
  readonly brokers: readonly string[]
  readonly topicPrefix: string
  readonly partitions: number
}

export interface RoleOptions {
  readonly role: 'tap' | 'engine' | 'serve'
  /** Of its configuration and data; default the role's. */
  readonly name?: string
  /** More of `log.kafka`, as in YAML between braces. */
  readonly kafka?: readonly string[]
  /** More configuration, as YAML lines. */
  readonly yaml?: string
}

/** Starts `ringfence run` with one role, without waiting; it is killed when the test ends. */
export async function launchRole(t: TestContext, installation: Installation, options: RoleOptions) {
  const { role, name = role, kafka = [], yaml = '' } = options
  const { folder, brokers, topicPrefix, partitions } = installation
  mkdirSync(folder, { recursive: true })
  const port = await freeTcpPort()
  const config = join(folder, `${name}.yaml`)
  const settings = [`brokers: ["${brokers.join('", "')}"]`, `topicPrefix: "${topicPrefix}"`, ...kafka]
  writeFileSync(
    config,
    `data: ${join(folder, name)}
identity: { defaultCountry: FR }
log: { kind: kafka, partitions: ${partitions}, kafka: { ${settings.join(', ')} } }
${role === 'serve' ? 'serve' : 'metrics'}: { listen: "127.0.0.1:${port}" }
${yaml}
`,
  )
  const child = startChild(process.execPath, [mainProgram, 'run', '--config', config, '--roles', role])
  t.after(() => child.stop('SIGKILL'))
  return { child, port }
}

/**
 * Starts `ringfence run` with one role and waits until it is ready.
 * @throws Error with what it logged when it ends before.
 */
export async function startRole(t: TestContext, installation: Installation, options: RoleOptions): Promise<Child> {
  const { child, port } = await launchRole(t, installation, options)
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      response => response.ok,
      () => false,
    )
  await eventually(`${options.name ?? options.role} is ready`, ready, {
    timeoutMs: 60_000,
    failed: () => (child.hasEnded() ? JSON.stringify(child.output()) : undefined),
  })
  return child
}
