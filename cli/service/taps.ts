import { join } from 'node:path'
import type { Tap, TapContext } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/registry.ts'
import { type Activity, keyOf } from '../../engine/activity/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { createReports, exposeReports } from '../../engine/feedback/index.ts'
import { createIdentity } from '../../engine/identity/index.ts'
import { type AppendRecord, createOutbox, type EventLog, type Outbox } from '../../engine/log/index.ts'
import { type Metrics, type TapCounters, type Tracing, tapCounters } from '../../engine/observe/index.ts'
import { activityRecord } from '../../engine/runtime/index.ts'
import type { Ground } from './ground.ts'
import { passportsOf } from './passport.ts'

/** A tap that runs. */
export interface OpenTap {
  readonly name: string
  readonly tap: Tap
  readonly outbox: Outbox
  readonly counters: TapCounters
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

/** The record under a trace that begins here, where it is one of those to be traced. The origin's copy stands for both. */
function traced(
  record: AppendRecord,
  { time, kind, role, route }: Activity,
  tracing: Tracing | undefined,
): AppendRecord {
  if (tracing === undefined || role !== 'origin') return record
  const traceParent = tracing.begin(time, Date.now(), { kind, tap: route.tap })
  return traceParent === undefined ? record : { ...record, traceParent }
}

/**
 * Opens the configured taps, each with its outbox to the log.
 * @throws RingfenceError of the tap that cannot be opened
 */
export async function openTaps({
  config,
  log,
  logger,
  metrics,
  verifier,
  tracing,
  opened,
}: Ground): Promise<OpenTap[]> {
  const taps: OpenTap[] = []
  const identity = createIdentity(config.identity)
  const verifyPassports = passportsOf(verifier)
  const reports = createReports(config.feedback, identity)
  exposeReports(metrics, reports.counters)
  for (const options of config.taps) {
    const { name, type, site, tenant } = options
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
      emit(seen) {
        const activity = tenant === undefined ? seen : { ...seen, route: { ...seen.route, tenant } }
        outbox.emit(traced(activityRecord(activity, keyOf(activity)), activity, tracing))
        const report = reports.read(activity)
        if (report !== undefined) outbox.emit(activityRecord(report, keyOf(report)))
      },
      durable: outbox.durable,
      congested: outbox.congested,
      counters,
      identity,
      sip: config.sip,
      verifyPassports,
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
