import type { Verdict } from '../../engine/activity/index.ts'
import { callingCountry } from '../../engine/identity/index.ts'
import { createLogger, createMetrics, createTracing, engineCounters } from '../../engine/observe/index.ts'
import { collectRarely } from '../../engine/runtime/index.ts'
import { noScorer } from '../../engine/scorer/index.ts'
import type { Config } from '../config.ts'
import { openLog } from '../log.ts'
import { version } from '../version.ts'
import { openEngine, openScorer } from './engine.ts'
import type { Ground, Role } from './ground.ts'
import { openHealth, watchCertificates } from './health.ts'
import { openPacks } from './packs.ts'
import { openVerifier } from './passport.ts'
import { openServe } from './serve.ts'
import { openTaps } from './taps.ts'

export { type Role, roles } from './ground.ts'

export interface ServiceOptions {
  readonly config: Config
  readonly roles: readonly Role[]
  /** Called after a verdict is durable. */
  readonly onVerdict?: (verdict: Verdict) => void
}

export interface Service {
  /** Base URL of HTTP; empty without the serve role unless metrics.listen is set. */
  readonly url: string
  /** Addresses of the SIP redirect server, none without one. */
  readonly redirect: readonly string[]
  /** Taps by name with the address each listens on. */
  readonly taps: ReadonlyMap<string, string>
  /** What all taps have taken from their sources. */
  received(): number
  /** Activity records not yet judged. */
  backlog(): number
  /** Rejects with what stopped the engine; resolves when it was closed. */
  readonly ended: Promise<void>
  /** Taps first, then what is queued, then the engine with its last snapshot, then the log. */
  close(): Promise<void>
}

/**
 * Puts connectors, engine and serving together as configuration says. What was opened is closed again when a later part
 * fails to open.
 * @throws RingfenceError of whatever could not be opened
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  collectRarely()
  const { config } = options
  const logger = createLogger({ level: config.logging.level })
  const counters = engineCounters()
  const metrics = createMetrics(counters, version, {
    roles: options.roles,
    tenant: config.metrics.tenant,
    countryOf: callingCountry,
  })
  const has = (role: Role) => options.roles.includes(role)
  const opened: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (const close of opened.reverse()) await close()
  }
  try {
    const log = await openLog(config.log, config.data, logger, metrics)
    opened.push(() => log.close())
    const verifier = openVerifier(config.passport, logger, metrics)
    opened.push(async () => verifier?.close())
    const tracing = createTracing(config.tracing, version)
    opened.push(async () => tracing?.close())
    const ground: Ground = { config, roles: options.roles, log, logger, metrics, counters, verifier, tracing, opened }
    const scorer = has('engine') ? await openScorer(ground) : noScorer()
    const packs = has('engine') || has('serve') ? await openPacks(ground, scorer) : undefined
    const engine =
      has('engine') && packs !== undefined ? await openEngine(ground, packs, scorer, options.onVerdict) : undefined
    const taps = has('tap') ? await openTaps(ground) : []
    const notReady = () => engine?.notReady() ?? []
    const served = has('serve') && packs !== undefined ? await openServe(ground, packs, notReady) : undefined
    const http = served?.http ?? (await openHealth(ground, notReady))
    watchCertificates(ground)
    const addresses = new Map(taps.map(({ name, tap }) => [name, tap.address]))
    logger.info(
      {
        version,
        roles: options.roles,
        url: http?.url,
        redirect: served?.redirect,
        taps: Object.fromEntries(addresses),
      },
      'ringfence is running',
    )
    return {
      url: http?.url ?? '',
      redirect: served?.redirect ?? [],
      taps: addresses,
      received: () => taps.reduce((sum, { counters }) => sum + counters.received, 0),
      backlog: () =>
        [...counters.lag.values()].reduce((sum, lag) => sum + lag, 0) +
        taps.reduce((sum, { outbox }) => sum + outbox.counters.queued + outbox.counters.spilled, 0),
      ended: engine?.ended ?? new Promise(() => {}),
      close: closeAll,
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
