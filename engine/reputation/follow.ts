import { setImmediate as turn } from 'node:timers/promises'
import { jsonCodec, Reputation, topics } from '../activity/index.ts'
import { messageOf } from '../errors/index.ts'
import { type EventLog, parkOnce, type StoredRecord } from '../log/index.ts'
import type { Logger } from '../observe/index.ts'
import { createReputationView, type ReputationView, type ViewCounters } from './view.ts'

const codec = jsonCodec(Reputation)
const { topic } = topics.reputation

/** Records taken in before decisions get their turn: some 7 µs each, where a batch of the log has thousands. */
const RECORDS_A_TURN = 128

export interface FollowOptions {
  readonly log: EventLog
  /** Names this process among all: each one reads the whole topic. */
  readonly instance: string
  readonly maxParties: number
  readonly logger: Logger
  /** Wall clock in milliseconds. */
  readonly now: () => number
  /** How often the log is asked where it ends; the view is known to be fresh as of then. */
  readonly checkEveryMs?: number
}

/** The reputation topic, followed. */
export interface FollowedReputation {
  readonly view: Pick<ReputationView, 'find' | 'each' | 'page' | 'counters'>
  /** Milliseconds since the view was last known to hold all that was on the log; Infinity before it has caught up once. */
  staleMs(): number
  /** What is not read yet, in words; empty when all that was on the log at the start has been. */
  notReady(): readonly string[]
  /** The whole record of a party, read from the log where it lies; undefined when there is none. */
  record(party: string): Promise<Reputation | undefined>
  /** Records that could not be read so far. */
  readonly passedOver: () => number
  readonly counters: () => ViewCounters
  /** Rejects when the log breaks. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** What is known of how fresh a partition is. */
interface Freshness {
  /** The view held all that was on the partition at this time; 0 before it ever did. */
  readonly atMs: number
  /** Where it ended at `askedAtMs`, while that is not read yet. */
  readonly goal: number | undefined
  readonly askedAtMs: number
}

/**
 * Follows the whole reputation topic into a view. Every process reads all of it from the beginning at its start and never
 * commits: the topic is compacted, memory is the only state.
 */
export async function followReputation(options: FollowOptions): Promise<FollowedReputation> {
  const { log, logger, now } = options
  const view = createReputationView(options.maxParties)
  /** By partition: the next offset to be read, where the partition ended when following began, and what is known of it. */
  const positions = new Map<number, number>()
  const goals = new Map<number, number>()
  const fresh = new Map<number, Freshness>()
  let passedOver = 0

  /** Takes a record in at once; gives a promise when it could not be read and is parked. */
  function take(record: StoredRecord, partition: number): Promise<unknown> | undefined {
    const { key, value, offset } = record
    if (value === null) {
      if (key !== null) view.remove(key)
      return undefined
    }
    const decoded = codec.decode(value)
    if (decoded.ok) {
      view.apply(decoded.value, partition, offset, now())
      return undefined
    }
    passedOver++
    logger.warn({ partition, offset, reason: decoded.reason }, 'reputation record passed over')
    return parkOnce(log, { topic, partition }, record, decoded.reason)
  }

  /** What the log held when it was last asked has been read: the view is as fresh as that moment. */
  function settle(partition: number): void {
    const known = fresh.get(partition)
    if (known?.goal === undefined || (positions.get(partition) ?? 0) < known.goal) return
    fresh.set(partition, { atMs: known.askedAtMs, goal: undefined, askedAtMs: 0 })
  }

  const subscription = await log.subscribe(
    { group: `ringfence-reputation-${options.instance}`, topics: [topic] },
    {
      async assigned({ partition }) {
        const before = positions.get(partition) ?? 0
        const { next } = await log.bounds({ topic, partition })
        // A log that ends before what was read is another log.
        const from = before <= next ? before : 0
        positions.set(partition, from)
        return from
      },
      async batch({ partition, records, nextOffset }) {
        for (let i = 0; i < records.length; i++) {
          if (i % RECORDS_A_TURN === RECORDS_A_TURN - 1) await turn()
          const parked = take(records[i]!, partition)
          if (parked !== undefined) await parked
        }
        positions.set(partition, nextOffset)
        settle(partition)
      },
      async revoked() {},
    },
  )

  /** Asks where each partition ends; one whose last answer is not read yet is not asked again. */
  async function check(): Promise<void> {
    for (let partition = 0; partition < log.partitions; partition++) {
      const known = fresh.get(partition)
      if (known?.goal === undefined) {
        const askedAtMs = now()
        const { earliest, next } = await log.bounds({ topic, partition })
        // Nothing is there to read, and no batch will ever say so.
        const goal = earliest >= next ? 0 : next
        if (!goals.has(partition)) goals.set(partition, goal)
        fresh.set(partition, { atMs: known?.atMs ?? 0, goal, askedAtMs })
      }
      settle(partition)
    }
  }
  let checking = false
  const timer = setInterval(() => {
    if (checking) return
    checking = true
    check()
      .catch(error => logger.warn({ reason: messageOf(error) }, 'the log does not say where it ends'))
      .finally(() => {
        checking = false
      })
  }, options.checkEveryMs ?? 1_000)
  timer.unref()
  await check()

  /** The partition least fresh decides. */
  function freshAtMs(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (let partition = 0; partition < log.partitions; partition++)
      oldest = Math.min(oldest, fresh.get(partition)?.atMs ?? 0)
    return oldest
  }

  return {
    view,
    staleMs() {
      const atMs = freshAtMs()
      return atMs === 0 ? Number.POSITIVE_INFINITY : Math.max(0, now() - atMs)
    },
    notReady() {
      const waiting: string[] = []
      for (const [partition, goal] of goals) {
        const at = positions.get(partition) ?? 0
        if (at < goal) waiting.push(`reputation partition ${partition}: at ${at} of ${goal}`)
      }
      return waiting
    },
    async record(party) {
      const held = view.find(party)
      if (held === undefined) return undefined
      for await (const { records } of log.read({ topic, partition: held.partition }, held.offset)) {
        const found = records.find(record => record.key === party)
        if (found?.value == null) return undefined
        const decoded = codec.decode(found.value)
        return decoded.ok ? decoded.value : undefined
      }
      return undefined
    },
    passedOver: () => passedOver,
    counters: () => view.counters,
    ended: subscription.ended,
    async close() {
      clearInterval(timer)
      await subscription.close()
    },
  }
}
