import type { Duck } from '../archive/index.ts'
import { type Interval, type Stratum, sumOf, wilson } from './estimate.ts'
import type { BySeverity, Study } from './model.ts'
import { spamOf } from './readout.ts'

/** Dimensions by which reviewed events are told apart. */
export const domains = ['trunk', 'network', 'origin', 'target', 'class', 'category'] as const
export type Domain = (typeof domains)[number]

/**
 * Says how much of some events is spam, from what reviewers found in the samples; undefined without reviews.
 * @param domain of which breakdown and line the events are; without it they are all events
 */
export type Estimator = (counts: BySeverity, domain?: readonly [Domain, string]) => Interval | undefined

/** Reviews of a line from which on they speak for it alone. */
const OWN_REVIEWS = 10
const Z = 1.959_963_984_540_054

interface Reviewed {
  readonly severity: number
  readonly reviewed: number
  readonly spam: number
}

/**
 * Detection quality from the review sample: the events of each action are a stratum, reviewers' opinions on the drawn ones
 * give its share of spam (Wilson), and sums over strata their intervals (MOVER). Opinions on events outside the sample
 * are complaints, not measurements, and stay out: people look at what seems wrong.
 *
 * A line of a breakdown has shares of its own where at least ten of its events were reviewed, else those of all. What was
 * missed is spread over lines as what was found, that is, recall is taken to be the same on each; how many a line missed
 * then varies as a Poisson count does.
 *
 * A stratum of found events that nobody reviewed counts as spam with an interval from none to all; unreviewed allowed
 * events count as not spam, since an interval from none to all of them would say nothing.
 */
export async function measureQuality(
  duck: Duck,
  counts: BySeverity,
): Promise<{ quality: Study['quality']; estimator: Estimator }> {
  const rows = await duck.rows<Reviewed>(
    `SELECT l.severity, count(*) AS reviewed, count(*) FILTER (opinion = 'spam') AS spam
     FROM labels l SEMI JOIN (${drawn}) d ON l.id = d.id GROUP BY l.severity`,
  )
  const [sample] = await duck.rows<{ n: number }>(`SELECT count(*) AS n FROM (${drawn})`)
  const [appeals] = await duck.rows<{ appeals: number; upheld: number }>(
    `SELECT count(*) FILTER (source = 'appeal') AS appeals,
       count(*) FILTER (source = 'appeal' AND verdict IN (SELECT verdict FROM opinions WHERE source = 'analyst' AND opinion = 'ham' AND verdict <> '')) AS upheld
     FROM opinions`,
  )
  const strata = counts.map((events, severity) => {
    const { reviewed = 0, spam = 0 } = rows.find(row => row.severity === severity) ?? {}
    return { severity, events, reviewed, spam, ...(reviewed === 0 ? {} : { share: wilson(spam, reviewed, events) }) }
  })
  const shares = strata.map(({ severity, share }): Interval => {
    if (share !== undefined) return share
    return severity === 0 ? { value: 0, low: 0, high: 0 } : { value: 1, low: 0, high: 1 }
  })
  const measured = strata.some(stratum => stratum.reviewed > 0)
  const stratified = (events: BySeverity, from = 0): Stratum[] =>
    events.map((items, severity) => ({ items: severity < from ? 0 : items, share: shares[severity]! }))
  const reviews = await reviewsByDomain(duck)
  const found = spamOf(counts)
  const caught = sumOf(stratified(counts, 1))
  const missed = sumOf(stratified(counts).slice(0, 1))
  const missedPerCaught = caught.value === 0 ? 0 : missed.value / caught.value
  const estimator: Estimator = (events, domain) => {
    if (!measured) return undefined
    if (domain === undefined) return sumOf(stratified(events))
    const own = events.map((items, severity): Stratum => {
      const known = reviews.get(`${domain[0]} ${severity} ${domain[1]}`)
      if (severity === 0) return { items: 0, share: shares[0]! }
      const enough = known !== undefined && known.reviewed >= OWN_REVIEWS
      return { items, share: enough ? wilson(known.spam, known.reviewed, items) : shares[severity]! }
    })
    const caughtHere = sumOf(own)
    const part = caught.value === 0 ? 0 : caughtHere.value / caught.value
    const missedHere = caughtHere.value * missedPerCaught
    const chance = Z * Math.sqrt(missedHere)
    return sumOf([
      { items: 1, share: caughtHere },
      { items: 1, share: { value: missedHere, low: missed.low * part, high: missed.high * part } },
      { items: 1, share: { value: 0, low: -chance, high: chance } },
    ])
  }
  const blocked = counts[4]
  const precision = measured && found > 0 ? ratio(caught, found) : undefined
  const recall = strata[0]!.reviewed > 0 && caught.value > 0 ? recallOf(caught, missed) : undefined
  const blockShare = strata[4]!.share
  return {
    quality: {
      strata,
      ...(precision === undefined ? {} : { precision }),
      ...(recall === undefined ? {} : { recall }),
      ...(blockShare === undefined
        ? {}
        : {
            falseBlocks: {
              value: blocked * (1 - blockShare.value),
              low: blocked * (1 - blockShare.high),
              high: blocked * (1 - blockShare.low),
            },
          }),
      appeals: appeals?.appeals ?? 0,
      upheld: appeals?.upheld ?? 0,
      sampleSize: sample?.n ?? 0,
    },
    estimator,
  }
}

/** Reviews of the sample by domain, severity and line. */
async function reviewsByDomain(duck: Duck): Promise<ReadonlyMap<string, { reviewed: number; spam: number }>> {
  const reviews = new Map<string, { reviewed: number; spam: number }>()
  for (const domain of domains) {
    const rows = await duck.rows<{ severity: number; value: string; reviewed: number; spam: number }>(
      `SELECT l.severity, ${domain} AS value, count(*) AS reviewed, count(*) FILTER (opinion = 'spam') AS spam
       FROM labels l SEMI JOIN (${drawn}) d ON l.id = d.id GROUP BY ALL`,
    )
    for (const { severity, value, reviewed, spam } of rows)
      reviews.set(`${domain} ${severity} ${value ?? ''}`, { reviewed, spam })
  }
  return reviews
}

/** The review sample of the period: of each action the events with the smallest ids, which are hashes. */
const SAMPLE_PER_ACTION = 400
export const drawn = `SELECT id, severity FROM sample QUALIFY row_number() OVER (PARTITION BY severity ORDER BY id) <= ${SAMPLE_PER_ACTION}`

const ratio = ({ value, low, high }: Interval, of: number): Interval => ({
  value: value / of,
  low: low / of,
  high: Math.min(1, high / of),
})

/** Found out of found and missed; each end takes the other's worst. */
function recallOf(caught: Interval, missed: Interval): Interval {
  const share = (a: number, b: number) => (a + b === 0 ? 0 : a / (a + b))
  return {
    value: share(caught.value, missed.value),
    low: share(caught.low, missed.high),
    high: share(caught.high, missed.low),
  }
}
