import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Database, open, type RootDatabase } from 'lmdb'
import type { Topic, TopicSpec } from '../../activity/index.ts'
import { messageOf, RingfenceError } from '../../errors/index.ts'
import { partitionsOf } from '../partitioner.ts'
import { commitKey, offsetOf, offsetValue, recordKey } from './keys.ts'

/**
 * What is on disk: one LMDB environment.
 *
 *   records     recordKey → frame                   the log itself
 *   latest      latestKey → offset                  compacted topics: where the last record of a key stands
 *   tombstones  tombstoneKey → latestKey            compacted topics: deletions still to be forgotten
 *   positions   commitKey → next offset; recordKey(topic, partition, 0) → next offset of the partition
 *   meta        `format`, `partitions`, `topics`
 */
export interface Store {
  readonly partitions: number
  readonly specs: ReadonlyMap<string, TopicSpec>
  readonly records: Database<Buffer, Buffer>
  readonly latest: Database<Buffer, Buffer>
  readonly tombstones: Database<Buffer, Buffer>
  readonly positions: Database<Buffer, Buffer>
  /** Number of a topic in keys. Throws LOG_UNAVAILABLE for a topic that was not declared at opening. */
  topicNumber(topic: string): number
  topicName(topic: number): Topic
  /** Offset that the next record of the partition will get. */
  next(topic: number, partition: number): number
  setNext(topic: number, partition: number, next: number): void
  earliest(topic: number, partition: number): number
  committed(group: string, topic: string, partition: number): number | undefined
  /** Runs `write` as one transaction; resolves when readers see it. Rejects with what `write` threw: nothing of it stays. */
  transact(write: () => void): Promise<void>
  /** Resolves when all that was written before is on the disk. */
  sync(): Promise<void>
  /** Read-only: look at what the writing process has written since. */
  refresh(): void
  close(): Promise<void>
}

export interface StoreOptions {
  readonly directory: string
  readonly partitions: number | undefined
  readonly specs: readonly TopicSpec[]
  readonly readOnly: boolean
}

const FORMAT = 1
const DEFAULT_PARTITIONS = 8

type Table = Database<Buffer, Buffer>
/** `sync` runs fdatasync off this thread; lmdb has it (open.js) and leaves it out of its typings. */
type Syncing = RootDatabase<Buffer, Buffer> & { sync(done: (error?: Error) => void): void }

/** Opens or creates the environment. Throws LOG_UNAVAILABLE when it cannot, CONFIG_INVALID when `partitions` differ. */
export function openStore(options: StoreOptions): Store {
  const encodings = { encoding: 'binary', keyEncoding: 'binary' } as const
  const root = openRoot(options, encodings) as Syncing
  const table = (name: string): Table => root.openDB<Buffer, Buffer>(name, encodings)
  const meta = table('meta')
  const tables = {
    records: table('records'),
    latest: table('latest'),
    tombstones: table('tombstones'),
    positions: table('positions'),
  }
  let layout: Layout
  try {
    layout = readLayout(meta, options)
  } catch (error) {
    void root.close()
    throw error
  }
  const { partitions, numbers } = layout
  if (!options.readOnly) writeLayout(root, meta, layout)

  const names = [...numbers.keys()]
  const specs = new Map(options.specs.filter(spec => numbers.has(spec.topic)).map(spec => [spec.topic as string, spec]))
  const offsets = new Map<number, Float64Array>()
  const stored = (topic: number, partition: number) =>
    tables.positions.get(recordKey(topic, partition, 0))?.readDoubleLE(0) ?? 0
  for (const spec of specs.values()) {
    const number = numbers.get(spec.topic)!
    const count = partitionsOf(spec, partitions)
    offsets.set(
      number,
      Float64Array.from({ length: count }, (_, partition) => stored(number, partition)),
    )
  }

  return {
    partitions,
    specs,
    ...tables,
    topicNumber(topic) {
      const number = numbers.get(topic)
      if (number !== undefined && offsets.has(number)) return number
      throw new RingfenceError('LOG_UNAVAILABLE', `${options.directory}: no topic ${topic} in this log`)
    },
    topicName: topic => names[topic] as Topic,
    next: (topic, partition) =>
      options.readOnly ? stored(topic, partition) : (offsets.get(topic)?.[partition] ?? Number.NaN),
    setNext(topic, partition, next) {
      offsets.get(topic)![partition] = next
    },
    earliest(topic, partition) {
      const range = { start: recordKey(topic, partition, 0), end: recordKey(topic, partition + 1, 0), limit: 1 }
      for (const key of tables.records.getKeys(range)) return offsetOf(key)
      return options.readOnly ? stored(topic, partition) : (offsets.get(topic)?.[partition] ?? 0)
    },
    committed: (group, topic, partition) => tables.positions.get(commitKey(group, topic, partition))?.readDoubleLE(0),
    // On lmdb's own thread, whose flush follows when readers see it. Tried: `transactionSync` with the flag that leaves the
    // flush for later; with overlapping flushes lmdb ends such a commit with the flush all the same, and this thread, taps
    // and engine with it, stood still for 1 to 8 ms each time. As a child: what throws takes back its own writes alone.
    transact: write => root.childTransaction(write).catch(async error => Promise.reject(await reasonOf(error))),
    sync: () => new Promise((resolve, reject) => root.sync(error => (error === undefined ? resolve() : reject(error)))),
    refresh: () => root.resetReadTxn(),
    close: () => root.close(),
  }
}

