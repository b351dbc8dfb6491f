import { RingfenceError } from '../errors/index.ts'
import { type Hash128, hashText } from '../hash/index.ts'
import { createBucketPages, type PagedState } from '../snapshot/index.ts'

/** A bounded table of plain records that a snapshot can hold; the one not opened longest leaves first. */
export interface PagedTable<T> {
  find(key: string): T | undefined
  /** The record for writing, made when absent. */
  open(key: string, make: () => T): T
  readonly size: number
  readonly evicted: number
  readonly state: PagedState
}

interface Entry<T> {
  readonly key: string
  value: T
  /** Order of last use, restored with the snapshot: who leaves next must not depend on it. */
  sequence: number
}

const BUCKETS = 256

/**
 * The table, saved as JSON, a page a bucket of keys.
 * @param layout names what the records are: a snapshot of another layout is refused
 */
export function createPagedTable<T>(name: string, layout: string, capacity: number): PagedTable<T> {
  // Insertion order of the map is the order of last use.
  const entries = new Map<string, Entry<T>>()
  const buckets = Array.from({ length: BUCKETS }, () => new Set<Entry<T>>())
  const pages = createBucketPages(BUCKETS, encode)
  const hash: Hash128 = new Uint32Array(4)
  let sequence = 0
  let evicted = 0

  function bucketOf(key: string): number {
    hashText(key, 0, hash)
    return hash[0]! & (BUCKETS - 1)
  }

  function encode(bucket: number): Uint8Array {
    const set = buckets[bucket]!
    return set.size === 0 ? new Uint8Array(0) : Buffer.from(JSON.stringify([...set]))
  }

  function insert(entry: Entry<T>): void {
    entries.set(entry.key, entry)
    buckets[bucketOf(entry.key)]!.add(entry)
  }

  function remove(entry: Entry<T>): void {
    const bucket = bucketOf(entry.key)
    pages.touch(bucket)
    buckets[bucket]!.delete(entry)
    entries.delete(entry.key)
  }

  const state: PagedState = {
    name,
    layout: `${layout}/${BUCKETS}`,
    freeze: pages.freeze,
    load(page, bytes) {
      for (const entry of [...(buckets[page] ?? [])]) remove(entry)
      if (bytes.length === 0) return
      try {
        for (const entry of JSON.parse(Buffer.from(bytes).toString()) as Entry<T>[]) insert(entry)
      } catch (cause) {
        throw new RingfenceError('SNAPSHOT_CORRUPT', `${name}: page ${page} is not what was saved`, { cause })
      }
    },
    restored() {
      const sorted = [...entries.values()].sort((a, b) => a.sequence - b.sequence)
      entries.clear()
      for (const entry of sorted) entries.set(entry.key, entry)
      sequence = sorted.at(-1)?.sequence ?? 0
    },
  }

  return {
    state,
    find: key => entries.get(key)?.value,
    open(key, make) {
      const known = entries.get(key)
      pages.touch(bucketOf(key))
      if (known !== undefined) {
        known.sequence = ++sequence
        entries.delete(key)
        entries.set(key, known)
        return known.value
      }
      if (entries.size >= capacity) {
        remove(entries.values().next().value!)
        evicted++
      }
      const entry = { key, value: make(), sequence: ++sequence }
      insert(entry)
      return entry.value
    },
    get size() {
      return entries.size
    },
    get evicted() {
      return evicted
    },
  }
}
