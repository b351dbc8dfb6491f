import { statSync } from 'node:fs'
import { type ArchiveStore, type DatasetName, type Duck, sqlText } from '../archive/index.ts'
import { type ArchiveFiles, listArchive, parquetSql } from './files.ts'
import { localSql, type Period, utcDaysOf } from './period.ts'

const DAY_MS = 86_400_000

/** Items of each action that are drawn for review. */
const REVIEW_SAMPLE = 400

export interface CollectOptions {
  readonly duck: Duck
  readonly store: ArchiveStore
  readonly period: Period
  /** Counts alone, for the period before. */
  readonly countsOnly?: boolean
  /** Local folder for files that come from afar. */
  readonly folder: string
  /** Distinct targets from which on a campaign makes an event bulk. */
  readonly bulkTargets: number
  /** Pairs of parties are kept whose pseudonym ends in so many zero bits: a sample that every operator draws alike. */
  readonly pairBits: number
  readonly progress: (done: number, total: number) => void
}

/** What was found of the archive. */
export interface Coverage {
  readonly daysWithData: number
  readonly missingDays: readonly string[]
  readonly files: number
  readonly rows: number
  /** Records that came more than once and count once. */
  readonly repeated: number
  /** Size of the files of verdicts and outcomes. */
  readonly bytes: number
}

/**
 * Reads the archive a day at a time into small tables of DuckDB: `cells` (by local day, hour, kind, class, category and
 * severity), `places` (by trunk, network, country, version), `sources`, `reached`, `campaigns`, `natures`, `effects`, `pairs`,
 * `sample`, `labels`, `opinions`, `traffic` and `cost`. Severity is 0 for allow to 4 for block. Only what was found is kept by party,
 * so that memory follows the spam, not the traffic.
 *
 * A call counts once: its attempt carries the most serious of its verdicts, and a repeated record is left out.
 */
export async function collect(options: CollectOptions): Promise<Coverage> {
  const { duck, store, period } = options
  const files = await listArchive(store, ['verdicts', 'outcomes', 'activity', 'feedback', 'cost'])
  await createTables(duck)
  const days = utcDaysOf(period)
  await readWhole(options, files, days)
  let rows = 0
  let repeated = 0
  let count = 0
  let bytes = 0
  for (const [index, day] of days.entries()) {
    options.progress(index, days.length)
    const names = files.of('verdicts', [day])
    count += names.length
    if (names.length === 0) continue
    const next = dayAfter(day)
    const verdicts = await fetched(options, names)
    const after = await fetched(options, files.of('verdicts', [next]))
    const outcomes = await fetched(options, files.of('outcomes', [day, next]))
    const ownOutcomes = files.of('outcomes', [day]).length
    for (const path of [...verdicts, ...outcomes.slice(0, ownOutcomes)]) bytes += statSync(path).size
    const result = await readDay(options, verdicts, after, outcomes)
    rows += result.rows
    repeated += result.repeated
  }
  options.progress(days.length, days.length)
  const missingDays = days.filter(day => !files.days('verdicts').has(day) && !files.days('activity').has(day))
  return { daysWithData: days.length - missingDays.length, missingDays, files: count, rows, repeated, bytes }
}

const dayAfter = (day: string) => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)

async function fetched({ store, folder }: CollectOptions, names: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = []
  for (const name of names) paths.push(await store.fetch(name, folder))
  return paths
}

