import { RingfenceError } from '../errors/index.ts'
import type { PagedState } from '../snapshot/index.ts'
import { BUCKETS, bucketOf, type Standing, type StandingTable } from './standing.ts'

/**
 * The standing table as pages of a snapshot: a page is the JSON of one bucket's parties. Written when taken, or just
 * before the bucket changes during a freeze; so a snapshot costs the partition one bucket at a time.
 */
export function standingPages(table: StandingTable): PagedState {
  const dirty = new Uint8Array(BUCKETS)
  let pending: number[] = []
  const waiting = new Uint8Array(BUCKETS)
  const copies = new Map<number, Uint8Array>()
  table.onChange = bucket => {
    if (waiting[bucket] === 1 && !copies.has(bucket)) copies.set(bucket, encode(table.buckets[bucket]!))
    dirty[bucket] = 1
  }
  return {
    name: 'standing',
    layout: `standing-1/${BUCKETS}`,
    freeze(full) {
      pending = []
      for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
        if (!full && dirty[bucket] === 0) continue
        pending.push(bucket)
        waiting[bucket] = 1
        dirty[bucket] = 0
      }
      return {
        total: BUCKETS,
        next() {
          const page = pending.pop()
          if (page === undefined) return undefined
          const bytes = copies.get(page) ?? encode(table.buckets[page]!)
          copies.delete(page)
          waiting[page] = 0
          return { page, bytes }
        },
        release() {
          // What was not taken is still to be saved.
          for (const page of pending) {
            dirty[page] = 1
            waiting[page] = 0
          }
          pending = []
          copies.clear()
        },
      }
    },
    load(page, bytes) {
      for (const standing of [...(table.buckets[page] ?? [])]) table.remove(standing)
      for (const standing of decode(page, bytes)) table.insert(standing)
    },
    restored: () => table.relink(),
  }
}

function encode(bucket: ReadonlySet<Standing>): Uint8Array {
  if (bucket.size === 0) return new Uint8Array(0)
  const plain = [...bucket].map(({ older: _older, newer: _newer, bucket: _bucket, ...standing }) => standing)
  return Buffer.from(JSON.stringify(plain))
}

function decode(page: number, bytes: Uint8Array): readonly Standing[] {
  if (bytes.length === 0) return []
  try {
    const plain = JSON.parse(Buffer.from(bytes).toString()) as Standing[]
    return plain.map(standing => ({
      ...standing,
      shield: standing.shield,
      bucket: bucketOf(standing.party),
      older: undefined,
      newer: undefined,
    }))
  } catch (cause) {
    throw new RingfenceError('SNAPSHOT_CORRUPT', `standing: page ${page} is not what was saved`, { cause })
  }
}
