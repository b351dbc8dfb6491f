import { topics } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import type { EventLog, StoredRecord } from '../log/index.ts'
import { EMPTY, type Manifest, type PageTable, type SnapshotMark } from './manifest.ts'
import { generationOf, pageDecoder } from './page-record.ts'
import type { PagedState } from './port.ts'
import { manifestsNewestFirst, pagePlace } from './scan.ts'
import type { SnapshotBase } from './writer.ts'

const TOPIC = topics.snapshots.topic

/** What a restore came to. Whatever it is, `base` is what the partition's next snapshots are written upon. */
export type Restored =
  /** The states are as they were at `mark`. `skipped` says why newer snapshots were passed over, if any were. */
  | {
      readonly outcome: 'restored'
      readonly mark: SnapshotMark
      readonly base: SnapshotBase
      readonly skipped: readonly RingfenceError[]
      readonly pages: number
      readonly bytes: number
    }
  /** Nothing can be used (or nothing is there: `skipped` is empty): rebuild from the log. The states are as created. */
  | { readonly outcome: 'rebuild'; readonly base: SnapshotBase; readonly skipped: readonly RingfenceError[] }

/**
 * Restores the newest usable snapshot of a partition.
 *
 * `create` gives fresh, empty states; it is called again after an attempt that found damage midway, and the states of the
 * last call are the ones to use. A snapshot of other sections or layouts is SNAPSHOT_INCOMPATIBLE, one with a missing or
 * damaged page SNAPSHOT_CORRUPT; both are passed over for the one before and reported in `skipped`.
 * Every page's checksum is verified. Of the records that are looked at on the way to the manifest, those that can be part
 * of no snapshot are told to `onStrange`. Rejects with what the log says when it cannot be read.
 */
export async function restoreSnapshot(
  log: Pick<EventLog, 'read' | 'bounds'>,
  partition: number,
  create: () => readonly PagedState[],
  onStrange?: (record: StoredRecord, reason: string) => void,
): Promise<Restored> {
  const skipped: RingfenceError[] = []
  let sections = create()
  let touched = false
  let generation = 0
  for await (const manifest of manifestsNewestFirst(log, partition, onStrange)) {
    generation = Math.max(generation, manifest.generation)
    const mismatch = differenceOf(manifest, sections)
    if (mismatch !== undefined) {
      skipped.push(
        new RingfenceError(
          'SNAPSHOT_INCOMPATIBLE',
          `partition ${partition}, snapshot ${manifest.generation}: ${mismatch}`,
        ),
      )
      continue
    }
    if (touched) sections = create()
    touched = true
    const loaded = await load(log, partition, manifest, sections)
    if (loaded.missing === undefined) {
      for (const section of sections) section.restored()
      return { outcome: 'restored', mark: manifest.mark, base: { generation, manifest }, skipped, ...loaded }
    }
    skipped.push(
      new RingfenceError(
        'SNAPSHOT_CORRUPT',
        `partition ${partition}, snapshot ${manifest.generation}: ${loaded.missing}`,
      ),
    )
  }
  if (touched) create()
  return { outcome: 'rebuild', base: { generation }, skipped }
}

/** What keeps a snapshot from being restored into these states; undefined when nothing does. */
function differenceOf(manifest: Manifest, sections: readonly PagedState[]): string | undefined {
  for (const { name, layout } of sections) {
    const saved = manifest.sections.find(each => each.name === name)
    if (saved === undefined) return `has no section ${name}`
    if (saved.layout !== layout) return `section ${name} has layout ${saved.layout}, this version's is ${layout}`
  }
  const extra = manifest.sections.find(saved => !sections.some(({ name }) => name === saved.name))
  return extra === undefined ? undefined : `has a section ${extra.name} that this version does not know`
}

interface Loading {
  readonly state: PagedState
  readonly table: PageTable
  /** 1 for pages still to come. */
  readonly wanted: Uint8Array
}

async function load(
  log: Pick<EventLog, 'read'>,
  partition: number,
  manifest: Manifest,
  sections: readonly PagedState[],
): Promise<{ readonly pages: number; readonly bytes: number; readonly missing: string | undefined }> {
  const decode = pageDecoder()
  const byName = new Map<string, Loading>()
  let left = 0
  for (const state of sections) {
    const table = manifest.sections.find(each => each.name === state.name)!.pages
    const wanted = table.slots.map(slot => (slot === EMPTY ? 0 : 1))
    for (const flag of wanted) left += flag
    byName.set(state.name, { state, table, wanted })
  }
  let pages = 0
  let bytes = 0
  // In the order of the log, once; on Kafka older versions of a page may still stand before the right one.
  reading: for await (const batch of left === 0 ? [] : log.read({ topic: TOPIC, partition })) {
    for (const { key, value } of batch.records) {
      const place = pagePlace(key, partition)
      const loading = place === undefined ? undefined : byName.get(place.section)
      if (place === undefined || loading === undefined || value === null) continue
      const { state, table, wanted } = loading
      const { page, slot } = place
      bytes += value.length
      const record = Buffer.from(value.buffer, value.byteOffset, value.length)
      if (wanted[page] !== 1 || table.slots[page] !== slot || generationOf(record) !== table.generations[page]) continue
      const decoded = decode(record, table.checksums[page]!)
      if (decoded === undefined) continue
      state.load(page, decoded)
      wanted[page] = 0
      pages++
      if (--left === 0) break reading
    }
  }
  return { pages, bytes, missing: left === 0 ? undefined : missingPage(byName.values()) }
}

function missingPage(loadings: Iterable<Loading>): string {
  let count = 0
  let first = ''
  for (const { state, wanted } of loadings) {
    const page = wanted.indexOf(1)
    if (page >= 0 && first === '') first = `page ${page} of section ${state.name}`
    for (const flag of wanted) count += flag
  }
  return `${first} is missing or damaged${count > 1 ? `, and ${count - 1} more` : ''}`
}
