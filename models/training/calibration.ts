/** Platt's scaling (1999): probability = sigmoid(a · logit + b), fitted where the model was not trained. */
export interface Calibration {
  readonly a: number
  readonly b: number
}

export const UNCALIBRATED: Calibration = { a: 1, b: 0 }

export function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))
}

export function calibrated(logit: number, calibration: Calibration): number {
  return sigmoid(calibration.a * logit + calibration.b)
}

/**
 * Fits a and b by Newton's method on the log loss, with Platt's targets (n+1)/(n+2) against over-confidence and a small
 * pull towards a = 1, b = 0. `a` stays positive: calibration never turns a ranking round.
 */
export function fitCalibration(logits: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  let spam = 0
  for (let i = 0; i < labels.length; i++) spam += labels[i]!
  const high = (spam + 1) / (spam + 2)
  const low = 1 / (labels.length - spam + 2)
  const pull = 1e-2
  let a = 1
  let b = 0
  for (let step = 0; step < 50; step++) {
    let ga = pull * (a - 1)
    let gb = pull * b
    let haa = pull
    let hab = 0
    let hbb = pull
    for (let i = 0; i < logits.length; i++) {
      const x = logits[i]!
      const p = calibrated(x, { a, b })
      const residual = p - (labels[i] === 1 ? high : low)
      const weight = Math.max(1e-9, p * (1 - p))
      ga += residual * x
      gb += residual
      haa += weight * x * x
      hab += weight * x
      hbb += weight
    }
    const determinant = haa * hbb - hab * hab
    const da = (hbb * ga - hab * gb) / determinant
    const db = (haa * gb - hab * ga) / determinant
    // A damped step keeps Newton from leaping out of the region where the loss is nearly quadratic.
    const scale = Math.min(1, 0.5 / Math.max(Math.abs(da), Math.abs(db) / 4, 1e-12))
    a = Math.max(0.05, a - scale * da)
    b -= scale * db
    if (Math.abs(da) + Math.abs(db) < 1e-7) break
  }
  return { a, b }
}
