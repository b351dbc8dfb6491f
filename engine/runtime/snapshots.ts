import { topics } from '../activity/index.ts'
import type { EventLog } from '../log/index.ts'
import type { EngineCounters, Logger } from '../observe/index.ts'
import type { Partition } from '../partition/index.ts'
import { createSnapshotWriter, restoreSnapshot, type SnapshotWriter } from '../snapshot/index.ts'

/** Takes a partition's snapshots when they are due and spreads the writing over many batches. */
export interface SnapshotKeeper {
  /** State runs ahead of its offset until `applied`: no snapshot may begin meanwhile. */
  applying(): void
  /** State now holds everything below this offset. */
  applied(nextOffset: number): void
  /** Starts a snapshot when one is due, or writes a few pages of the one under way; gives whether there was work. */
  step(): Promise<boolean>
  /** Finishes what is under way and takes a last one if anything was applied since. */
  complete(): Promise<void>
}

export interface RestoredPartition {
  readonly partition: Partition
  readonly keeper: SnapshotKeeper
  /** Where to read on; undefined: there was no usable snapshot, rebuild from the beginning of the log. */
  readonly nextOffset: number | undefined
}

export interface KeeperOptions {
  readonly log: EventLog
  readonly openPartition: () => Partition
  readonly snapshotIntervalMs: number
  readonly versions: () => { readonly pack: string; readonly engine: string }
  readonly counters: EngineCounters
  readonly logger: Logger
  readonly now: () => number
}

/** A partition as its newest usable snapshot left it, or an empty one. */
export async function restorePartition(options: KeeperOptions, number: number): Promise<RestoredPartition> {
  let partition = options.openPartition()
  const restored = await restoreSnapshot(options.log, number, () => {
    partition = options.openPartition()
    return partition.states
  })
  for (const { code, message } of restored.skipped)
    options.logger.warn({ code, reason: message }, 'snapshot passed over')
  const writer = createSnapshotWriter({
    log: options.log,
    partition: number,
    sections: partition.states,
    base: restored.base,
    now: options.now,
  })
  const nextOffset = restored.outcome === 'restored' ? restored.mark.offsets[topics.activity.topic] : undefined
  return { partition, keeper: createSnapshotKeeper(options, writer, nextOffset ?? 0), nextOffset }
}

function createSnapshotKeeper(options: KeeperOptions, writer: SnapshotWriter, restoredOffset: number): SnapshotKeeper {
  const { counters, now } = options
  let nextOffset = restoredOffset
  let savedOffset = restoredOffset
  let underwayOffset = restoredOffset
  let lastMs = now()
  let ahead = false
  let writing: Promise<void> = Promise.resolve()

  function begin(): void {
    writer.begin({ offsets: { [topics.activity.topic]: nextOffset }, versions: options.versions() })
    underwayOffset = nextOffset
    lastMs = now()
  }

  /** Gives whether anything was written. */
  async function advance(): Promise<boolean> {
    if (!writer.busy) return false
    if (!(await writer.step())) return true
    savedOffset = underwayOffset
    counters.snapshots++
    counters.lastSnapshotMs = now()
    return true
  }

  /** One writer at a time: the batch loop and the idle timer both come here. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = writing.then(work)
    writing = result.then(
      () => {},
      () => {},
    )
    return result
  }

  return {
    applying() {
      ahead = true
    },
    applied(offset) {
      nextOffset = offset
      ahead = false
    },
    step: () =>
      exclusive(async () => {
        if (!ahead && !writer.busy && nextOffset > savedOffset && now() - lastMs >= options.snapshotIntervalMs) begin()
        return advance()
      }),
    complete: () =>
      exclusive(async () => {
        while (writer.busy) await advance()
        if (nextOffset > savedOffset) begin()
        while (writer.busy) await advance()
      }),
  }
}
