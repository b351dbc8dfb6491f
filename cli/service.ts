import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Tap, TapContext } from '../connectors/connector.ts'
import { connectors } from '../connectors/registry.ts'
import { keyOf, type Verdict } from '../engine/activity/index.ts'
import { messageOf, RingfenceError } from '../engine/errors/index.ts'
import { callingCountry, createIdentity } from '../engine/identity/index.ts'
import { createOutbox, type EventLog, type Outbox } from '../engine/log/index.ts'
import {
  createLogger,
  createMetrics,
  type EngineCounters,
  engineCounters,
  type Logger,
  type Metrics,
  type TapCounters,
  tapCounters,
} from '../engine/observe/index.ts'
import { createPartition } from '../engine/partition/index.ts'
import { createListFiles, createPackHolder, loadPacks, type Reload, watchPacks } from '../engine/rules/index.ts'
import { activityRecord, type Engine, followControl, startEngine } from '../engine/runtime/index.ts'
import { type HttpServer, serveHttp } from '../engine/serve/index.ts'
import type { Config } from './config.ts'
import { openLog } from './log.ts'
import { openModels } from './models.ts'
import { packFolders, vocabulary } from './packs.ts'
import { openArchive } from './archive.ts'
import { version } from './version.ts'

export const roles = ['tap', 'engine', 'serve'] as const
export type Role = (typeof roles)[number]

export interface ServiceOptions {
  readonly config: Config
  readonly roles: readonly Role[]
  /** Called after a verdict is durable. */
  readonly onVerdict?: (verdict: Verdict) => void
}

export interface Service {
  /** Base URL of HTTP, empty without the serve role. */
  readonly url: string
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

interface OpenTap {
  readonly name: string
  readonly tap: Tap
  readonly outbox: Outbox
  readonly counters: TapCounters
}

/**
 * Puts connectors, engine and serving together as configuration says. What was opened is closed again when a later part
 * fails to open.
 * @throws RingfenceError of whatever could not be opened
 */
export async function startService(options: ServiceOptions): Promise<Service> {
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
    const log = await openLog(config.log, config.data, logger)
    opened.push(() => log.close())
    let engine: Engine | undefined
    if (has('engine')) {
      engine = await openEngine(options, { log, logger, metrics, counters, opened })
    }
    const taps = has('tap') ? await openTaps(config, log, logger, metrics, opened) : []
    let http: HttpServer | undefined
    if (has('serve') && config.archive.path !== '') {
      const archive = await openArchive(config, { log, logger, metrics, roles: options.roles, retentionDays: 365 })
      archive.ended.catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'the archive has stopped'))
      opened.push(archive.close)
    }
    if (has('serve')) {
      http = await serveHttp({ listen: config.serve.listen, metrics, notReady: () => engine?.notReady() ?? [] })
      opened.push(http.close)
    }
    const addresses = new Map(taps.map(({ name, tap }) => [name, tap.address]))
    logger.info(
      { version, roles: options.roles, url: http?.url, taps: Object.fromEntries(addresses) },
      'ringfence is running',
    )
    return {
      url: http?.url ?? '',
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

interface Ground {
  readonly log: EventLog
  readonly logger: Logger
  readonly metrics: Metrics
  readonly counters: EngineCounters
  /** What to close, in the order of opening. */
  readonly opened: (() => Promise<void>)[]
}

async function openEngine({ config, onVerdict }: ServiceOptions, ground: Ground): Promise<Engine> {
  const { log, logger, metrics, counters, opened } = ground
  const identity = createIdentity(config.identity)
  const folders = packFolders(config.engine.packs)
  // Lists are kept between reloads: one of five million numbers takes half a second to read.
  const listFiles = createListFiles()
  const packs = createPackHolder(() => loadPacks(folders, vocabulary, listFiles))
  counters.pack = packs.current.version
  const onReload = (result: Reload) => {
    counters.pack = packs.current.version
    counters.packReloads = packs.counts.reloads
    counters.packRefused = packs.counts.refused
    counters.packStale = !result.ok
    if (result.ok) logger.info({ version: result.version, changed: result.changed }, 'packs loaded')
    else logger.error({ reason: result.reason, hint: result.hint }, 'packs refused, the ones before stay')
  }
  const watch = await watchPacks(folders, () => onReload(packs.reload()))
  opened.push(async () => watch.close())
  const scorer = await openModels(config.models, logger)
  opened.push(scorer.close)
  metrics.addScorer(scorer)
  const control = await followControl({ log, packs, scorer, instance: hostname(), logger, onReload })
  opened.push(control.close)
  const { maxParties, verdicts, snapshotSeconds } = config.engine
  const engine = await startEngine({
    log,
    openPartition: pack => createPartition({ pack, identity, behaviour: { maxParties }, verdicts, scorer }),
    packs,
    scorer,
    snapshotIntervalMs: snapshotSeconds * 1000,
    version,
    counters,
    metrics,
    logger,
    now: Date.now,
    ...(onVerdict === undefined ? {} : { onVerdict }),
  })
  opened.push(engine.close)
  return engine
}

/** The log as taps use it, with the time that each append takes. */
function timed(log: EventLog, metrics: Metrics): Pick<EventLog, 'append'> {
  return {
    async append(records) {
      const startedMs = performance.now()
      await log.append(records)
      metrics.observeStage('append', (performance.now() - startedMs) / 1000)
    },
  }
}

async function openTaps(
  config: Config,
  log: EventLog,
  logger: Logger,
  metrics: Metrics,
  opened: (() => Promise<void>)[],
): Promise<OpenTap[]> {
  const taps: OpenTap[] = []
  const identity = createIdentity(config.identity)
  for (const options of config.taps) {
    const { name, type, site } = options
    const connector = connectors.find(each => each.type === type)
    if (connector === undefined) throw new RingfenceError('CONFIG_INVALID', `taps: no tap of type '${type}'`)
    const counters = tapCounters()
    const tapLogger = logger.child({ tap: name })
    const outbox = createOutbox({
      log: timed(log, metrics),
      spill: { directory: join(config.data, 'spill', name), maxBytes: config.log.spillBytes },
      onTrouble: error => tapLogger.error({ reason: messageOf(error) }, 'the event log does not take activities'),
    })
    const context: TapContext = {
      name,
      site,
      emit(activity) {
        outbox.emit(activityRecord(activity, keyOf(activity)))
      },
      durable: outbox.durable,
      congested: outbox.congested,
      counters,
      identity,
      sip: config.sip,
      logger: tapLogger,
      now: Date.now,
    }
    const tap = await connector.open(options, context)
    metrics.addTap(name, type, counters, outbox.counters)
    taps.push({ name, tap, outbox, counters })
    opened.push(async () => {
      await tap.close()
      await outbox.close()
    })
  }
  return taps
}
