/** Columns of the embedding table: what is known about one n-gram. */
export const WIDTH = 16

/** The sparse first layer in training: rows of `WIDTH` numbers, summed over a text's n-grams. */
export interface Table {
  readonly values: Float32Array
  /** Squared gradients of a row so far: one step size a row (row-wise Adagrad), zero for a row never trained. */
  readonly seen: Float32Array
}

export function createTable(rows: number): Table {
  // All zeros: the dense layers begin random, which breaks the symmetry, and an n-gram never seen adds nothing.
  return { values: new Float32Array(rows * WIDTH), seen: new Float32Array(rows) }
}

/**
 * Sums the rows `rows[0 … count)` into `out[offset …]`, times `scale`: one over the root of the number of n-grams, so that
 * long and short texts are on one scale (the mean loses single tell-tale words in long texts, in the plain sum length wins).
 */
export function bag(
  values: Float32Array,
  rows: Int32Array,
  count: number,
  scale: number,
  out: Float32Array,
  offset: number,
): void {
  for (let k = 0; k < WIDTH; k++) out[offset + k] = 0
  for (let i = 0; i < count; i++) {
    const from = rows[i]! * WIDTH
    for (let k = 0; k < WIDTH; k++) out[offset + k]! += values[from + k]!
  }
  for (let k = 0; k < WIDTH; k++) out[offset + k]! *= scale
}

/**
 * One step down the gradient of a bag: every row of the text gets the same gradient, by its own step size
 * (Duchi et al., 2011, one accumulator a row).
 */
export function descend(
  table: Table,
  rows: Int32Array,
  count: number,
  scale: number,
  gradient: Float32Array,
  offset: number,
  rate: number,
): void {
  let square = 0
  for (let k = 0; k < WIDTH; k++) square += (gradient[offset + k]! * scale) ** 2
  square /= WIDTH
  if (square === 0) return
  for (let i = 0; i < count; i++) {
    const row = rows[i]!
    table.seen[row]! += square
    const step = (rate * scale) / Math.sqrt(table.seen[row]! + 1e-12)
    const from = row * WIDTH
    for (let k = 0; k < WIDTH; k++) table.values[from + k]! -= step * gradient[offset + k]!
  }
}
