import type { AppendRecord, EventLog, StoredRecord } from '../../../engine/log/index.ts'
import type { PagedState } from '../../../engine/snapshot/index.ts'

/** A compacted topic in memory: what a restore after a crash would find. */
export interface FakeLog extends Pick<EventLog, 'append' | 'read' | 'bounds'> {
  /** In the order of the log. */
  readonly records: readonly (StoredRecord & { readonly value: Uint8Array })[]
  /** Throws on the append after this many, then again never. */
  failAfter(appends: number): void
}

type Kept = StoredRecord & { readonly value: Uint8Array }

/** `compact: false` keeps every version of a key, as Kafka does until its cleaner comes by. */
export function fakeLog(compact: boolean): FakeLog {
  const kept = new Map<string, Kept>()
  let next = 0
  let failing = Number.POSITIVE_INFINITY
  return {
    get records() {
      return [...kept.values()]
    },
    failAfter(appends) {
      failing = appends
    },
    async append(batch: readonly AppendRecord[]) {
      if (failing-- === 0) throw new Error('log is gone')
      for (const { key, value, timeMs } of batch) {
        const id = compact ? key! : `${key} ${next}`
        kept.delete(id)
        kept.set(id, { offset: next++, key, value: new Uint8Array(value!), timeMs })
      }
    },
    read({ topic, partition }, fromOffset = 0) {
      const rest = this.records.filter(({ offset }) => offset >= fromOffset)
      return (async function* () {
        for (let i = 0; i < rest.length; i += 100) {
          const part = rest.slice(i, i + 100)
          yield { topic, partition, records: part, nextOffset: part.at(-1)!.offset + 1, endOffset: next }
        }
      })()
    },
    bounds: async () => ({ earliest: kept.values().next().value?.offset ?? next, next }),
  }
}

export interface FakeState extends PagedState {
  /** What the state holds, for comparison. */
  image(): string
  write(page: number, at: number, value: number): void
}

const PAGE_BYTES = 64

/** A paged state that is obviously right: arrays, copied whole at every freeze. */
export function fakeState(name: string, layout = 'v1'): FakeState {
  const pages: Uint8Array[] = []
  const dirty = new Set<number>()
  return {
    name,
    layout,
    image: () => pages.map(page => Buffer.from(page).toString('hex')).join('\n'),
    write(page, at, value) {
      while (pages.length <= page) pages.push(new Uint8Array(PAGE_BYTES))
      pages[page]![at] = value
      dirty.add(page)
    },
    freeze(full) {
      const wanted = full ? pages.map((_, page) => page) : [...dirty]
      const copies = wanted.map(page => ({ page, bytes: new Uint8Array(pages[page]!) }))
      dirty.clear()
      const scratch = new Uint8Array(PAGE_BYTES)
      let taken = 0
      return {
        total: pages.length,
        next() {
          const copy = copies[taken]
          if (copy === undefined) return undefined
          taken++
          scratch.set(copy.bytes)
          return { page: copy.page, bytes: scratch }
        },
        release() {
          for (const { page } of copies.slice(taken)) dirty.add(page)
        },
      }
    },
    load(page, bytes) {
      while (pages.length <= page) pages.push(new Uint8Array(PAGE_BYTES))
      pages[page]!.set(bytes)
    },
    restored() {},
  }
}
