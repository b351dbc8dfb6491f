import { mkdirSync } from 'node:fs'
import type { BilingualText } from '../activity/index.ts'
import type { ArchiveStore, Duck } from '../archive/index.ts'
import { type Coverage, collect, countRows } from './collect.ts'
import { countDefinitions } from './definitions.ts'
import { effectOf, lossQuantities } from './effect.ts'
import { type Interval, scaled, weeklyTrend } from './estimate.ts'
import { featuresOf } from './features.ts'
import type { Inputs } from './inputs.ts'
import type { Legal } from './jurisdiction.ts'
import type { BySeverity, Share, Study } from './model.ts'
import { costOf, investmentOf, lossesOf } from './money.ts'
import { type Period, periodBefore } from './period.ts'
import { type Domain, type Estimator, measureQuality } from './quality.ts'
import { spamOf, sum, type Tally, tallies, totals } from './readout.ts'
import { recommend } from './recommend.ts'
import { daysOf, typesOf, withUnjudged } from './traffic.ts'

export interface StudyOptions {
  readonly duck: Duck
  readonly store: ArchiveStore
  /** Local folder for copies of remote files. */
  readonly folder: string
  readonly period: Period
  readonly inputs: Inputs
  readonly legal: Legal
  /** Texts of the packs' categories. */
  readonly categories: ReadonlyMap<string, BilingualText>
  readonly software: string
  readonly pseudonyms: { readonly fingerprint: string; readonly rotation: string }
  readonly progress: (done: number, total: number) => void
}

/** Targets from which on a campaign is bulk, where its category does not say so. */
const BULK_TARGETS = 20
/** Pairs that the sample for merging may hold, in expectation. */
const PAIR_SAMPLE = 1_000_000
const DAYS_OF_YEAR = 365.25
const DAYS_OF_MONTH = DAYS_OF_YEAR / 12

/** How many zero bits a pair's pseudonym must end in, so that about a million of so many events are kept. */
export function pairBitsFor(rows: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(1, rows) / PAIR_SAMPLE)))
}

/**
 * Makes the study of a period from the archive. A deterministic function of the archive's files, the inputs and the packs.
 * The tables it was made from stay in `duck` for the exchange file.
 */
export async function makeStudy(options: StudyOptions): Promise<Study> {
  const { duck, period, inputs, legal } = options
  mkdirSync(options.folder, { recursive: true })
  const pairBits = pairBitsFor(await countRows(options))
  const before = await readBefore(options, pairBits)
  const coverage = await collect({ ...options, bulkTargets: BULK_TARGETS, pairBits })
  const judged = await totals(duck, 'cells')
  const { counts, denominator } = await withUnjudged(duck, judged)
  const { quality, estimator } = await measureQuality(duck, counts)
  const events = sum(counts)
  const share = (domain?: Domain) => shareMaker(spamOf(counts), estimator, domain)
  const traffic = await typesOf(duck, denominator)
  const effect = await effectOf(duck, inputs)
  const cells = (expression: string) => tallies(duck, 'cells', expression)
  const estimate = estimator(counts)
  const monthly = (inputs.operator.subscribers / 1000) * (period.days.length / DAYS_OF_MONTH)
  const byDay = await daysOf(duck, period, denominator)
  const trend = weeklyTrend(byDay.map(day => (day.events === 0 ? 0 : (100 * day.spam) / day.events)))
  const categories = (await cells('category')).filter(({ counts }) => spamOf(counts) > 0)
  const volume = volumeOf(counts, estimate)
  const draft = {
    format: 1,
    software: options.software,
    operators: [inputs.operator.name],
    country: inputs.operator.country || legal.jurisdiction.country,
    currency: inputs.currency,
    subscribers: inputs.operator.subscribers,
    period: { from: period.from, to: period.to, timezone: period.timezone, days: period.days.length },
    jurisdiction: describeJurisdiction(legal),
    coverage: {
      denominator,
      ...describeCoverage(coverage),
      versions: await versionsOf(duck),
      pseudonyms: options.pseudonyms.fingerprint,
      rotation: options.pseudonyms.rotation,
    },
    volume: {
      ...volume,
      severities: counts,
      ...(estimate === undefined || inputs.operator.subscribers === 0
        ? {}
        : { perThousandSubscribersMonth: scaled(estimate, 1 / monthly) }),
      byDay,
      ...(trend === undefined ? {} : { trend }),
    },
    ...(before === undefined ? {} : { before }),
    types: traffic.map(share()),
    classes: (await cells('class')).filter(({ name }) => name !== '').map(share('class')),
    categories: categories.map(tally => {
      const says = options.categories.get(tally.name)
      return { ...share('category')(onlySpam(tally)), ...(says === undefined ? {} : { says }) }
    }),
    features: await featuresOf({ duck, share, inputs, legal, period }),
    effect,
    quality,
    definitions: await countDefinitions(duck, legal.definitions, events),
    investment: investmentOf(inputs),
    cost: await runningCost(duck, coverage, (events / period.days.length) * DAYS_OF_YEAR, inputs),
    losses: lossesOf(await lossQuantities(duck, effect), inputs),
    attention: Object.entries(inputs.attention).map(([name, range]) => ({ name, range })),
  } satisfies Omit<Study, 'recommendations'>
  return { ...draft, recommendations: recommend(draft) }
}

