import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TopicPartition } from '../log/index.ts'
import type { ArchiveStore } from './store.ts'

/** How far a partition of the log is archived. Kept in the archive, so that it can never disagree with it. */
export interface Position {
  /** Counts logs: a log that was made anew begins at offset 0 again, and its files must not replace the old ones. */
  readonly generation: number
  /** Everything below is in the archive. */
  readonly next: number
}

export const letters = {
  'ringfence.activity': 'a',
  'ringfence.verdicts': 'v',
  'ringfence.feedback': 'f',
} as const
export type ArchivedTopic = keyof typeof letters

const placeOf = ({ topic, partition }: TopicPartition) =>
  `${letters[topic as ArchivedTopic]}${String(partition).padStart(4, '0')}`
const positionFile = (place: TopicPartition) => `_positions/${placeOf(place)}.json`
const offset = (value: number) => String(value).padStart(15, '0')

/** Name of the files that hold offsets `first` to `next` - 1 of a partition. */
export function fileName(place: TopicPartition, generation: number, first: number, next: number): string {
  return `${placeOf(place)}-g${generation}-${offset(first)}-${offset(next)}`
}

export interface ArchivedRange {
  readonly place: string
  readonly generation: number
  readonly first: number
  readonly next: number
}

/** What `fileName` wrote, out of an object's name; undefined for files of other origin. */
export function rangeOfFile(name: string): ArchivedRange | undefined {
  const match = /\/([avf]\d{4,})-g(\d+)-(\d{15})-(\d{15})\.parquet$/.exec(name)
  if (match === null) return undefined
  return { place: match[1]!, generation: Number(match[2]), first: Number(match[3]), next: Number(match[4]) }
}

/** Undefined where nothing was archived yet. */
export async function readPosition(store: ArchiveStore, place: TopicPartition): Promise<Position | undefined> {
  const bytes = await store.read(positionFile(place))
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Position)
}

/** Moves the position: the step that makes a chunk count. */
export async function writePosition(
  store: ArchiveStore,
  place: TopicPartition,
  position: Position,
  spool: string,
): Promise<void> {
  // Lanes write theirs at the same time.
  const file = join(spool, `position-${placeOf(place)}.json`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(position))
  await store.put(positionFile(place), file)
  await rm(file, { force: true })
}

/** Removes the files of a chunk that was being written when the process died: they lie beyond the position. */
export async function removeUnfinished(
  store: ArchiveStore,
  place: TopicPartition,
  { generation, next }: Position,
  folders: readonly string[],
): Promise<number> {
  let removed = 0
  for (const folder of folders) {
    for (const name of await store.list(folder)) {
      const range = rangeOfFile(name)
      if (range?.place !== placeOf(place) || range.generation !== generation || range.first < next) continue
      await store.remove(name)
      removed++
    }
  }
  return removed
}
