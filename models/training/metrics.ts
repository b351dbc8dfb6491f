/** Figures of a classifier from its scores. `labels[i]` is 1 for spam, 0 for the rest; higher scores mean spam. */

export interface Confusion {
  tp: number
  fp: number
  tn: number
  fn: number
}

export interface Figures {
  readonly rows: number
  readonly spam: number
  /** Area under the ROC curve; null where one of the two kinds is missing. */
  readonly auc: number | null
  readonly mcc: number | null
  /** At the model's own threshold. */
  readonly recall: number | null
  readonly fpr: number | null
  readonly recallAt1pct: number | null
  readonly recallAt0_1pct: number | null
  readonly ece: number
}

/** All figures of one set of scores; `threshold` is the model's own, a score at or above it counts as spam. */
export function figuresOf(scores: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): Figures {
  const rows = scores.length
  let spam = 0
  for (let i = 0; i < rows; i++) spam += labels[i]!
  const c = confusionAt(scores, labels, threshold)
  const both = spam > 0 && spam < rows
  return {
    rows,
    spam,
    auc: both ? auc(scores, labels) : null,
    mcc: both ? mcc(c) : null,
    recall: spam > 0 ? c.tp / spam : null,
    fpr: spam < rows ? c.fp / (rows - spam) : null,
    recallAt1pct: both ? recallAtFpr(scores, labels, 0.01) : null,
    recallAt0_1pct: both ? recallAtFpr(scores, labels, 0.001) : null,
    ece: calibrationError(scores, labels),
  }
}

export function confusionAt(scores: ArrayLike<number>, labels: ArrayLike<number>, threshold: number): Confusion {
  const c: Confusion = { tp: 0, fp: 0, tn: 0, fn: 0 }
  for (let i = 0; i < scores.length; i++) {
    const said = scores[i]! >= threshold
    if (labels[i] === 1) said ? c.tp++ : c.fn++
    else said ? c.fp++ : c.tn++
  }
  return c
}

/** Matthews correlation coefficient (Matthews, 1975); 0 where a margin is empty. */
export function mcc(c: Confusion): number {
  const product = (c.tp + c.fp) * (c.tp + c.fn) * (c.tn + c.fp) * (c.tn + c.fn)
  return product === 0 ? 0 : (c.tp * c.tn - c.fp * c.fn) / Math.sqrt(product)
}

/** Indices by falling score. */
function ranking(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!)
}

/** Area under the ROC curve as the Mann-Whitney statistic; ties count half. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = ranking(scores)
  let spam = 0
  let area = 0
  let i = 0
  let hamTotal = 0
  while (i < order.length) {
    const score = scores[order[i]!]!
    let spamTied = 0
    let hamTied = 0
    while (i < order.length && scores[order[i]!] === score) {
      if (labels[order[i]!] === 1) spamTied++
      else hamTied++
      i++
    }
    area += hamTied * (spam + spamTied / 2)
    spam += spamTied
    hamTotal += hamTied
  }
  return spam === 0 || hamTotal === 0 ? Number.NaN : area / (spam * hamTotal)
}

/** Largest share of spam found by a threshold that lets at most `fpr` of the ham through as spam. Ties fall together. */
export function recallAtFpr(scores: ArrayLike<number>, labels: ArrayLike<number>, fpr: number): number {
  const point = rocPoints(scores, labels).filter(p => p.fpr <= fpr + 1e-12)
  return point.length === 0 ? 0 : point[point.length - 1]!.recall
}

export interface RocPoint {
  readonly threshold: number
  readonly fpr: number
  readonly recall: number
}

/** The ROC curve, a point for each distinct score, by falling threshold. */
export function rocPoints(scores: ArrayLike<number>, labels: ArrayLike<number>): RocPoint[] {
  const order = ranking(scores)
  let spamTotal = 0
  for (let i = 0; i < labels.length; i++) spamTotal += labels[i]!
  const hamTotal = labels.length - spamTotal
  const points: RocPoint[] = []
  let tp = 0
  let fp = 0
  for (let i = 0; i < order.length; i++) {
    if (labels[order[i]!] === 1) tp++
    else fp++
    const score = scores[order[i]!]!
    if (i + 1 < order.length && scores[order[i + 1]!] === score) continue
    points.push({
      threshold: score,
      fpr: hamTotal === 0 ? 0 : fp / hamTotal,
      recall: spamTotal === 0 ? 0 : tp / spamTotal,
    })
  }
  return points
}

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  readonly rows: number
  readonly predicted: number
  readonly observed: number
}

/** `bins` bins of equal width over [0, 1]; empty ones hold zero rows. */
export function calibrationBins(scores: ArrayLike<number>, labels: ArrayLike<number>, bins = 15): CalibrationBin[] {
  const rows = new Float64Array(bins)
  const predicted = new Float64Array(bins)
  const observed = new Float64Array(bins)
  for (let i = 0; i < scores.length; i++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(scores[i]! * bins)))
    rows[bin]! += 1
    predicted[bin]! += scores[i]!
    observed[bin]! += labels[i]!
  }
  return Array.from(rows, (n, bin) => ({
    rows: n,
    predicted: n === 0 ? 0 : predicted[bin]! / n,
    observed: n === 0 ? 0 : observed[bin]! / n,
  }))
}

/** Expected calibration error over 15 bins of equal width (Guo et al., ICML 2017). */
export function calibrationError(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (scores.length === 0) return 0
  let error = 0
  for (const bin of calibrationBins(scores, labels)) error += bin.rows * Math.abs(bin.predicted - bin.observed)
  return error / scores.length
}

/** Wilson's 95 % interval of a share: `hits` of `total` (Wilson, 1927). */
export function wilson(hits: number, total: number): readonly [number, number] {
  if (total === 0) return [0, 1]
  const z = 1.959964
  const p = hits / total
  const centre = p + (z * z) / (2 * total)
  const spread = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total))
  const scale = 1 + (z * z) / total
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)]
}
