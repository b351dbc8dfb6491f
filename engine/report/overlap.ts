import type { Duck } from '../archive/index.ts'
import type { Interval } from './estimate.ts'

/** Events that more than one operator saw, to be taken away once from all but one of them. */
export interface Overlap {
  readonly events: Interval
  readonly spam: Interval
  /** By the operator that they are taken from (its place in the list) and a value of a dimension. */
  taken(
    dimension: OverlapDimension,
    value: string,
  ): { readonly events: number; readonly spam: number; readonly blocked: number }
  /** By severity, over all operators. */
  readonly severities: readonly number[]
  /** What is taken from each operator. */
  readonly operators: readonly { readonly severities: readonly number[] }[]
  /** Distinct targets of all operators together. */
  readonly reached: Interval | undefined
  readonly sources: number | undefined
}

export type OverlapDimension = 'day' | 'kind' | 'class' | 'category' | 'country' | 'place' | 'party'
const dimensions: readonly OverlapDimension[] = ['day', 'kind', 'class', 'category', 'country', 'place', 'party']

const Z = 1.959_963_984_540_054
const nothing = { value: 0, low: 0, high: 0 }

/** For operators who share no key: nothing is known of what they share. */
export function noOverlap(operators: number): Overlap {
  return {
    events: nothing,
    spam: nothing,
    taken: () => ({ events: 0, spam: 0, blocked: 0 }),
    severities: [0, 0, 0, 0, 0],
    operators: Array.from({ length: operators }, () => ({ severities: [0, 0, 0, 0, 0] })),
    reached: undefined,
    sources: undefined,
  }
}

/**
 * Finds what operators share in the tables `all_pairs` and `all_targets`. A cell is a pair of parties on a day in one kind
 * of event: whoever found most spam in it keeps its events, of the others as many are taken as that one has. Counts
 * of the sample are divided by its rate 2^-bits (Horvitz and Thompson 1952); pairs are the units of the interval.
 */
export async function countOverlap(duck: Duck, bits: number): Promise<Overlap> {
  const factor = 2 ** bits
  const mask = factor - 1
  await duck.run(
    `CREATE OR REPLACE TABLE shared_cells AS
     WITH cells AS (SELECT pair, day, kind, operator, sum(n) AS e, coalesce(sum(n) FILTER (severity > 0), 0) AS s
         FROM all_pairs WHERE (pair & ${mask}) = 0 GROUP BY pair, day, kind, operator),
       ranked AS (SELECT *, row_number() OVER w AS place, first_value(e) OVER w AS most, count(*) OVER (PARTITION BY pair, day, kind) AS seen
         FROM cells WINDOW w AS (PARTITION BY pair, day, kind ORDER BY s DESC, e DESC, operator))
     SELECT pair, day, kind, operator, least(1.0, most / e) AS part FROM ranked WHERE seen > 1 AND place > 1`,
  )
  await duck.run(
    `CREATE OR REPLACE TABLE taken AS
     SELECT p.*, p.n * c.part AS t FROM all_pairs p JOIN shared_cells c USING (pair, day, kind, operator)`,
  )
  const taken = new Map<string, { events: number; spam: number; blocked: number }>()
  for (const dimension of dimensions) {
    const rows = await duck.rows<{ value: string | null; events: number; spam: number | null; blocked: number | null }>(
      `SELECT ${dimension === 'party' ? `lpad(to_hex(party), 16, '0')` : `CAST(${dimension} AS VARCHAR)`} AS value, sum(t) AS events,
         sum(t) FILTER (severity > 0) AS spam, sum(t) FILTER (severity = 4) AS blocked
       FROM taken GROUP BY value`,
    )
    for (const { value, events, spam, blocked } of rows)
      taken.set(`${dimension} ${value ?? ''}`, {
        events: events * factor,
        spam: (spam ?? 0) * factor,
        blocked: (blocked ?? 0) * factor,
      })
  }
  const bySeverity = await duck.rows<{ operator: number; severity: number; t: number }>(
    'SELECT operator, severity, sum(t) AS t FROM taken GROUP BY operator, severity',
  )
  const [count] = await duck.rows<{ n: number }>('SELECT max(operator) + 1 AS n FROM all_pairs')
  const operators = Array.from({ length: count?.n ?? 0 }, (_, operator) => ({
    severities: [0, 1, 2, 3, 4].map(
      severity => (bySeverity.find(row => row.operator === operator && row.severity === severity)?.t ?? 0) * factor,
    ),
  }))
  const [reached] = await duck.rows<{ n: number }>(
    `SELECT count(DISTINCT target) AS n FROM all_targets WHERE (target & ${mask}) = 0`,
  )
  const [sources] = await duck.rows<{ n: number }>('SELECT count(DISTINCT party) AS n FROM all_sources')
  return {
    events: await expanded(duck, factor, 'true'),
    spam: await expanded(duck, factor, 'severity > 0'),
    taken: (dimension, value) => taken.get(`${dimension} ${value}`) ?? { events: 0, spam: 0, blocked: 0 },
    severities: [0, 1, 2, 3, 4].map(severity => operators.reduce((sum, each) => sum + each.severities[severity]!, 0)),
    operators,
    reached: around((reached?.n ?? 0) * factor, (reached?.n ?? 0) * factor * (factor - 1)),
    sources: sources?.n,
  }
}

/** Total of `taken` over the sampling rate, with its variance over pairs: Σ t² (1 - p) / p². */
async function expanded(duck: Duck, factor: number, where: string): Promise<Interval> {
  const [row] = await duck.rows<{ total: number | null; squares: number | null }>(
    `SELECT sum(t) AS total, sum(t * t) AS squares FROM (SELECT pair, sum(t) AS t FROM taken WHERE ${where} GROUP BY pair)`,
  )
  return around((row?.total ?? 0) * factor, (row?.squares ?? 0) * factor * (factor - 1))
}

function around(value: number, variance: number): Interval {
  const half = Z * Math.sqrt(variance)
  return { value, low: Math.max(0, value - half), high: value + half }
}
