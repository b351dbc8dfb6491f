import { type Activity, type Reputation, topics, type Verdict } from '../activity/index.ts'
import { messageOf } from '../errors/index.ts'
import {
  type AppendRecord,
  deadLetterRecord,
  type EventLog,
  type GroupHandler,
  type RecordBatch,
  type Subscription,
  type TopicPartition,
} from '../log/index.ts'
import type { EngineCounters, Logger, Metrics, Tracing } from '../observe/index.ts'
import { type Judged, judgeBatch, type Partition } from '../partition/index.ts'
import type { Pack } from '../rules/index.ts'
import { noScorer, type Scorer } from '../scorer/index.ts'
import { createFigureKeeper } from './figures.ts'
import { decodeActivity, reputationRecord, verdictRecord } from './outputs.ts'
import { createPace } from './pace.ts'
import { publish } from './publish.ts'
import { restorePartition, type SnapshotKeeper } from './snapshots.ts'

export const ENGINE_GROUP = 'ringfence-engine'

export interface EngineOptions {
  readonly log: EventLog
  /** A partition with empty state, judging by this pack. */
  readonly openPartition: (pack: Pack) => Partition
  /** The pack in force; asked before every batch, so that a reload takes effect between two. */
  readonly packs: { readonly current: Pack }
  /** Models that are asked beside the rules; the partitions must know the same. None by default. */
  readonly scorer?: Scorer
  readonly snapshotIntervalMs: number
  /** Version of this program, for the mark of a snapshot. */
  readonly version: string
  readonly counters: EngineCounters
  readonly metrics: Metrics
  readonly logger: Logger
  /** Wall clock: for intervals and latency only, never for state. */
  readonly now: () => number
  /** Called after a verdict is durable. */
  readonly onVerdict?: (verdict: Verdict) => void
  readonly onReputation?: (reputation: Reputation) => void
  /** Goes on with the traces that taps began; none without. */
  readonly tracing?: Tracing | undefined
}

export interface Engine {
  /** Resolves when the engine has stopped; rejects with what stopped it. */
  readonly ended: Promise<void>
  /** Partitions still restoring, in words. */
  notReady(): readonly string[]
  close(): Promise<void>
}

/** One partition as this process owns it. */
interface Owned {
  readonly partition: Partition
  pack: Pack
  readonly keeper: SnapshotKeeper
  /** Below this offset everything was published before the restart: state is rebuilt, nothing is said twice. */
  readonly publishedUntil: number
}

/** What came of an activity, with the activity it came of. */
interface Result {
  readonly judged: Judged
  readonly activity: Activity
  readonly traceParent: string | undefined
}

/** When a batch came, was judged and was durable, by the wall clock. */
interface Times {
  readonly receivedMs: number
  readonly judgedMs: number
  readonly durableMs: number
}

/**
 * A step of a snapshot takes 2 to 4 ms with its sending (half a megabyte). Steps of four partitions one right after another
 * held up verdicts by 240 ms at half load; at this pace a million parties are still written within an interval of 30 s.
 */
const SNAPSHOT_STEP_MS = 20

/** Only events of the recent past say how fast we are: a replayed or recorded one tells nothing. */
const LATENCY_HORIZON_MS = 60_000

