import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requirePeer } from './peers.ts'
import { startChild } from './processes.ts'
import { eventually, isUdpBound } from './sockets.ts'

/** The sources of the traffic, beside the compiled tree: dist/test/support → test/traffic. */
export const trafficFolder = fileURLToPath(new URL('../../../test/traffic/', import.meta.url))

/** All addresses are `ip:port`. */
export interface KamailioOptions {
  /** Where it listens for SIP over UDP. */
  readonly edge: string
  /** Where siptrace sends HEP version 3. */
  readonly collector: string
  /** Where calls are delivered. */
  readonly callees: string
  /** Where messages are delivered. */
  readonly inboxes: string
  /** Mirror only the leg towards callers and senders: every message once. Both legs otherwise. */
  readonly accessSideOnly?: boolean
  /** Regular expression of source addresses that may place calls; every source unless said. */
  readonly trusted?: string
  readonly workers?: number
  /** Configuration template; test/traffic/kamailio.cfg unless said. */
  readonly template?: string
  /** More @NAMES@ to fill in. */
  readonly values?: Readonly<Record<string, string>>
}

export interface RunningKamailio {
  readonly configuration: string
  readonly log: () => string
  /** Ends it and removes its files; the exit code. */
  readonly stop: () => Promise<number>
}

/**
 * Starts a real Kamailio on a configuration of its own in a temporary folder, and waits until its socket is bound.
 * @throws Error with its log when it ends before it listens.
 */
export async function startKamailio(options: KamailioOptions): Promise<RunningKamailio> {
  const program = requirePeer('kamailio')
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-kamailio-'))
  const path = join(folder, 'kamailio.cfg')
  const template = readFileSync(options.template ?? join(trafficFolder, 'kamailio.cfg'), 'utf8')
  const delivery = [options.callees, options.inboxes].map(address => `udp:${address.replaceAll('.', '\\.')}$`)
  const values: Record<string, string> = {
    DEFINES: options.accessSideOnly === true ? '#!define ACCESS_SIDE_ONLY' : '',
    EDGE: options.edge,
    COLLECTOR: options.collector,
    CALLEES: options.callees,
    INBOXES: options.inboxes,
    WORKERS: String(options.workers ?? 2),
    MODULES: modulesFolder(),
    DELIVERY_PATTERN: `^(${delivery.join('|')})`,
    TRUSTED_PATTERN: options.trusted ?? '.',
    ...options.values,
  }
  writeFileSync(path, fill(template, values))
  // -DD stays in the foreground with its worker processes; -E logs to standard error.
  const child = startChild(program, ['-f', path, '-DD', '-E', '-m', '64', '-Y', folder, '-w', folder])
  const [address = '', port = ''] = options.edge.split(':')
  const log = () => child.output().stderr
  try {
    await eventually('Kamailio listens', () => isUdpBound(address, Number(port)), {
      failed: () => (child.hasEnded() ? log() : undefined),
    })
  } catch (error) {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    configuration: path,
    log,
    async stop() {
      const code = await child.stop()
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the Kamailio template asks for @${name}@, which nobody gives`)
    return value
  })
}

/** Debian keeps modules under the architecture's library folder. */
function modulesFolder(): string {
  const roots = ['/usr/lib', ...readdirSync('/usr/lib').map(name => join('/usr/lib', name)), '/usr/lib64']
  const found = roots.map(root => join(root, 'kamailio', 'modules')).find(folder => existsSync(join(folder, 'tm.so')))
  if (found === undefined) throw new Error('Kamailio modules not found under /usr/lib')
  return found
}