export type ShareMaker = (tally: Tally) => Share

function shareMaker(allSpam: number, estimator: Estimator, domain?: Domain): ShareMaker {
  return ({ name, counts }) => {
    const estimate = domain === undefined ? undefined : estimator(counts, [domain, name])
    const spam = spamOf(counts)
    return {
      name,
      events: sum(counts),
      spam,
      blocked: counts[4],
      share: allSpam === 0 ? 0 : spam / allSpam,
      ...(estimate === undefined ? {} : { estimate }),
    }
  }
}

/** A category is the finding's: events that were let through have none that counts. */
const onlySpam = ({ name, counts: [, ...found] }: Tally): Tally => ({ name, counts: [0, ...found] as BySeverity })

function volumeOf(counts: BySeverity, estimate: Interval | undefined) {
  const events = sum(counts)
  const spam = spamOf(counts)
  return {
    events,
    spam,
    share: events === 0 ? 0 : spam / events,
    ...(estimate === undefined || events === 0 ? {} : { estimate, shareEstimate: scaled(estimate, 1 / events) }),
  }
}

async function readBefore(options: StudyOptions, pairBits: number): Promise<Study['before']> {
  const { duck } = options
  const period = periodBefore(options.period)
  const quiet = { ...options, period, bulkTargets: BULK_TARGETS, pairBits, countsOnly: true, progress: () => {} }
  const coverage = await collect(quiet)
  if (coverage.rows === 0) return undefined
  const { counts } = await withUnjudged(duck, await totals(duck, 'cells'))
  const share = shareMaker(spamOf(counts), () => undefined)
  const categories = await tallies(duck, 'cells', 'category', 'severity > 0')
  return { ...volumeOf(counts, undefined), from: period.from, to: period.to, categories: categories.map(share) }
}

function describeJurisdiction({ jurisdiction }: Legal): Study['jurisdiction'] {
  const { labels, country, definition, consent, hours, content, retentionDays, references } = jurisdiction
  const weekdays = hours.weekdays.join('')
  return {
    name: labels,
    country,
    definition,
    consent,
    hours: `${weekdays} ${hours.ranges.join(' ')}`,
    content,
    retentionDays,
    references,
  }
}

function describeCoverage({ daysWithData, missingDays, files, rows, repeated }: Coverage) {
  return { daysWithData, missingDays, files, rows, repeated }
}

async function versionsOf(duck: Duck): Promise<Study['coverage']['versions']> {
  return duck.rows(
    `SELECT value AS pack, extra AS model, sum(n) AS events FROM places WHERE dimension = 'version'
     GROUP BY ALL ORDER BY events DESC, pack, model`,
  )
}

async function runningCost(
  duck: Duck,
  coverage: Coverage,
  eventsPerYear: number,
  inputs: Inputs,
): Promise<Study['cost']> {
  const [row] = await duck.rows<{ cpu: number; rss: number; events: number }>(
    `SELECT coalesce(sum(cpu_seconds), 0) AS cpu, coalesce(sum(rss_bytes), 0) AS rss, coalesce(sum(events), 0) AS events FROM cost`,
  )
  const { cpu, rss, events } = row!
  const measured = {
    cpuSeconds: cpu,
    rssBytes: rss,
    events,
    storageBytes: coverage.bytes,
    archivedEvents: coverage.rows,
  }
  return costOf(measured, eventsPerYear, inputs)
}