async function createTables(duck: Duck): Promise<void> {
  const tables = {
    cells: 'day INTEGER, hour INTEGER, kind VARCHAR, class VARCHAR, category VARCHAR, severity INTEGER, n BIGINT',
    places: 'dimension VARCHAR, value VARCHAR, extra VARCHAR, severity INTEGER, n BIGINT',
    sources: 'party BIGINT, country VARCHAR, place VARCHAR, trunk VARCHAR, category VARCHAR, n BIGINT',
    reached: 'target BIGINT',
    campaigns: 'campaign VARCHAR, category VARCHAR, n BIGINT, targets BIGINT, day INTEGER',
    natures: 'category VARCHAR, many BOOLEAN, objected BOOLEAN, n BIGINT',
    effects:
      'kind VARCHAR, protocol VARCHAR, class VARCHAR, category VARCHAR, language VARCHAR, severity INTEGER, n BIGINT, answered BIGINT, talk DOUBLE, ringing DOUBLE',
    sample: 'id VARCHAR, severity INTEGER',
    labels:
      'id VARCHAR, severity INTEGER, opinion VARCHAR, trunk VARCHAR, network VARCHAR, origin VARCHAR, target VARCHAR, class VARCHAR, category VARCHAR',
    pairs:
      'pair BIGINT, day INTEGER, kind VARCHAR, class VARCHAR, category VARCHAR, country VARCHAR, party BIGINT, place VARCHAR, severity INTEGER, n BIGINT',
    opinions: 'id VARCHAR, ms BIGINT, party BIGINT, reporter BIGINT, source VARCHAR, opinion VARCHAR, verdict VARCHAR',
    objections: 'party BIGINT, ms BIGINT',
    traffic: 'kind VARCHAR, protocol VARCHAR, tap VARCHAR, site VARCHAR, day INTEGER, n BIGINT, seconds DOUBLE',
    cost: 'instance VARCHAR, roles VARCHAR, seconds DOUBLE, cpu_seconds DOUBLE, rss_bytes BIGINT, events BIGINT',
  }
  for (const [name, columns] of Object.entries(tables)) await duck.run(`CREATE OR REPLACE TABLE ${name} (${columns})`)
}

/** The small datasets at once: opinions, traffic and cost. */
async function readWhole(options: CollectOptions, files: ArchiveFiles, days: readonly string[]): Promise<void> {
  const { duck, period } = options
  const inPeriod = (time: string) => `epoch_ms(${time}) >= ${period.fromMs} AND epoch_ms(${time}) < ${period.toMs}`
  const read = async (dataset: DatasetName, of: readonly string[], sql: (source: string) => string) => {
    const paths = await fetched(options, files.of(dataset, of))
    if (paths.length > 0) await duck.run(sql(parquetSql(paths)))
  }
  // People review a period when it is over: their opinions count whenever they came.
  const since = [...files.days('feedback')].filter(day => day >= (days[0] ?? '')).sort()
  const day = (time: string) => `CAST(floor(${localSql(`epoch_ms(${time})`, period)} / ${DAY_MS}) AS INTEGER)`
  await read(
    'feedback',
    since,
    source =>
      `INSERT INTO opinions SELECT DISTINCT id, epoch_ms(time), party, reporter, source, opinion, verdict FROM ${source}
       WHERE ${inPeriod('time')} OR (source = 'analyst' AND epoch_ms(time) >= ${period.fromMs})`,
  )
  // A 608 is another engine's judgement, an analyst's a review: neither is a recipient who objects.
  await duck.run(
    `INSERT INTO objections SELECT party, min(ms) FROM opinions
     WHERE opinion = 'spam' AND source NOT IN ('608', 'analyst', 'appeal') AND party IS NOT NULL GROUP BY party`,
  )
  await read(
    'activity',
    days,
    source =>
      `INSERT INTO traffic SELECT kind, protocol, tap, site, ${day('hour')} AS day, sum(records), sum(seconds)
       FROM ${source} WHERE ${inPeriod('hour')} GROUP BY kind, protocol, tap, site, day`,
  )
  await read(
    'cost',
    days,
    source =>
      `INSERT INTO cost SELECT instance, roles, sum(seconds), sum(cpu_seconds), max(rss_bytes), sum(events)
       FROM ${source} WHERE ${inPeriod('time')} GROUP BY instance, roles`,
  )
}

const severity = (action: string) =>
  `CASE ${action} WHEN 'flag' THEN 1 WHEN 'challenge' THEN 2 WHEN 'divert' THEN 3 WHEN 'block' THEN 4 ELSE 0 END`

