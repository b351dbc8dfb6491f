import { RingfenceError } from '../errors/index.ts'
import { createBucketPages, type PagedState } from '../snapshot/index.ts'
import { BUCKETS, bucketOf, type Standing, type StandingTable } from './standing.ts'

/**
 * The standing table as pages of a snapshot: a page is the JSON of one bucket's parties.
 */
export function standingPages(table: StandingTable): PagedState {
  const pages = createBucketPages(BUCKETS, bucket => encode(table.buckets[bucket]!))
  table.onChange = pages.touch
  return {
    name: 'standing',
    layout: `standing-1/${BUCKETS}`,
    freeze: pages.freeze,
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
