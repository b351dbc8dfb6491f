import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Activity, Feedback, Verdict } from '../activity/index.ts'
import { createAggregates } from './aggregate.ts'
import { columnsOf, type DatasetName, datasets, selectionOf } from './datasets.ts'
import { type Duck, sqlText } from './duck.ts'
import { feedbackLine, opinionLine, outcomeLine, type RowContext, verdictLine } from './rows.ts'
import { createSpool, type Spool } from './spool.ts'
import type { ArchiveStore } from './store.ts'

/** A run of records that becomes one Parquet file a dataset and day. */
export interface Chunk {
  readonly records: number
  activity(activity: Activity): void
  verdict(verdict: Verdict): void
  feedback(feedback: Feedback): void
  /** Await it after each batch. */
  settle(): Promise<void>
  /**
   * Writes the files `DATASET/day=YYYY-MM-DD/NAME.parquet` into the store. Can be called again after it failed.
   * @returns what was written
   */
  write(name: string): Promise<readonly WrittenFile[]>
  /** Removes its spools. */
  discard(): Promise<void>
}

export interface WrittenFile {
  readonly dataset: DatasetName
  readonly name: string
  readonly rows: number
  readonly bytes: number
}

export interface ChunkContext extends RowContext {
  readonly duck: Duck
  readonly store: ArchiveStore
  /** Local folder of this chunk alone. */
  readonly spool: string
}

/** The column whose UTC day a file is filed under. */
const timeColumns = {
  verdicts: 'time',
  outcomes: 'time',
  activity: 'hour',
  feedback: 'time',
  cost: 'time',
} as const

/** An empty chunk. */
export function createChunk(context: ChunkContext): Chunk {
  const spools = new Map<DatasetName, Spool>()
  let aggregates = createAggregates(context.identity)
  let records = 0
  const spool = (dataset: DatasetName): Spool => {
    const open = spools.get(dataset) ?? createSpool(join(context.spool, `${dataset}.jsonl`))
    spools.set(dataset, open)
    return open
  }
  const add = (dataset: DatasetName, line: string | undefined) => {
    if (line !== undefined) spool(dataset).add(line)
  }
  async function settle(): Promise<void> {
    for (const each of spools.values()) await each.settle()
  }
  return {
    get records() {
      return records
    },
    activity(activity) {
      records++
      aggregates.add(activity)
      add('outcomes', outcomeLine(activity, context))
      add('feedback', opinionLine(activity, context))
    },
    verdict(verdict) {
      records++
      add('verdicts', verdictLine(verdict, context))
    },
    feedback(feedback) {
      records++
      add('feedback', feedbackLine(feedback, context))
    },
    settle,
    async write(name) {
      for (const line of aggregates.lines()) add('activity', line)
      aggregates = createAggregates(context.identity)
      await settle()
      const written: WrittenFile[] = []
      for (const [dataset, { path }] of spools) written.push(...(await writeDays(context, dataset, path, name)))
      return written
    },
    async discard() {
      for (const each of spools.values()) await each.discard()
      spools.clear()
    },
  }
}

/**
 * One Parquet file a day of a spool, rows in order of time: DuckDB reads the JSON lines and writes zstd-compressed columns
 * on its own threads. The same lines give the same bytes.
 */
export async function writeDays(
  { duck, store }: Pick<ChunkContext, 'duck' | 'store'>,
  dataset: DatasetName,
  spool: string,
  name: string,
): Promise<readonly WrittenFile[]> {
  const time = timeColumns[dataset]
  const lines = `read_json(${sqlText(spool)}, format = 'newline_delimited', columns = {${columnsOf(dataset)}})`
  const source = `(SELECT ${selectionOf(dataset)} FROM ${lines})`
  const days = await duck.rows<{ day: string; lines: number }>(
    `SELECT strftime(${time}, '%Y-%m-%d') AS day, count(*) AS lines FROM ${source} GROUP BY day ORDER BY day`,
  )
  const order = [time, ...Object.keys(datasets[dataset]).filter(column => column !== time)].join(', ')
  const written: WrittenFile[] = []
  for (const { day, lines } of days) {
    const local = `${spool}.parquet`
    await duck.run(
      `COPY (SELECT * FROM ${source} WHERE strftime(${time}, '%Y-%m-%d') = '${day}' ORDER BY ${order})
       TO ${sqlText(local)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const target = `${dataset}/day=${day}/${name}.parquet`
    const bytes = await sizeOf(local)
    await store.put(target, local)
    await rm(local, { force: true })
    written.push({ dataset, name: target, rows: lines, bytes })
  }
  return written
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file)).size
}