/**
 * Runs partitions on the event log: restore from the snapshot, replay the tail in silence, then apply, publish and
 * commit batch by batch (DESIGN §5). A record that cannot be read goes to the dead letters with its bytes and the
 * partition goes on. While the log takes nothing the partition waits; a write that can never succeed stops the engine
 * rather than lose anything.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { log, counters, logger, metrics, now } = options
  const scorer = options.scorer ?? noScorer()
  const owned = new Map<number, Owned>()
  const pace = createPace(SNAPSHOT_STEP_MS)
  const { restoring } = counters
  const figures = createFigureKeeper(counters, metrics)
  let closing = false

  const handler: GroupHandler = {
    async assigned(place) {
      restoring.add(place.partition)
      const startedMs = now()
      const pack = options.packs.current
      const { partition, keeper, nextOffset } = await restorePartition(
        {
          ...options,
          group: ENGINE_GROUP,
          pace,
          onHold: seconds => metrics.observeStage('snapshot', seconds),
          openPartition: () => options.openPartition(pack),
          versions: () => ({ pack: options.packs.current.version, model: scorer.version, engine: options.version }),
        },
        place.partition,
      )
      const { earliest, next } = await log.bounds(place)
      const from = Math.max(nextOffset ?? 0, earliest)
      const publishedUntil = (await log.committed(ENGINE_GROUP, place)) ?? 0
      owned.set(place.partition, { partition, pack, keeper, publishedUntil })
      figures.assigned(place.partition, partition)
      logger.info({ partition: place.partition, from, publishedUntil, next }, 'partition assigned')
      if (next <= from) becomeReady(place.partition)
      counters.restoreSeconds = (now() - startedMs) / 1000
      return from
    },

    async batch(batch) {
      const mine = owned.get(batch.partition)
      if (mine === undefined) throw new Error(`batch of partition ${batch.partition} that was never assigned`)
      if (mine.pack !== options.packs.current) {
        mine.pack = options.packs.current
        mine.partition.usePack(mine.pack)
      }
      const judged: Result[] = []
      const records: AppendRecord[] = []
      const startedMs = performance.now()
      observeWait(batch)
      await applyBatch(batch, mine, judged, records)
      const judgedMs = performance.now()
      metrics.observeStage('judge', (judgedMs - startedMs) / 1000)
      const nextOffset = Math.max(batch.nextOffset, mine.publishedUntil)
      const commit = { group: ENGINE_GROUP, ...placeOf(batch), nextOffset }
      await publish(log, records, [commit], {
        logger,
        isOurs: () => !closing && owned.get(batch.partition) === mine,
      })
      mine.keeper.applied(batch.nextOffset)
      const publishedMs = performance.now()
      metrics.observeStage('publish', (publishedMs - judgedMs) / 1000)
      const durableMs = now()
      announce(judged, {
        receivedMs: durableMs - (publishedMs - startedMs),
        judgedMs: durableMs - (publishedMs - judgedMs),
        durableMs,
      })
      afterBatch(batch, mine)
    },

    async revoked(place) {
      const mine = owned.get(place.partition)
      forget(place.partition)
      // Without it the next owner restores the snapshot before and replays more: no reason to keep the partition.
      await mine?.keeper
        .complete()
        .catch(error => logger.error({ partition: place.partition, reason: messageOf(error) }, 'last snapshot failed'))
    },

    // Another engine has it already: a snapshot of ours would overwrite its own, what we still say would come twice.
    async lost(place) {
      owned.get(place.partition)?.keeper.abandon()
      forget(place.partition)
      logger.warn({ partition: place.partition }, 'partition lost: this engine was not heard of for too long')
    },
  }

  function forget(partition: number): void {
    figures.left(partition)
    owned.delete(partition)
    restoring.delete(partition)
    counters.ready.delete(partition)
    counters.lag.delete(partition)
  }

  /** How long the newest record of a batch waited for us; recorded traffic and catching up tell nothing. */
  function observeWait({ records }: RecordBatch): void {
    const waitMs = now() - (records.at(-1)?.timeMs ?? 0)
    if (waitMs >= 0 && waitMs < LATENCY_HORIZON_MS) metrics.observeStage('wait', waitMs / 1000)
  }

  async function applyBatch(batch: RecordBatch, mine: Owned, judged: Result[], records: AppendRecord[]): Promise<void> {
    const activities: Activity[] = []
    /** Few have one: only what was chosen at its tap. */
    const traces = new Map<Activity, string>()
    // Activities that were published before the restart come first: offsets rise.
    let silent = 0
    for (const record of batch.records) {
      const known = record.offset < mine.publishedUntil
      const decoded = decodeActivity(record)
      if (decoded.ok) {
        const activity = decoded.value
        counters.activities.add(activity.kind, activity.role)
        activities.push(activity)
        if (record.traceParent !== undefined) traces.set(activity, record.traceParent)
        if (known) silent++
        continue
      }
      if (known) continue
      counters.deadLetters++
      logger.warn(
        { partition: batch.partition, offset: record.offset, reason: decoded.reason },
        'activity record parked',
      )
      records.push(deadLetterRecord(batch, record, decoded.reason))
    }
    mine.keeper.applying()
    // Nobody waits for what is only rebuilt: there the models take the time they need.
    await judgeBatch(mine.partition, activities.slice(0, silent), scorer, 'patient')
    const heard = activities.slice(silent)
    const results = await judgeBatch(mine.partition, heard, scorer, 'live')
    for (const [i, result] of results.entries()) {
      const activity = heard[i]!
      const traceParent = traces.get(activity)
      if (result.verdict !== undefined) records.push(verdictRecord(result.verdict, traceParent))
      if (result.reputation !== undefined) records.push(reputationRecord(result.reputation))
      if (result.verdict !== undefined || result.reputation !== undefined)
        judged.push({ judged: result, activity, traceParent })
    }
  }

  /** Two spans that follow the tap's: judged, and made durable. */
  function traceVerdict(traceParent: string, verdict: Verdict, { receivedMs, judgedMs, durableMs }: Times) {
    const { kind, action, category = 'none', score } = verdict
    options.tracing?.span(traceParent, 'judge', receivedMs, judgedMs, { kind, action, category, score })
    return options.tracing?.span(traceParent, 'publish', judgedMs, durableMs, { action })
  }

  function announce(results: readonly Result[], times: Times): void {
    const nowMs = now()
    for (const { judged, activity, traceParent } of results) {
      const { verdict, reputation } = judged
      if (verdict !== undefined) {
        metrics.meter.verdict(verdict, activity)
        const latencyMs = nowMs - verdict.time
        const traceId = traceParent === undefined ? undefined : traceVerdict(traceParent, verdict, times)
        if (latencyMs >= 0 && latencyMs < LATENCY_HORIZON_MS) metrics.observeLatency(latencyMs / 1000, traceId)
        options.onVerdict?.(verdict)
      }
      if (reputation !== undefined) {
        counters.reputations++
        options.onReputation?.(reputation)
      }
    }
  }

  function afterBatch(batch: RecordBatch, mine: Owned): void {
    counters.lag.set(batch.partition, Math.max(0, batch.endOffset - batch.nextOffset))
    if (restoring.has(batch.partition) && batch.nextOffset >= Math.min(batch.endOffset, mine.publishedUntil))
      becomeReady(batch.partition)
    figures.collect(batch.partition)
    mine.keeper.tend()
  }

  function becomeReady(partition: number): void {
    restoring.delete(partition)
    counters.ready.add(partition)
    logger.info({ partition }, 'partition ready')
  }

  const subscription: Subscription = await log.subscribe(
    { group: ENGINE_GROUP, topics: [topics.activity.topic] },
    handler,
  )
  // A partition without traffic still finishes a snapshot that is under way, and takes the last one after the last record.
  const idle = setInterval(() => {
    for (const { keeper } of owned.values()) keeper.tend()
  }, 1000)
  idle.unref()
  return {
    ended: subscription.ended,
    notReady: () => [...restoring].map(partition => `partition ${partition}: restoring`),
    async close() {
      closing = true
      clearInterval(idle)
      await subscription.close()
    },
  }
}

function placeOf(batch: RecordBatch): TopicPartition {
  return { topic: batch.topic, partition: batch.partition }
}
