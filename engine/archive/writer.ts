import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Activity, Feedback, jsonCodec, topics, Verdict } from '../activity/index.ts'
import { messageOf } from '../errors/index.ts'
import { type EventLog, parkOnce, type RecordBatch, type TopicPartition } from '../log/index.ts'
import type { Logger } from '../observe/index.ts'
import { type Chunk, createChunk, type WrittenFile } from './chunk.ts'
import { type CostMeter, createCostMeter, type Usage } from './cost.ts'
import type { ArchiveCounters } from './counters.ts'
import type { Duck } from './duck.ts'
import { fileName, readPosition, removeUnfinished, writePosition } from './positions.ts'
import { removeExpired } from './retention.ts'
import type { RowContext } from './rows.ts'
import type { ArchiveStore } from './store.ts'

const ARCHIVE_GROUP = 'ringfence-archive'

const codecs = { activity: jsonCodec(Activity), verdict: jsonCodec(Verdict), feedback: jsonCodec(Feedback) }
/** Small, so that decoding never holds the event loop for more than some 20 ms. */
const BATCH_RECORDS = 512
const RETRY_MS = 5000
const DAY_MS = 86_400_000
const folders = ['verdicts/', 'outcomes/', 'activity/', 'feedback/']

export interface ArchiveOptions extends RowContext {
  readonly log: EventLog
  readonly store: ArchiveStore
  readonly duck: Duck
  /** Local folder for what is not written yet; emptied at the start. */
  readonly spool: string
  readonly flushRecords: number
  readonly flushMs: number
  readonly retentionDays: number
  readonly instance: string
  readonly roles: readonly string[]
  readonly counters: ArchiveCounters
  readonly logger: Logger
  readonly now: () => number
  readonly usage: () => Usage
}

