import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions } from '../activity/index.ts'
import { type Duck, sqlText } from '../archive/index.ts'
import { messageOf, RingfenceError } from '../errors/index.ts'
import type { ExchangeHeader, Study } from './model.ts'
import { htmlPage } from './page/index.ts'
import { drawn } from './quality.ts'
import { writeManifest } from './sign.ts'
import { csvOf, type DataTable, tablesOf } from './tables.ts'
import { type Language, speakerOf } from './texts/index.ts'

export interface WriteOptions {
  readonly study: Study
  readonly language: Language
  readonly folder: string
  readonly duck: Duck
  /** When the report was made. */
  readonly madeAtMs: number
}

/**
 * Writes a study: `report.html`, `study.json`, `csv/`, `parquet/` and the manifest of all. The same study gives the same
 * bytes but for the time in the page's footer.
 * @throws RingfenceError OUTPUT_FAILED
 */
export async function writeStudy({ study, language, folder, duck, madeAtMs }: WriteOptions): Promise<void> {
  try {
    for (const part of ['csv', 'parquet']) {
      rmSync(join(folder, part), { recursive: true, force: true })
      mkdirSync(join(folder, part), { recursive: true })
    }
    const madeAt = `${new Date(madeAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    writeFileSync(join(folder, 'report.html'), htmlPage(speakerOf(language), study, madeAt))
    writeFileSync(join(folder, 'study.json'), `${JSON.stringify(study, null, 2)}\n`)
    for (const table of tablesOf(study)) {
      writeFileSync(join(folder, 'csv', `${table.name}.csv`), csvOf(table))
      await writeParquet(duck, table, join(folder, 'parquet', `${table.name}.parquet`))
    }
    writeManifest(folder)
  } catch (error) {
    throw new RingfenceError('OUTPUT_FAILED', `cannot write the report to ${folder}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function writeParquet(duck: Duck, { columns, rows }: DataTable, file: string): Promise<void> {
  const names = Object.keys(columns)
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE out (place INTEGER, ${names.map(name => `"${name}" ${columns[name]}`).join(', ')})`,
  )
  const literal = (value: string | number | null) =>
    value === null ? 'NULL' : typeof value === 'number' ? String(value) : sqlText(value)
  if (rows.length > 0)
    await duck.run(
      `INSERT INTO out VALUES ${rows.map((row, i) => `(${[i, ...row].map(literal).join(', ')})`).join(', ')}`,
    )
  await duck.run(
    `COPY (SELECT * EXCLUDE (place) FROM out ORDER BY place) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`,
  )
}

/** Writes the sample that analysts review: ids of verdicts and nothing else. Opinions name them as `verdict`. */
export async function writeReviewSample(duck: Duck, folder: string): Promise<void> {
  const rows = await duck.rows<{ id: string; severity: number }>(
    `SELECT id, severity FROM (${drawn}) ORDER BY severity DESC, id`,
  )
  const lines = rows.map(({ id, severity }) => `${id},${actions[severity]}\r\n`)
  writeFileSync(join(folder, 'review.csv'), `verdict,action\r\n${lines.join('')}`)
}

/** Writes what another operator's merge needs beside the study: a keyed sample of pairs and targets, and the sources. */
export async function writeExchange(
  duck: Duck,
  folder: string,
  header: ExchangeHeader,
  suppressBelow: number,
): Promise<void> {
  const place = join(folder, 'exchange')
  mkdirSync(place, { recursive: true })
  const mask = 2 ** header.pairBits - 1
  const copy = (sql: string, name: string) =>
    duck.run(`COPY (${sql}) TO ${sqlText(join(place, `${name}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`)
  await copy('SELECT * FROM pairs ORDER BY ALL', 'pairs')
  await copy(`SELECT DISTINCT target FROM reached WHERE (target & ${mask}) = 0 ORDER BY target`, 'targets')
  await copy(
    `SELECT party, any_value(country) AS country, any_value(place) AS place, sum(n) AS n FROM sources
     GROUP BY party HAVING sum(n) >= ${suppressBelow} ORDER BY party`,
    'sources',
  )
  writeFileSync(join(place, 'exchange.json'), `${JSON.stringify(header, null, 2)}\n`)
}
