import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './processes.ts'
import { eventually } from './sockets.ts'

export const mainProgram = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

export interface ServiceOptions {
  /** All when not said. */
  readonly roles?: string
  /** Before the other work of a busy machine: see `ChildOptions`. */
  readonly urgent?: boolean
}

/** Starts `ringfence run` on a configuration file, without waiting. */
export function startService(config: string, { roles, urgent = false }: ServiceOptions = {}): Child {
  const args = [mainProgram, 'run', '--config', config, ...(roles === undefined ? [] : ['--roles', roles])]
  return startChild(process.execPath, args, { urgent })
}

/** Does the process on this HTTP port say that it is ready? */
export const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    answer => answer.ok,
    () => false,
  )

/**
 * Waits until a service is ready.
 * @throws Error with what it logged when it ends before.
 */
export async function untilReady(name: string, child: Child, port: number): Promise<void> {
  await eventually(`${name} is ready`, () => isReady(port), {
    timeoutMs: 60_000,
    failed: () => (child.hasEnded() ? JSON.stringify(child.output()) : undefined),
  })
}
