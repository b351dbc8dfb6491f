/**
 * Sliding windows as two aligned buckets, current and previous. The sliding count at `now` is estimated as
 * current + previous × (share of the previous bucket that the window still covers), exact for a steady stream; the error
 * never exceeds the previous bucket's count.
 */

export const windowNames = ['10s', '1m', '10m', '1h', '24h', '30d'] as const
export type WindowName = (typeof windowNames)[number]

export const windowMs: Readonly<Record<WindowName, number>> = {
  '10s': 10_000,
  '1m': 60_000,
  '10m': 600_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '30d': 2_592_000_000,
}

/** Window lengths in the order of `windowNames`, milliseconds. */
export const windowLengths: Float64Array = Float64Array.from(windowNames, name => windowMs[name])

/** Place of a window in `windowNames`. */
export function windowIndex(name: WindowName): number {
  return windowNames.indexOf(name)
}

/** Weights that turn the two buckets of each window into the sliding estimate at one moment. */
export interface WindowWeights {
  readonly current: Float64Array
  readonly previous: Float64Array
  /** Share of the bucket before the one of `now` that the window still covers. */
  readonly left: Float64Array
}

/** Fresh weights, all zero. */
export function windowWeights(): WindowWeights {
  const n = windowNames.length
  return { current: new Float64Array(n), previous: new Float64Array(n), left: new Float64Array(n) }
}

/**
 * Weights for buckets last rolled to `frontierMs`, read at `nowMs` (not before the frontier): no bucket is moved to read.
 * One bucket further on, what was current has become previous; two further on, nothing is left.
 */
export function weigh(weights: WindowWeights, frontierMs: number, nowMs: number): void {
  if (frontierMs === nowMs) weighAtFrontier(weights, nowMs)
  else weighBeyond(weights, frontierMs, nowMs)
}

function weighBeyond(weights: WindowWeights, frontierMs: number, nowMs: number): void {
  for (let w = 0; w < windowLengths.length; w++) {
    const length = windowLengths[w]!
    const bucket = Math.floor(nowMs / length)
    const left = 1 - (nowMs - bucket * length) / length
    const steps = bucket - Math.floor(frontierMs / length)
    weights.left[w] = left
    weights.current[w] = steps === 0 ? 1 : steps === 1 ? left : 0
    weights.previous[w] = steps === 0 ? left : 0
  }
}

/** As every activity is read that is not late: a third of the divisions. */
function weighAtFrontier({ current, previous, left }: WindowWeights, nowMs: number): void {
  for (let w = 0; w < windowLengths.length; w++) {
    const length = windowLengths[w]!
    const share = 1 - (nowMs - Math.floor(nowMs / length) * length) / length
    left[w] = share
    current[w] = 1
    previous[w] = share
  }
}
