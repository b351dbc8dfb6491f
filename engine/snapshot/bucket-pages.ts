import type { FrozenPages } from './port.ts'

/** The copy-on-write of a table whose pages are buckets, encoded when they are taken. */
export interface BucketPages {
  /** To be called before a bucket changes: what a freeze still wants of it is encoded first. */
  touch(bucket: number): void
  /** As `PagedState.freeze`. */
  freeze(full: boolean): FrozenPages
}

/**
 * Follows which buckets changed, and gives them out a freeze at a time; so a snapshot costs the partition one bucket at a
 * time.
 * @param buckets how many there are
 * @param encode a bucket's bytes as it is now
 */
export function createBucketPages(buckets: number, encode: (bucket: number) => Uint8Array): BucketPages {
  const dirty = new Uint8Array(buckets)
  const waiting = new Uint8Array(buckets)
  const copies = new Map<number, Uint8Array>()
  let pending: number[] = []
  return {
    touch(bucket) {
      if (waiting[bucket] === 1 && !copies.has(bucket)) copies.set(bucket, encode(bucket))
      dirty[bucket] = 1
    },
    freeze(full) {
      pending = []
      for (let bucket = buckets - 1; bucket >= 0; bucket--) {
        if (!full && dirty[bucket] === 0) continue
        pending.push(bucket)
        waiting[bucket] = 1
        dirty[bucket] = 0
      }
      return {
        total: buckets,
        next() {
          const page = pending.pop()
          if (page === undefined) return undefined
          const bytes = copies.get(page) ?? encode(page)
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
  }
}
