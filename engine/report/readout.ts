import type { Duck } from '../archive/index.ts'
import type { BySeverity } from './model.ts'

/** Events of one value of a dimension, by severity. */
export interface Tally {
  readonly name: string
  readonly counts: BySeverity
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const spamOf = (counts: BySeverity): number => sum(counts.slice(1))

const COUNTS = [0, 1, 2, 3, 4].map(s => `coalesce(sum(n) FILTER (severity = ${s}), 0) AS s${s}`).join(', ')

interface CountRow {
  readonly name: string | null
  readonly s0: number
  readonly s1: number
  readonly s2: number
  readonly s3: number
  readonly s4: number
}

const countsOf = ({ s0, s1, s2, s3, s4 }: CountRow): BySeverity => [s0, s1, s2, s3, s4]

/** Counts of a table that has `severity` and `n`, by an expression; the most spam first, then by name. */
export async function tallies(duck: Duck, table: string, expression: string, where = 'true'): Promise<Tally[]> {
  const rows = await duck.rows<CountRow>(
    `SELECT ${expression} AS name, ${COUNTS} FROM ${table} WHERE ${where} GROUP BY name ORDER BY s1 + s2 + s3 + s4 DESC, s0 DESC, name`,
  )
  return rows.map(row => ({ name: row.name === null ? '' : String(row.name), counts: countsOf(row) }))
}

/** All events of a table by severity. */
export async function totals(duck: Duck, table: string): Promise<BySeverity> {
  const [row] = await duck.rows<CountRow>(`SELECT '' AS name, ${COUNTS} FROM ${table}`)
  return countsOf(row!)
}
