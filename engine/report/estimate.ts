/** A value with the ends of its interval. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Two-sided 95 %. */
const Z = 1.959_963_984_540_054

/**
 * Share of successes with Wilson's score interval (Wilson 1927), which holds its level for small samples and shares near
 * 0 and 1. Without trials nothing is known: 0 to 1.
 * @param population what the sample was drawn from without putting back; narrows the interval when it is a good part of it
 */
export function wilson(successes: number, trials: number, population = Number.POSITIVE_INFINITY): Interval {
  if (trials === 0) return { value: 0, low: 0, high: 1 }
  const p = successes / trials
  if (trials >= population) return { value: p, low: p, high: p }
  // Finite population: the sample counts for more (Cochran 1977, §2.6).
  const n = population === Number.POSITIVE_INFINITY ? trials : (trials * (population - 1)) / (population - trials)
  const centre = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n)
  const half = (Z * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / (1 + (Z * Z) / n)
  return { value: p, low: Math.max(0, Math.min(p, centre - half)), high: Math.min(1, Math.max(p, centre + half)) }
}

/** One part of a sum: a known number of items and the share of them that counts. */
export interface Stratum {
  readonly items: number
  readonly share: Interval
}

/**
 * A sum over strata with an interval out of the strata's own (MOVER, Zou & Donner 2008): the squared distances to the
 * strata's ends add up. Independent of normality, and closed: no random numbers.
 */
export function sumOf(strata: readonly Stratum[]): Interval {
  let value = 0
  let below = 0
  let above = 0
  for (const { items, share } of strata) {
    value += items * share.value
    below += (items * (share.value - share.low)) ** 2
    above += (items * (share.high - share.value)) ** 2
  }
  return { value, low: Math.max(0, value - Math.sqrt(below)), high: value + Math.sqrt(above) }
}

/** Sum of independent intervals: distances to the ends add in squares. */
export function addIntervals(intervals: readonly Interval[]): Interval {
  return sumOf(intervals.map(share => ({ items: 1, share })))
}

/** An interval times a number that is known. */
export function scaled({ value, low, high }: Interval, by: number): Interval {
  return { value: value * by, low: low * by, high: high * by }
}

/** Change a week of a daily series: least squares with a 95 % interval; undefined under a week of days. */
export function weeklyTrend(values: readonly number[]): Interval | undefined {
  const n = values.length
  if (n < 7) return undefined
  const middle = (n - 1) / 2
  const mean = values.reduce((sum, y) => sum + y, 0) / n
  let xx = 0
  let xy = 0
  values.forEach((y, x) => {
    xx += (x - middle) ** 2
    xy += (x - middle) * (y - mean)
  })
  const slope = xy / xx
  const residual = values.reduce((sum, y, x) => sum + (y - mean - slope * (x - middle)) ** 2, 0)
  const half = quantile975(n - 2) * Math.sqrt(residual / (n - 2) / xx)
  return { value: 7 * slope, low: 7 * (slope - half), high: 7 * (slope + half) }
}

/** 97.5 % quantile of Student's t: Hill's expansion in 1/ν, within 0.5 % from five degrees of freedom on. */
function quantile975(degrees: number): number {
  const z = Z
  const v = degrees
  return (
    z +
    (z ** 3 + z) / (4 * v) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * v ** 3)
  )
}
