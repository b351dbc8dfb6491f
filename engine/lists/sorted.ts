/**
 * Sorted Float64Arrays as sets and as sets of intervals. E.164 numbers have at most 15 digits and stay below 2^53, so a
 * double holds one exactly: 8 B an entry where a Set of strings takes about 90.
 */

/** Sorts in place (not at all when in order already, as exports of numbers mostly are), drops duplicates. */
export function sortedUnique(values: Float64Array): Float64Array {
  if (!isAscending(values)) values.sort()
  let kept = 0
  for (let i = 0; i < values.length; i++) {
    if (i === 0 || values[i] !== values[i - 1]) values[kept++] = values[i]!
  }
  return kept === values.length ? values : values.slice(0, kept)
}

function isAscending(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! < values[i - 1]!) return false
  return true
}

/** Index of the last value of `sorted[from, to)` that is <= `wanted`; `from - 1` when all are greater. */
function lastAtMostIn(sorted: Float64Array, wanted: number, from: number, to: number): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Index of the last value <= `wanted`, -1 when all are greater. */
function lastAtMost(sorted: Float64Array, wanted: number): number {
  return lastAtMostIn(sorted, wanted, 0, sorted.length)
}

/** A sorted array that can be asked. */
export interface SortedSet {
  readonly size: number
  readonly bytes: number
  has(wanted: number): boolean
}

/** Values a bucket of the index holds on average. */
const BUCKET = 32

/**
 * Membership in a sorted array without duplicates. The range is cut into equal buckets with the place of each one's first
 * value, so that a search stays within a few cache lines: over five million numbers a plain binary search waits for memory
 * twenty times (0.85 µs), this one three times. Values that crowd in few buckets only make those searches longer.
 */
export function sortedSet(sorted: Float64Array): SortedSet {
  const size = sorted.length
  if (size === 0) return { size: 0, bytes: 0, has: () => false }
  const least = sorted[0]!
  const most = sorted[size - 1]!
  const buckets = Math.ceil(size / BUCKET)
  const scale = most > least ? buckets / (most - least) : 0
  const bucketOf = (value: number) => Math.min(buckets - 1, Math.floor((value - least) * scale))
  const starts = new Uint32Array(buckets + 1)
  for (let i = size - 1; i >= 0; i--) starts[bucketOf(sorted[i]!)] = i
  starts[buckets] = size
  // An empty bucket begins where the next one does; the first is never empty.
  for (let bucket = buckets - 1; bucket > 0; bucket--) if (starts[bucket] === 0) starts[bucket] = starts[bucket + 1]!
  return {
    size,
    bytes: sorted.byteLength + starts.byteLength,
    has(wanted) {
      if (wanted < least || wanted > most) return false
      const bucket = bucketOf(wanted)
      const from = starts[bucket]!
      const at = lastAtMostIn(sorted, wanted, from, starts[bucket + 1]!)
      return at >= from && sorted[at] === wanted
    },
  }
}

/** Disjoint intervals, both ends included, sorted by start. */
export interface Intervals {
  readonly starts: Float64Array
  readonly ends: Float64Array
}

/** Sorts pairs and merges those that overlap or touch. `starts[i] <= ends[i]` is the caller's promise. */
export function mergeIntervals(starts: readonly number[], ends: readonly number[]): Intervals {
  const order = Float64Array.from(starts.keys()).sort((a, b) => starts[a]! - starts[b]!)
  const mergedStarts: number[] = []
  const mergedEnds: number[] = []
  for (const i of order) {
    const last = mergedEnds.length - 1
    if (last >= 0 && starts[i]! <= mergedEnds[last]! + 1) mergedEnds[last] = Math.max(mergedEnds[last]!, ends[i]!)
    else {
      mergedStarts.push(starts[i]!)
      mergedEnds.push(ends[i]!)
    }
  }
  return { starts: Float64Array.from(mergedStarts), ends: Float64Array.from(mergedEnds) }
}

export function inIntervals({ starts, ends }: Intervals, value: number): boolean {
  const at = lastAtMost(starts, value)
  return at >= 0 && value <= ends[at]!
}
