/**
 * Sorted Float64Arrays as sets and as sets of intervals. E.164 numbers have at most 15 digits and stay below 2^53, so a
 * double holds one exactly: 8 B an entry where a Set of strings takes about 90.
 */

/** Sorts in place, drops duplicates, gives the part that is left. */
export function sortedUnique(values: Float64Array): Float64Array {
  values.sort()
  let kept = 0
  for (let i = 0; i < values.length; i++) {
    if (i === 0 || values[i] !== values[i - 1]) values[kept++] = values[i]!
  }
  return kept === values.length ? values : values.slice(0, kept)
}

/** Index of the last value <= `wanted`, -1 when all are greater. */
export function lastAtMost(sorted: Float64Array, wanted: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function hasValue(sorted: Float64Array, wanted: number): boolean {
  const at = lastAtMost(sorted, wanted)
  return at >= 0 && sorted[at] === wanted
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
