/**
 * Brings features of every scale to the network as piecewise-linear codes (Gorishniy et al., NeurIPS 2022): each feature is
 * cut at its quantiles into pieces, and each piece is an input that goes from 0 to 1 as the value crosses it. On the labelled
 * subscribers plain scaled inputs gave the network an AUC of .905, where boosted trees on the same features reach .93.
 */
export interface Encoding {
  readonly names: readonly string[]
  /** Cuts of each feature, rising; n cuts make n − 1 pieces. */
  readonly cuts: readonly (readonly number[])[]
  /** Mean code over the training looks, piece after piece: what an average party looks like, for reasons. */
  readonly mean: readonly number[]
}

/** Eight give the same area and find a point less of the fraud at one false positive in a thousand. */
const PIECES = 6

/** The cuts of one feature over its training values; fewer than two when it never changes. */
export function cutsOf(values: Float64Array): number[] {
  const sorted = values.slice().sort()
  const cuts: number[] = []
  for (let piece = 0; piece <= PIECES; piece++) {
    const cut = sorted[Math.min(sorted.length - 1, Math.floor((piece * sorted.length) / PIECES))] ?? 0
    if (cuts.length === 0 || cut > cuts[cuts.length - 1]! + 1e-9) cuts.push(Number(cut.toPrecision(6)))
  }
  return cuts
}

/** Number of inputs that the encoding gives. */
export function widthOf(encoding: Pick<Encoding, 'cuts'>): number {
  return encoding.cuts.reduce((sum, cuts) => sum + cuts.length - 1, 0)
}

/** Codes of `rows` vectors that lie one after the other; `places` are the features' places in a vector. */
export function encodeRows(
  vectors: Float32Array,
  rows: number,
  places: Int32Array,
  encoding: Pick<Encoding, 'cuts'>,
): Float32Array {
  const width = widthOf(encoding)
  const stride = vectors.length / Math.max(1, rows)
  const out = new Float32Array(rows * width)
  for (let r = 0; r < rows; r++) {
    let at = r * width
    for (let f = 0; f < places.length; f++) {
      const value = vectors[r * stride + places[f]!]!
      const cuts = encoding.cuts[f]!
      for (let c = 0; c + 1 < cuts.length; c++) {
        const low = cuts[c]!
        const code = (value - low) / (cuts[c + 1]! - low)
        // A value that is no number stands for nothing known: all its pieces stay empty.
        if (code > 0) out[at] = Math.min(1, code)
        at++
      }
    }
  }
  return out
}
