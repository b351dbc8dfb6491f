/** Steps remembered for the curvature. */
const MEMORY = 8
/** Ends when a step gains less than this share of the loss. */
const LEAST_GAIN = 1e-6

/**
 * Minimises a smooth function by L-BFGS (Liu and Nocedal, 1989) with backtracking until Armijo's condition holds.
 * @param start where to begin; it is not changed
 * @param evaluate gives the value at a point and writes the gradient there
 * @returns the best point found
 */
export function minimise(
  start: Float64Array,
  iterations: number,
  evaluate: (point: Float64Array, gradient: Float64Array) => number,
): Float64Array {
  let point = start.slice()
  let gradient = new Float64Array(start.length)
  let value = evaluate(point, gradient)
  const steps: { s: Float64Array; y: Float64Array; rho: number }[] = []
  for (let iteration = 0; iteration < iterations; iteration++) {
    const direction = directionOf(gradient, steps)
    const slope = dot(direction, gradient)
    if (slope >= 0) break
    // The first step has no curvature to go by: it is as long as one.
    let length = steps.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1
    const next = new Float64Array(point.length)
    const nextGradient = new Float64Array(point.length)
    let nextValue = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < 20; attempt++, length /= 2) {
      for (let i = 0; i < point.length; i++) next[i] = point[i]! + length * direction[i]!
      nextValue = evaluate(next, nextGradient)
      if (nextValue <= value + 1e-4 * length * slope) break
    }
    if (nextValue >= value) break
    const s = new Float64Array(point.length)
    const y = new Float64Array(point.length)
    for (let i = 0; i < point.length; i++) {
      s[i] = next[i]! - point[i]!
      y[i] = nextGradient[i]! - gradient[i]!
    }
    const curvature = dot(s, y)
    if (curvature > 1e-12) {
      steps.push({ s, y, rho: 1 / curvature })
      if (steps.length > MEMORY) steps.shift()
    }
    const gain = value - nextValue
    point = next
    gradient = nextGradient
    value = nextValue
    if (gain < LEAST_GAIN * Math.abs(value)) break
  }
  return point
}

/** The two-loop recursion: minus the inverse of the curvature remembered, times the gradient. */
function directionOf(
  gradient: Float64Array,
  steps: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const direction = gradient.map(g => -g)
  const alphas: number[] = []
  for (let k = steps.length - 1; k >= 0; k--) {
    const { s, y, rho } = steps[k]!
    const alpha = rho * dot(s, direction)
    alphas[k] = alpha
    add(direction, y, -alpha)
  }
  const newest = steps[steps.length - 1]
  if (newest !== undefined) {
    const scale = 1 / (newest.rho * dot(newest.y, newest.y))
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale
  }
  for (const [k, { s, y, rho }] of steps.entries()) add(direction, s, alphas[k]! - rho * dot(y, direction))
  return direction
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * what[i]!
}
