import { topics } from '../activity/index.ts'
import { messageOf } from '../errors/index.ts'
import { type EventLog, parkOnce, type StoredRecord } from '../log/index.ts'
import type { EngineCounters, Logger } from '../observe/index.ts'
import type { Partition } from '../partition/index.ts'
import { createSnapshotWriter, restoreSnapshot, type SnapshotWriter } from '../snapshot/index.ts'
import type { Pace } from './pace.ts'

/** Takes a partition's snapshots when they are due and writes them behind the batches. */
export interface SnapshotKeeper {
  /** State runs ahead of its offset until `applied`: no snapshot may begin meanwhile. */
  applying(): void
  /** State holds everything below this offset, and what came of it is durable. */
  applied(nextOffset: number): void
  /** Between two batches: starts a snapshot when one is due, and sees to it that one under way is written. */
  tend(): void
  /** Finishes what is under way and takes a last one if anything was applied since. Rejects with what the log says. */
  complete(): Promise<void>
  /** Writes nothing more: the partition is somebody else's. */
  abandon(): void
}

export interface RestoredPartition {
  readonly partition: Partition
  readonly keeper: SnapshotKeeper
  /** Where to read on; undefined: there was no usable snapshot, rebuild from the beginning of the log. */
  readonly nextOffset: number | undefined
}

export interface KeeperOptions {
  readonly log: EventLog
  /** Whose members own the partitions: who has lost one must not write its snapshots. */
  readonly group: string
  readonly openPartition: () => Partition
  readonly snapshotIntervalMs: number
  readonly versions: () => { readonly pack: string; readonly model: string; readonly engine: string }
  readonly counters: EngineCounters
  readonly logger: Logger
  readonly now: () => number
  /** When a step of a snapshot may be taken, shared by all partitions of the process. */
  readonly pace: Pace
  /** Told how many seconds the partition's thread was held by its snapshots. */
  readonly onHold?: (seconds: number) => void
}

/** A partition as its newest usable snapshot left it, or an empty one. */
export async function restorePartition(options: KeeperOptions, number: number): Promise<RestoredPartition> {
  let partition = options.openPartition()
  const strange = new Map<number, { readonly record: StoredRecord; readonly reason: string }>()
  const restored = await restoreSnapshot(
    options.log,
    number,
    () => {
      partition = options.openPartition()
      return partition.states
    },
    (record, reason) => strange.set(record.offset, { record, reason }),
  )
  for (const { record, reason } of [...strange.values()].sort((a, b) => a.record.offset - b.record.offset)) {
    options.logger.warn({ partition: number, offset: record.offset, reason }, 'snapshot record passed over')
    await parkOnce(options.log, { topic: topics.snapshots.topic, partition: number }, record, reason)
  }
  for (const { code, message } of restored.skipped)
    options.logger.warn({ code, reason: message }, 'snapshot passed over')
  const owner = { group: options.group, topic: topics.activity.topic, partition: number }
  const writer = createSnapshotWriter({
    log: { append: records => options.log.append(records, [], owner) },
    partition: number,
    sections: partition.states,
    base: restored.base,
    now: options.now,
  })
  const nextOffset = restored.outcome === 'restored' ? restored.mark.offsets[topics.activity.topic] : undefined
  const firstInMs = options.snapshotIntervalMs * staggered(number)
  return { partition, keeper: createSnapshotKeeper(options, writer, nextOffset ?? 0, firstInMs), nextOffset }
}

/** Shares of an interval at which partitions assigned together take their first snapshot, spread by the golden ratio. */
const staggered = (partition: number) => 1 - ((partition * 0.618) % 1)

function createSnapshotKeeper(
  options: KeeperOptions,
  writer: SnapshotWriter,
  restoredOffset: number,
  firstInMs: number,
): SnapshotKeeper {
  const { counters, now } = options
  let nextOffset = restoredOffset
  let savedOffset = restoredOffset
  let underwayOffset = restoredOffset
  let lastMs = now() + firstInMs - options.snapshotIntervalMs
  let ahead = false
  let writing: Promise<void> | undefined
  let abandoned = false
  let hurried = false

  function begin(): void {
    writer.begin({ offsets: { [topics.activity.topic]: nextOffset }, versions: options.versions() })
    underwayOffset = nextOffset
    lastMs = now()
  }

  /** Writes some pages. What it takes on this thread is held against the partition; the rest is waiting for the log. */
  async function advance(): Promise<void> {
    const startedMs = performance.now()
    const step = writer.step()
    options.onHold?.((performance.now() - startedMs) / 1000)
    if (!(await step)) return
    savedOffset = underwayOffset
    counters.snapshots++
    counters.lastSnapshotMs = now()
  }

  /** To the end of the snapshot, a step whenever its turn comes. Fails softly: the next batch or second tries on. */
  async function write(): Promise<void> {
    try {
      while (writer.busy && !abandoned) {
        if (!hurried) await options.pace.turn()
        if (!abandoned) await advance()
      }
    } catch (error) {
      if (!abandoned) options.logger.error({ reason: messageOf(error) }, 'snapshot failed')
    }
  }

  return {
    applying() {
      ahead = true
    },
    applied(offset) {
      nextOffset = offset
      ahead = false
    },
    tend() {
      if (abandoned) return
      if (!ahead && !writer.busy && nextOffset > savedOffset && now() - lastMs >= options.snapshotIntervalMs) {
        const startedMs = performance.now()
        begin()
        options.onHold?.((performance.now() - startedMs) / 1000)
      }
      if (!writer.busy) return
      writing ??= write().finally(() => {
        writing = undefined
      })
    },
    async complete() {
      hurried = true
      await writing
      while (writer.busy) await advance()
      if (nextOffset > savedOffset) begin()
      while (writer.busy) await advance()
    },
    abandon() {
      abandoned = true
    },
  }
}
