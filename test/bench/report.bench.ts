import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { columnsOf, datasets, openDuck } from '../../engine/archive/index.ts'

const ROWS = Number(process.env.BENCH_ROWS ?? 100_000_000)
const DAYS = 30
const FIRST_DAY = '2026-03-01'
const SPAM_SHARE = 0.05
const POLL_MS = 200

/**
 * The study of a month of archived verdicts, 100 million of them: `ringfence report` as a process of its own, its time and
 * the most memory that the kernel saw it hold. The archive is made by DuckDB, its ids and pseudonyms as random as real
 * ones: 2 million subscribers, 20,000 sources of spam, 5 % spam.
 */
export async function reportBench(): Promise<Record<string, unknown>> {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-report-bench-'))
  try {
    const bytes = await makeArchive(root)
    const startedMs = performance.now()
    const { rssBytes, progress } = await run(root)
    const seconds = (performance.now() - startedMs) / 1000
    const study = JSON.parse(readFileSync(join(root, 'out', 'study.json'), 'utf8')) as { volume: { events: number } }
    return {
      verdicts: study.volume.events,
      archiveBytes: bytes,
      bytesPerVerdict: Math.round((bytes / ROWS) * 10) / 10,
      seconds: Math.round(seconds * 10) / 10,
      budgetSeconds: 120,
      peakRssBytes: rssBytes,
      budgetRssBytes: 2e9,
      progressLines: progress,
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function run(root: string): Promise<{ rssBytes: number; progress: number }> {
  const cli = fileURLToPath(new URL('../../cli/main.js', import.meta.url))
  const child = spawn(
    process.execPath,
    [
      cli,
      'report',
      '--archive',
      join(root, 'archive'),
      '--from',
      FIRST_DAY,
      '--to',
      '2026-03-31',
      '--out',
      join(root, 'out'),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: root },
  )
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString()
  })
  let rssBytes = 0
  const poll = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      // A process that has just ended has a status without it.
      rssBytes = Math.max(rssBytes, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024)
    } catch {
      // It has ended.
    }
  }, POLL_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearInterval(poll)
  if (code !== 0) throw new Error(`ringfence report ended with ${code}: ${errors}`)
  return { rssBytes, progress: errors.split('\n').filter(line => line.includes('%')).length }
}

/** The first day is made row by row, the others are its copies a day later each: their ids repeat only from day to day. */
async function makeArchive(root: string): Promise<number> {
  const duck = await openDuck({ threads: 2, memoryBytes: 1e9, temporary: root })
  const perDay = Math.round(ROWS / DAYS)
  const startMs = Date.parse(FIRST_DAY)
  let first = ''
  let bytes = 0
  for (let day = 0; day < DAYS; day++) {
    const name = new Date(startMs + day * 86_400_000).toISOString().slice(0, 10)
    const folder = join(root, 'archive', 'verdicts', `day=${name}`)
    mkdirSync(folder, { recursive: true })
    const offset = (value: number) => String(value).padStart(15, '0')
    const file = join(folder, `v0000-g0-${offset(day * perDay)}-${offset((day + 1) * perDay)}.parquet`)
    const later = `SELECT * REPLACE (CAST(time + to_days(${day}) AS TIMESTAMP_MS) AS time) FROM read_parquet('${first}')`
    const rows = day === 0 ? rowsOf(0, perDay, startMs) : later
    if (day === 0) first = file
    await duck.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`)
    bytes += statSync(file).size
    process.stderr.write(`archive: day ${day + 1} of ${DAYS}\n`)
  }
  duck.close()
  return bytes
}

/** Every column of the archive, from the row's number alone. */
function rowsOf(first: number, rows: number, startMs: number): string {
  const spam = `(hash(i) % 1000 < ${SPAM_SHARE * 1000})`
  const columns: Record<keyof (typeof datasets)['verdicts'], string> = {
    id: `substr(to_base64(CAST(md5(i::VARCHAR) AS BLOB)), 1, 11)`,
    time: `epoch_ms(${startMs} + CAST(i - ${first} AS BIGINT) * 86400000 // ${rows})::TIMESTAMP_MS`,
    kind: `CASE WHEN i % 3 = 0 THEN 'message' ELSE 'call.attempt' END`,
    role: `'origin'`,
    event: `CAST(hash(i + 1) >> 1 AS BIGINT)`,
    party: `CASE WHEN ${spam} THEN CAST(hash(hash(i) % 20000) >> 1 AS BIGINT) ELSE CAST(hash(hash(i) % 2000000 + 20000) >> 1 AS BIGINT) END`,
    target: `CAST(hash(hash(i + 7) % 2000000) >> 1 AS BIGINT)`,
    party_country: `CASE WHEN ${spam} THEN ['FR', 'KM', 'GB', 'BE', 'TN'][CAST(hash(i) % 5 AS BIGINT) + 1] ELSE 'FR' END`,
    party_range: `CASE WHEN ${spam} THEN '+26932' || (hash(i) % 200)::VARCHAR || 'xxxx' ELSE '+33612' || (hash(i) % 2000)::VARCHAR || 'xxxx' END`,
    target_country: `'FR'`,
    score: `CASE WHEN ${spam} THEN 8 ELSE 0 END`,
    action: `CASE WHEN ${spam} THEN ['flag', 'challenge', 'divert', 'block'][CAST(hash(i) % 4 AS BIGINT) + 1] ELSE 'allow' END`,
    category: `CASE WHEN ${spam} THEN ['robocall', 'wangiri', 'bulk', 'smishing'][CAST(hash(i) % 4 AS BIGINT) + 1] ELSE '' END`,
    class: `CASE WHEN i % 3 = 0 THEN 'non-real-time text' ELSE 'real-time voice' END`,
    symbols: `CASE WHEN ${spam} THEN ['ROBOCALL', 'MANY_TARGETS'] ELSE []::VARCHAR[] END`,
    shadow_action: `''`,
    trunk: `'ix-' || (hash(i + 3) % 24)::VARCHAR`,
    network: `'198.51.' || (hash(i + 3) % 24)::VARCHAR || '.0/24'`,
    campaign: `CASE WHEN ${spam} AND i % 3 = 0 THEN 'c' || (hash(i) % 500)::VARCHAR ELSE '' END`,
    campaign_targets: `CASE WHEN ${spam} THEN 300 ELSE 0 END`,
    pack: `'default-1.benchmark'`,
    model: `''`,
  }
  if (Object.keys(columns).length !== columnsOf('verdicts').split(': ').length - 1) throw new Error('columns differ')
  const selection = Object.entries(columns).map(
    ([name, sql]) => `CAST(${sql} AS ${datasets.verdicts[name as keyof typeof columns].type}) AS ${name}`,
  )
  return `SELECT ${selection.join(', ')} FROM range(${first}, ${first + rows}) t(i)`
}
