import { topics } from '../activity/index.ts'
import type { EventLog, StoredRecord } from '../log/index.ts'
import { decodeChunk, decodeManifest, type Manifest } from './manifest.ts'
import { generationOf } from './page-record.ts'

const TOPIC = topics.snapshots.topic
/** Records looked at first from the end; a manifest is the last thing that a snapshot writes. */
const FIRST_WINDOW = 64

/** Records `[from, to)` of a partition of the snapshots topic. */
async function* recordsBetween(
  log: Pick<EventLog, 'read'>,
  partition: number,
  from: number,
  to: number,
): AsyncGenerator<StoredRecord> {
  for await (const batch of log.read({ topic: TOPIC, partition }, from)) {
    for (const record of batch.records) {
      if (record.offset >= to) return
      yield record
    }
  }
}

/**
 * The manifests of a partition, newest first, found from the end of the topic backwards: what a restart needs is
 * nearly always in the last few records, and what stands before is read only when the newest is damaged.
 */
export async function* manifestsNewestFirst(
  log: Pick<EventLog, 'read' | 'bounds'>,
  partition: number,
  onStrange: (record: StoredRecord, reason: string) => void = () => {},
): AsyncGenerator<Manifest> {
  const { earliest, next } = await log.bounds({ topic: TOPIC, partition })
  const chunks = new Map<string, Buffer>()
  const counts = new Map<string, number>()
  const given = new Set<number>()
  let end = next
  let window = FIRST_WINDOW
  while (end > earliest) {
    const start = Math.max(earliest, end - window)
    const found: Manifest[] = []
    for await (const record of recordsBetween(log, partition, start, end)) {
      const { key, value } = record
      const place = manifestPlace(key, partition)
      const chunk = place === undefined || value === null ? undefined : decodeChunk(Buffer.from(value))
      const strange = strangeness(record, partition, chunk !== undefined)
      if (strange !== undefined) onStrange(record, strange)
      if (place === undefined || chunk === undefined) continue
      const id = `${chunk.generation}/${place.slot}`
      chunks.set(`${id}/${chunk.index}`, chunk.body)
      counts.set(id, chunk.count)
    }
    for (const [id, count] of counts) {
      const [generation, slot] = id.split('/').map(Number) as [number, number]
      const parts = Array.from({ length: count }, (_, index) => chunks.get(`${id}/${index}`))
      if (given.has(generation) || parts.includes(undefined)) continue
      const manifest = decodeManifest(generation, slot, parts as Buffer[])
      if (manifest !== undefined) found.push(manifest)
    }
    for (const manifest of found.sort((a, b) => b.generation - a.generation)) {
      given.add(manifest.generation)
      yield manifest
    }
    end = start
    window *= 4
  }
}

/** Why a record cannot be part of any snapshot of this partition; undefined when it can. */
function strangeness({ key, value, unreadable }: StoredRecord, partition: number, isManifest: boolean) {
  if (unreadable !== undefined) return unreadable
  if (value === null || isManifest) return undefined
  if (manifestPlace(key, partition) !== undefined) return 'a manifest whose checksum is wrong'
  if (pagePlace(key, partition) === undefined) return 'neither a page nor a manifest of this partition'
  return generationOf(Buffer.from(value)) === undefined ? 'a page without its header' : undefined
}

/** `PARTITION/SECTION/PAGE/SLOT`; a section's name may hold slashes. */
export function pagePlace(key: string | null, partition: number) {
  if (key === null) return undefined
  const first = key.indexOf('/')
  const last = key.lastIndexOf('/')
  const middle = key.lastIndexOf('/', last - 1)
  if (middle <= first || key.slice(0, first) !== String(partition)) return undefined
  return {
    section: key.slice(first + 1, middle),
    page: Number(key.slice(middle + 1, last)),
    slot: Number(key.slice(last + 1)),
  }
}

/** `PARTITION/.manifest/INDEX/SLOT` */
function manifestPlace(key: string | null, partition: number): { readonly slot: number } | undefined {
  const parts = key?.split('/')
  if (parts?.length !== 4 || parts[0] !== String(partition) || parts[1] !== '.manifest') return undefined
  return { slot: Number(parts[3]) }
}