function openRoot(options: StoreOptions, encodings: object): RootDatabase<Buffer, Buffer> {
  try {
    return open<Buffer, Buffer>({
      path: options.directory,
      noSubdir: false,
      maxDbs: 8,
      readOnly: options.readOnly,
      // Every write stands in a transaction of ours; lmdb's own batches would reject promises that nobody holds.
      eventTurnBatching: false,
      ...encodings,
    } as Parameters<typeof open>[0]) as RootDatabase<Buffer, Buffer>
  } catch (error) {
    throw new RingfenceError('LOG_UNAVAILABLE', `${options.directory}: cannot open the log: ${messageOf(error)}`, {
      cause: error,
      hint: 'the directory must exist on a local disk and be writable',
    })
  }
}

/** What made a commit fail: lmdb rejects with an error that only promises it, and must not be left to reject unheard. */
async function reasonOf(error: unknown): Promise<unknown> {
  const promised = error instanceof Error && 'commitError' in error ? error.commitError : undefined
  if (!(promised instanceof Promise)) return error
  return Promise.race([promised.catch((reason: unknown) => reason), nextTurn(error)])
}

interface Layout {
  readonly partitions: number
  readonly numbers: ReadonlyMap<string, number>
}

const metaKey = (name: string) => Buffer.from(name)

function readLayout(meta: Table, options: StoreOptions): Layout {
  const { directory } = options
  const format = meta.get(metaKey('format'))?.readDoubleLE(0)
  if (format === undefined && options.readOnly) {
    throw new RingfenceError('LOG_UNAVAILABLE', `${directory}: holds no log`)
  }
  if (format !== undefined && format !== FORMAT) {
    throw new RingfenceError('LOG_CORRUPT', `${directory}: written in format ${format}, this version reads ${FORMAT}`)
  }
  const existing = meta.get(metaKey('partitions'))?.readDoubleLE(0)
  if (existing !== undefined && options.partitions !== undefined && existing !== options.partitions) {
    throw new RingfenceError(
      'CONFIG_INVALID',
      `${directory}: holds ${existing} partitions, the configuration says ${options.partitions}`,
      { hint: `set log.partitions to ${existing}; the number is fixed when a log is created` },
    )
  }
  const names = JSON.parse(meta.get(metaKey('topics'))?.toString() ?? '[]') as string[]
  if (!options.readOnly) for (const spec of options.specs) if (!names.includes(spec.topic)) names.push(spec.topic)
  const numbers = new Map(names.map((name, number) => [name, number]))
  return { partitions: existing ?? options.partitions ?? DEFAULT_PARTITIONS, numbers }
}

function writeLayout(root: RootDatabase<Buffer, Buffer>, meta: Table, layout: Layout): void {
  root.transactionSync(() => {
    void meta.put(metaKey('format'), offsetValue(FORMAT))
    void meta.put(metaKey('partitions'), offsetValue(layout.partitions))
    void meta.put(metaKey('topics'), Buffer.from(JSON.stringify([...layout.numbers.keys()])))
  })
}
