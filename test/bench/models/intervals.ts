import { auc, below, calibrationError, randomOf, recallAtFpr } from '../../../models/training/index.ts'

/** A figure with its 95 % interval. */
interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

const MEASURES = {
  auc,
  recallAt1pct: (scores: ArrayLike<number>, labels: ArrayLike<number>) => recallAtFpr(scores, labels, 0.01),
  recallAt0_1pct: (scores: ArrayLike<number>, labels: ArrayLike<number>) => recallAtFpr(scores, labels, 0.001),
  ece: calibrationError,
}

type Measure = keyof typeof MEASURES
export type Estimates = Record<Measure, Estimate>
const measures = Object.keys(MEASURES) as Measure[]

const DRAWS = 1000
/** Student's t that 95 % of draws of five stay within: four degrees of freedom. */
const T_OF_FIVE = 2.776

/**
 * Each measure of scored rows. Its interval is a bootstrap's (Efron, 1979) over rows drawn anew a thousand times, so it knows
 * that the threshold behind "0.1 %" is a draw as well, which Wilson's interval of the recall alone does not. Errors of
 * calibration have none: drawing anew adds error, so their bootstrap lies above the figure.
 */
export function estimates(scores: readonly number[], labels: readonly number[]): Estimates {
  const random = randomOf(1)
  const drawn = measures.map(() => new Float64Array(DRAWS))
  for (let d = 0; d < DRAWS; d++) {
    const rows = scores.map(() => below(random, scores.length))
    const ofScores = rows.map(i => scores[i]!)
    const ofLabels = rows.map(i => labels[i]!)
    for (const [m, measure] of measures.entries()) drawn[m]![d] = MEASURES[measure](ofScores, ofLabels)
  }
  return record((measure, m) => {
    const sorted = drawn[m]!.sort()
    const value = MEASURES[measure](scores, labels)
    if (measure === 'ece') return { value, low: Number.NaN, high: Number.NaN }
    return { value, low: sorted[Math.floor(DRAWS * 0.025)]!, high: sorted[Math.floor(DRAWS * 0.975)]! }
  })
}

/** The mean of five fifths, with the interval of a mean by how the fifths differ. */
export function meanOfFifths(fifths: readonly Estimates[]): Estimates {
  return record(measure => {
    const values = fifths.map(fifth => fifth[measure].value)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const half = T_OF_FIVE * Math.sqrt(squares / (values.length - 1) / values.length)
    return { value: mean, low: mean - half, high: Math.min(1, mean + half) }
  })
}

function record(of: (measure: Measure, index: number) => Estimate): Estimates {
  return Object.fromEntries(measures.map((measure, i) => [measure, rounded(of(measure, i))])) as Estimates
}

function rounded({ value, low, high }: Estimate): Estimate {
  const round = (figure: number) => Number(figure.toFixed(4))
  return { value: round(value), low: round(low), high: round(high) }
}
