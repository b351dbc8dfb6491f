import { setImmediate as nextTurn } from 'node:timers/promises'
import { topics } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import type { AppendRecord, EventLog } from '../log/index.ts'
import { encodeManifest, type Manifest, type PageTable, pageTable, type SnapshotMark } from './manifest.ts'
import { pageEncoder } from './page-record.ts'
import type { FrozenPages, PagedState } from './port.ts'

const TOPIC = topics.snapshots.topic
/** One step copies about this much: a millisecond of the partition's time (0.2 ms a 100 KB page, measured). */
const STEP_BYTES = 512 * 1024

/** What a writer builds on: the snapshot that was restored, and the generations that stand in the log already. */
export interface SnapshotBase {
  /** The highest generation seen; the next one is greater. */
  readonly generation: number
  /** Pages of the snapshot that was restored; absent when there was none to build on. */
  readonly manifest?: Manifest
}

export interface SnapshotWriterOptions {
  readonly log: Pick<EventLog, 'append'>
  readonly partition: number
  readonly sections: readonly PagedState[]
  /** From `restoreSnapshot`. */
  readonly base: SnapshotBase
  /** For the time in record headers; default the wall clock. */
  readonly now?: () => number
}

/**
 * Writes one partition's snapshots, one after another, in small steps between batches.
 *
 * Every page has two slots in the log and a snapshot writes into the slot that the last complete one does not use, so a
 * crash at any point leaves that one whole. A snapshot is complete when its manifest is durable, which is written last.
 */
export interface SnapshotWriter {
  /** True between `begin` and the step that completes the snapshot. */
  readonly busy: boolean
  /** Freezes all sections as they are now. Takes microseconds a page, no I/O. Throws when a snapshot is under way. */
  begin(mark: SnapshotMark): void
  /**
   * Writes some pages; resolves when they are durable, true when the snapshot is complete. The partition may go on
   * meanwhile. Rejects with what the log said; `step` again tries the same pages again, `abort` gives up.
   */
  step(): Promise<boolean>
  /** Gives up the snapshot under way; the next one writes every page. */
  abort(): void
  /** `begin`, then steps with a turn of the event loop between them, to the end. */
  write(mark: SnapshotMark): Promise<void>
  /** What was written since the writer was made: for metrics. */
  readonly written: { snapshots: number; pages: number; bytes: number }
}

interface Section {
  readonly state: PagedState
  readonly frozen: FrozenPages
  readonly pages: PageTable
  /** Pages of the last complete snapshot: their slots are not to be written to. */
  readonly before: PageTable | undefined
}

interface Underway {
  readonly generation: number
  readonly mark: SnapshotMark
  readonly sections: readonly Section[]
  current: number
  /** Taken from the states and not yet known to be durable. */
  pending: AppendRecord[]
}

/** Makes the writer of a partition's snapshots. */
export function createSnapshotWriter(options: SnapshotWriterOptions): SnapshotWriter {
  const { log, partition, now = Date.now } = options
  const encode = pageEncoder()
  const written = { snapshots: 0, pages: 0, bytes: 0 }
  let { generation, manifest } = options.base
  let full = manifest === undefined
  let underway: Underway | undefined

  const record = (key: string, value: Uint8Array): AppendRecord => ({
    topic: TOPIC,
    key,
    value,
    timeMs: now(),
    partition,
  })

  function begin(mark: SnapshotMark): void {
    if (underway !== undefined) {
      throw new RingfenceError('SNAPSHOT_CORRUPT', `partition ${partition}: a snapshot is already under way`)
    }
    generation++
    const sections = options.sections.map(state => {
      const frozen = state.freeze(full)
      const before = manifest?.sections.find(each => each.name === state.name)?.pages
      return { state, frozen, before, pages: pageTable(frozen.total, full ? undefined : before) }
    })
    underway = { generation, mark, sections, current: 0, pending: [] }
  }

  /** Takes the next dirty pages out of the states, as records. */
  function take(into: Underway): void {
    let bytes = 0
    while (bytes < STEP_BYTES && into.current < into.sections.length) {
      const { state, frozen, pages, before } = into.sections[into.current]!
      const dirty = frozen.next()
      if (dirty === undefined) {
        frozen.release()
        into.current++
        continue
      }
      const { page } = dirty
      const encoded = encode(dirty.bytes, into.generation)
      pages.slots[page] = before?.slots[page] === 0 ? 1 : 0
      pages.generations[page] = into.generation
      pages.checksums[page] = encoded.crc
      into.pending.push(record(`${partition}/${state.name}/${page}/${pages.slots[page]}`, encoded.bytes))
      bytes += dirty.bytes.length
    }
  }

  async function step(): Promise<boolean> {
    const current = underway
    if (current === undefined) return true
    if (current.pending.length === 0) take(current)
    if (current.pending.length > 0) {
      const batch = current.pending
      await log.append(batch)
      if (underway !== current) return false
      current.pending = []
      written.pages += batch.length
      for (const each of batch) written.bytes += each.value?.length ?? 0
      return false
    }
    await complete(current)
    return true
  }

  async function complete(done: Underway): Promise<void> {
    const slot = manifest?.slot === 0 ? 1 : 0
    const next: Manifest = {
      generation: done.generation,
      slot,
      mark: done.mark,
      sections: done.sections.map(({ state, pages }) => ({ name: state.name, layout: state.layout, pages })),
    }
    const chunks = encodeManifest(next)
    await log.append(chunks.map((chunk, index) => record(`${partition}/.manifest/${index}/${slot}`, chunk)))
    for (const chunk of chunks) written.bytes += chunk.length
    written.snapshots++
    manifest = next
    full = false
    if (underway === done) underway = undefined
  }

  return {
    written,
    get busy() {
      return underway !== undefined
    },
    begin,
    step,
    abort() {
      if (underway === undefined) return
      for (const { frozen } of underway.sections.slice(underway.current)) frozen.release()
      underway = undefined
      // Pages that were taken count as clean in the states, and are nowhere: only a full freeze brings them again.
      full = true
    },
    async write(mark) {
      begin(mark)
      while (!(await step())) await nextTurn()
    },
  }
}