export interface Archive {
  /** Rejects with what stopped it. */
  readonly ended: Promise<void>
  /** Writes what waits, now. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** A partition being archived. */
interface Lane {
  readonly place: TopicPartition
  readonly generation: number
  first: number
  next: number
  chunk: Chunk
  openedMs: number
  /** A write failed: nothing may be added before it has been done again under the same name. */
  stuck: boolean
  /** Batches and timed writes take turns. */
  turn: Promise<void>
}

/**
 * Archives the log continuously: reads activity, verdicts and feedback as a group of its own and writes runs of offsets as
 * Parquet files that carry the offsets in their names. The position lies in the archive beside the files and moves after
 * them, so a crash at any moment leaves each record in exactly one file that counts: an unfinished run is removed and
 * written again.
 */
export async function startArchive(options: ArchiveOptions): Promise<Archive> {
  const { log, store, counters, logger, now } = options
  await rm(options.spool, { recursive: true, force: true })
  await mkdir(options.spool, { recursive: true })
  const lanes = new Map<string, Lane>()
  const closing = new AbortController()
  const cost = createCostMeter(options)
  const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`
  const openChunk = (place: TopicPartition) =>
    createChunk({ ...options, spool: join(options.spool, keyOf(place).replace('/', '-')) })

  function count(files: readonly WrittenFile[]): void {
    for (const { dataset, rows, bytes } of files) {
      counters.rows.set(dataset, (counters.rows.get(dataset) ?? 0) + rows)
      counters.files++
      counters.bytes += bytes
    }
    counters.lastWrittenMs = now()
  }

  /** Writes a lane's run and moves its position. Throws; what failed can be called again. */
  async function write(lane: Lane): Promise<void> {
    if (lane.next === lane.first) return
    const { place, generation, first, next } = lane
    lane.stuck = true
    const files = await lane.chunk.write(fileName(place, generation, first, next))
    await writePosition(store, place, { generation, next }, options.spool)
    lane.stuck = false
    await log.append([], [{ group: ARCHIVE_GROUP, ...place, nextOffset: next }])
    count(files)
    counters.waiting -= lane.chunk.records
    for (const { dataset, rows } of files) if (dataset === 'verdicts') cost.count(rows)
    await lane.chunk.discard()
    lane.chunk = openChunk(place)
    lane.first = next
  }

  async function tryToWrite(lane: Lane): Promise<void> {
    try {
      await write(lane)
    } catch (error) {
      counters.failures++
      logger.error({ reason: messageOf(error), place: store.place }, 'the archive could not be written, will try again')
    }
  }

  /** Back-pressure: while the archive cannot be written, the log keeps the records. */
  async function writeInTheEnd(lane: Lane): Promise<void> {
    await tryToWrite(lane)
    while (lane.stuck && !closing.signal.aborted) {
      await delay(RETRY_MS, undefined, { signal: closing.signal }).catch(() => {})
      await tryToWrite(lane)
    }
  }

  function inTurn(lane: Lane, work: () => Promise<void>): Promise<void> {
    const done = lane.turn.then(work)
    lane.turn = done.catch(() => {})
    return done
  }

  async function take(lane: Lane, { topic, records, nextOffset }: RecordBatch): Promise<void> {
    if (lane.stuck) await writeInTheEnd(lane)
    if (lane.stuck) return
    if (lane.chunk.records === 0) lane.openedMs = now()
    const before = lane.chunk.records
    for (const record of records) {
      const reason = record.value === null ? undefined : add(lane.chunk, topic, record.value)
      if (reason === undefined) continue
      counters.skipped++
      // An activity has been parked by the engine.
      if (topic !== topics.activity.topic) await parkOnce(log, lane.place, record, reason)
    }
    counters.waiting += lane.chunk.records - before
    await lane.chunk.settle()
    lane.next = nextOffset
    if (lane.chunk.records >= options.flushRecords) await writeInTheEnd(lane)
  }

  async function open(place: TopicPartition): Promise<number> {
    const bounds = await log.bounds(place)
    const known = await readPosition(store, place)
    const remade = known !== undefined && known.next > bounds.next
    const generation = remade ? known.generation + 1 : (known?.generation ?? 0)
    const next = remade || known === undefined ? bounds.earliest : Math.max(known.next, bounds.earliest)
    if (known !== undefined && next > known.next && !remade)
      logger.warn({ records: next - known.next }, 'the log dropped records before they were archived')
    await removeUnfinished(store, place, { generation, next }, folders)
    const lane: Lane = {
      place,
      generation,
      first: next,
      next,
      chunk: openChunk(place),
      openedMs: now(),
      stuck: false,
      turn: Promise.resolve(),
    }
    lanes.set(keyOf(place), lane)
    return next
  }

  async function leave(place: TopicPartition, saving: boolean): Promise<void> {
    const lane = lanes.get(keyOf(place))
    lanes.delete(keyOf(place))
    if (lane === undefined) return
    await inTurn(lane, async () => {
      if (saving) await tryToWrite(lane)
      counters.waiting -= lane.chunk.records
      await lane.chunk.discard()
    })
  }

  const subscription = await log.subscribe(
    {
      group: ARCHIVE_GROUP,
      topics: [topics.activity.topic, topics.verdicts.topic, topics.feedback.topic],
      maxBatchRecords: BATCH_RECORDS,
    },
    {
      assigned: open,
      async batch(batch) {
        const lane = lanes.get(keyOf(batch))
        if (lane !== undefined) await inTurn(lane, () => take(lane, batch))
      },
      revoked: place => leave(place, true),
      lost: place => leave(place, false),
    },
  )

  async function flush(everything: boolean): Promise<void> {
    const nowMs = now()
    for (const lane of [...lanes.values()]) {
      if (everything || nowMs - lane.openedMs >= options.flushMs) await inTurn(lane, () => tryToWrite(lane))
    }
    await writeCost(cost)
  }
  async function writeCost(meter: CostMeter): Promise<void> {
    try {
      count(await meter.write())
    } catch (error) {
      counters.failures++
      logger.error({ reason: messageOf(error) }, 'the running cost could not be archived')
    }
  }

  let sweptMs = Number.NEGATIVE_INFINITY
  async function sweep(): Promise<void> {
    if (now() - sweptMs < DAY_MS) return
    sweptMs = now()
    try {
      counters.removed += await removeExpired(store, options.retentionDays, now())
    } catch (error) {
      counters.failures++
      logger.error({ reason: messageOf(error) }, 'expired days of the archive could not be removed')
    }
  }

  let ticking = Promise.resolve()
  const timer = setInterval(
    () => {
      ticking = ticking.then(() => flush(false)).then(sweep)
    },
    Math.min(options.flushMs, 60_000),
  )
  timer.unref()

  return {
    ended: subscription.ended,
    flush: () => flush(true),
    async close() {
      clearInterval(timer)
      closing.abort()
      await ticking
      await subscription.close()
      await writeCost(cost)
      await rm(options.spool, { recursive: true, force: true })
    },
  }
}

/** Adds a record; gives why it cannot be read, when it cannot. */
function add(chunk: Chunk, topic: string, value: Uint8Array): string | undefined {
  if (topic === topics.verdicts.topic) {
    const decoded = codecs.verdict.decode(value)
    if (!decoded.ok) return decoded.reason
    chunk.verdict(decoded.value)
  } else if (topic === topics.feedback.topic) {
    const decoded = codecs.feedback.decode(value)
    if (!decoded.ok) return decoded.reason
    chunk.feedback(decoded.value)
  } else {
    const decoded = codecs.activity.decode(value)
    if (!decoded.ok) return decoded.reason
    chunk.activity(decoded.value)
  }
  return undefined
}