const LATER_KINDS = `('call.answered', 'call.ended', 'call.failed')`
const OPENING_KINDS = `('call.attempt', 'message')`

async function readDay(
  options: CollectOptions,
  verdicts: readonly string[],
  after: readonly string[],
  outcomes: readonly string[],
): Promise<{ rows: number; repeated: number }> {
  const { duck, period } = options
  const local = localSql('epoch_ms(time)', period)
  const source = parquetSql(verdicts)
  const within = `epoch_ms(time) >= ${period.fromMs} AND epoch_ms(time) < ${period.toMs}`
  // What was found of a call only once it was over counts for its attempt.
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE later AS
     SELECT event, max(s) AS s, arg_max(category, s) AS category FROM (
       SELECT event, category, ${severity('action')} AS s FROM ${parquetSql([...verdicts, ...after])}
       WHERE role = 'origin' AND kind IN ${LATER_KINDS} AND action <> 'allow') GROUP BY event`,
  )
  const [counts] = await duck.rows<{ n: number; events: number }>(
    `SELECT count(*) AS n, count(DISTINCT event) AS events FROM ${source}
     WHERE role = 'origin' AND kind IN ${OPENING_KINDS} AND ${within}`,
  )
  const { n, events } = counts!
  const once =
    n === events ? '' : 'QUALIFY row_number() OVER (PARTITION BY v.event ORDER BY severity DESC, v.time, v.id) = 1'
  await duck.run(
    `CREATE OR REPLACE TEMP VIEW judged AS
     SELECT v.id, v.event, v.time, v.kind, v.party, v.target, v.party_country, v.party_range, v.target_country, v.class,
       v.trunk, v.network, v.campaign, v.campaign_targets, v.pack, v.model,
       CASE WHEN coalesce(l.s, 0) > ${severity('v.action')} THEN l.category ELSE v.category END AS category,
       greatest(coalesce(l.s, 0), ${severity('v.action')}) AS severity,
       CAST(floor(${local} / ${DAY_MS}) AS INTEGER) AS day, CAST(floor(${local} / 3600000) % 24 AS INTEGER) AS hour
     FROM ${source} v LEFT JOIN later l ON v.event = l.event
     WHERE v.role = 'origin' AND v.kind IN ${OPENING_KINDS} AND ${within} ${once}`,
  )
  await duck.run(
    `CREATE OR REPLACE TEMP TABLE day_sets AS
     SELECT day, hour, kind, class, category, severity, trunk, network, party_country, target_country, pack, model,
       grouping_id(day, trunk, network, party_country, target_country, pack) AS g, count(*) AS n
     FROM judged GROUP BY GROUPING SETS ((day, hour, kind, class, category, severity), (trunk, severity),
       (network, severity), (party_country, severity), (target_country, severity), (pack, model, severity))`,
  )
  await duck.run('INSERT INTO cells SELECT day, hour, kind, class, category, severity, n FROM day_sets WHERE g = 31')
  for (const [g, dimension, value, extra] of [
    [47, 'trunk', 'trunk', "''"],
    [55, 'network', 'network', "''"],
    [59, 'origin', 'party_country', "''"],
    [61, 'target', 'target_country', "''"],
    [62, 'version', 'pack', 'model'],
  ] as const)
    await duck.run(
      `INSERT INTO places SELECT '${dimension}', ${value}, ${extra}, severity, n FROM day_sets WHERE g = ${g}`,
    )
  if (options.countsOnly !== true) await readFound(options, outcomes)
  return { rows: n, repeated: n - events }
}

/** The details of what was found that day, and the samples. */
async function readFound({ duck, bulkTargets, pairBits }: CollectOptions, outcomes: readonly string[]): Promise<void> {
  const pair = 'xor(party, coalesce(target, 0) >> 7)'
  await duck.run(
    `INSERT INTO pairs SELECT ${pair} AS pair, day, kind, class, CASE WHEN severity > 0 THEN category ELSE '' END AS category,
       party_country, CASE WHEN severity > 0 THEN party END AS party,
       CASE WHEN severity > 0 THEN party_range ELSE '' END AS place, severity, count(*) FROM judged
     WHERE (${pair} & ${2 ** pairBits - 1}) = 0 GROUP BY ALL`,
  )
  await duck.run(
    'CREATE OR REPLACE TEMP TABLE found AS SELECT * EXCLUDE (network, pack, model) FROM judged WHERE severity > 0',
  )
  await duck.run(
    `INSERT INTO sources SELECT party, party_country, party_range, trunk, category, count(*) FROM found GROUP BY ALL`,
  )
  await duck.run('INSERT INTO reached SELECT DISTINCT target FROM found WHERE severity < 4 AND target IS NOT NULL')
  await duck.run(
    `INSERT INTO campaigns SELECT campaign, category, count(*), max(campaign_targets), min(day)
     FROM found WHERE campaign <> '' GROUP BY campaign, category`,
  )
  await duck.run(
    `INSERT INTO natures SELECT category, campaign_targets >= ${bulkTargets} AS many,
       o.party IS NOT NULL AND o.ms <= epoch_ms(f.time) AS objected, count(*)
     FROM found f LEFT JOIN objections o ON f.party = o.party GROUP BY ALL`,
  )
  const ended =
    outcomes.length === 0
      ? `(SELECT NULL::BIGINT AS event, false AS answered, 0 AS talk, 0 AS ringing, '' AS protocol, '' AS language LIMIT 0)`
      : `(SELECT event, bool_or(kind IN ('call.answered', 'call.ended')) AS answered, max(duration) AS talk,
           max(ringing) AS ringing, max(protocol) AS protocol, max(language) AS language
         FROM ${parquetSql(outcomes)} WHERE event IN (SELECT event FROM found) GROUP BY event)`
  await duck.run(
    `INSERT INTO effects SELECT kind, coalesce(protocol, ''), class, category, coalesce(language, ''), severity, count(*),
       count(*) FILTER (answered), coalesce(sum(talk), 0), coalesce(sum(ringing), 0)
     FROM found LEFT JOIN ${ended} o USING (event) GROUP BY ALL`,
  )
  // Ids are hashes: the smallest are a random sample, and the same one each time.
  for (let s = 0; s <= 4; s++)
    await duck.run(
      `INSERT INTO sample SELECT id, severity FROM judged WHERE severity = ${s} ORDER BY id LIMIT ${REVIEW_SAMPLE}`,
    )
  const [reviews] = await duck.rows<{ n: number }>(
    `SELECT count(*) AS n FROM opinions WHERE source = 'analyst' AND verdict <> ''`,
  )
  if (reviews!.n > 0)
    await duck.run(
      `INSERT INTO labels SELECT j.id, j.severity, o.opinion, j.trunk, j.network, j.party_country, j.target_country, j.class, j.category
       FROM judged j JOIN (
         SELECT verdict, arg_max(opinion, ms) AS opinion FROM opinions WHERE source = 'analyst' AND verdict <> '' GROUP BY verdict
       ) o ON j.id = o.verdict`,
    )
}

/** Rows of the period's verdicts, as the files say of themselves. */
export async function countRows({
  duck,
  store,
  period,
  folder,
}: Pick<CollectOptions, 'duck' | 'store' | 'period' | 'folder'>): Promise<number> {
  const files = await listArchive(store, ['verdicts'])
  let rows = 0
  for (const name of files.of('verdicts', utcDaysOf(period))) {
    const path = await store.fetch(name, folder)
    const [row] = await duck.rows<{ n: number }>(
      `SELECT sum(num_rows) AS n FROM parquet_file_metadata(${sqlText(path)})`,
    )
    rows += row?.n ?? 0
  }
  return rows
}
