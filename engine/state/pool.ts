import type { PagedState } from '../snapshot/index.ts'
import { type Cursor, createRecordPages, pagedOf } from './pages.ts'

/** Records handed out and given back; record 0 means none and holds the pool's own numbers. */
export interface Pool {
  readonly state: PagedState
  /** Records in use. */
  readonly used: number
  readonly bytes: number
  cursor(): Cursor
  at(cursor: Cursor, slot: number): void
  touch(slot: number): void
  /** Number of a zeroed record, touched. */
  allocate(): number
  free(slot: number): void
}

export interface PoolOptions {
  readonly name: string
  readonly layout: string
  /** Multiple of 8, at least 16. */
  readonly recordBytes: number
  readonly pageShift?: number
}

const TOP = 0
const FREE = 1
const USED = 2

export function createPool(options: PoolOptions): Pool {
  const pages = createRecordPages(options)
  const { at, touch, ensure, wipe } = pages
  const head = pages.cursor()
  const self = pages.cursor()
  return {
    state: pagedOf(pages),
    get used() {
      return head.u32[USED]!
    },
    get bytes() {
      return pages.bytes
    },
    cursor: pages.cursor,
    at,
    touch,
    allocate() {
      touch(0)
      head.u32[USED]!++
      const free = head.u32[FREE]!
      if (free === 0) {
        const slot = ++head.u32[TOP]!
        ensure(slot + 1)
        touch(slot)
        return slot
      }
      at(self, free)
      head.u32[FREE] = self.u32[self.base >>> 2]!
      wipe(free, free + 1)
      return free
    },
    free(slot) {
      touch(0)
      wipe(slot, slot + 1)
      at(self, slot)
      self.u32[self.base >>> 2] = head.u32[FREE]!
      head.u32[FREE] = slot
      head.u32[USED]!--
    },
  }
}
