import type { Duck } from '../archive/index.ts'
import type { Inputs } from './inputs.ts'
import type { Legal } from './jurisdiction.ts'
import type { Share, Study } from './model.ts'
import type { Period } from './period.ts'
import type { Domain } from './quality.ts'
import { spamOf, sum, type Tally, tallies } from './readout.ts'

interface FeatureOptions {
  readonly duck: Duck
  readonly share: (domain?: Domain) => (tally: Tally) => Share
  readonly inputs: Inputs
  readonly legal: Legal
  readonly period: Period
}

const DAY_MS = 86_400_000

/** The features of Resolution 52: major routes and sources, and when, in which campaigns and languages it comes. */
export async function featuresOf(options: FeatureOptions): Promise<Study['features']> {
  const { duck, share, inputs } = options
  const { top } = inputs.report
  const dimension = async (name: Domain) =>
    (await tallies(duck, 'places', 'value', `dimension = '${name}'`))
      .filter(({ counts }) => spamOf(counts) > 0)
      .slice(0, top)
      .map(share(name))
  return {
    trunks: await dimension('trunk'),
    networks: (await dimension('network')).filter(({ name }) => name !== ''),
    originCountries: await dimension('origin'),
    targetCountries: await dimension('target'),
    ranges: await rangesOf(options),
    sources: await sourcesOf(options),
    concentration: await concentrationOf(duck),
    ...(await hoursOf(options)),
    ...(await campaignsOf(options)),
    languages: (await tallies(duck, 'effects', 'language', `kind = 'message'`)).slice(0, top).map(share()),
  }
}

const found = (name: string, n: number): Tally => ({ name, counts: [0, n, 0, 0, 0] })

async function rangesOf({ duck, inputs, share }: FeatureOptions): Promise<Study['features']['ranges']> {
  const rows = await duck.rows<{ place: string; country: string; n: number; sources: number }>(
    `SELECT place, any_value(country) AS country, sum(n) AS n, count(DISTINCT party) AS sources FROM sources
     GROUP BY place ORDER BY n DESC, place LIMIT ${inputs.report.top}`,
  )
  return rows.map(({ place, country, n, sources }) => ({ ...share()(found(place, n)), country, sources }))
}

async function sourcesOf({ duck, inputs, share }: FeatureOptions): Promise<Study['features']['sources']> {
  const rows = await duck.rows<{ name: string; country: string; place: string; n: number }>(
    `SELECT lpad(to_hex(party), 16, '0') AS name, country, place, n FROM (
       SELECT party, any_value(country) AS country, any_value(place) AS place, sum(n) AS n FROM sources GROUP BY party)
     ORDER BY n DESC, party LIMIT ${inputs.report.top}`,
  )
  return rows.map(({ name, country, place, n }) => ({ ...share()(found(name, n)), country, place }))
}

async function concentrationOf(duck: Duck): Promise<Study['features']['concentration']> {
  const [row] = await duck.rows<{ sources: number; half: number | null; ten: number | null; percent: number | null }>(
    `WITH each AS (SELECT party, sum(n) AS n FROM sources GROUP BY party),
       ranked AS (SELECT n, row_number() OVER (ORDER BY n DESC, party) AS place, sum(n) OVER (ORDER BY n DESC, party) AS running,
         sum(n) OVER () AS total, count(*) OVER () AS sources FROM each)
     SELECT (SELECT count(*) FROM each) AS sources, min(place) FILTER (running >= total / 2) AS half,
       sum(n) FILTER (place <= 10) / any_value(total) AS ten,
       sum(n) FILTER (place <= greatest(1, sources // 100)) / any_value(total) AS percent FROM ranked`,
  )
  const { sources, half, ten, percent } = row!
  return { sources, forHalf: half ?? 0, topTenShare: ten ?? 0, topPercentShare: percent ?? 0 }
}

async function hoursOf({ duck, legal }: FeatureOptions): Promise<Pick<Study['features'], 'hours' | 'outsideHours'>> {
  const rows = await duck.rows<{ weekday: number; hour: number; n: number }>(
    // Day 0, 1 January 1970, was a Thursday; Monday is 0 here.
    'SELECT (day + 3) % 7 AS weekday, hour, sum(n) AS n FROM cells WHERE severity > 0 GROUP BY ALL',
  )
  const hours = Array.from({ length: 7 }, () => Array<number>(24).fill(0))
  for (const { weekday, hour, n } of rows) hours[weekday]![hour] = n
  const { natures } = legal.definitions
  const commercialNames = Object.keys(natures).filter(name => natures[name]?.commercial === true)
  const commercial = await duck.rows<{ weekday: number; hour: number; n: number }>(
    `SELECT (day + 3) % 7 AS weekday, hour, sum(n) AS n FROM cells
     WHERE severity > 0 AND kind = 'call.attempt' AND category IN (${["''", ...commercialNames.map(name => `'${name}'`)].join(', ')})
     GROUP BY ALL`,
  )
  const outside = commercial.filter(({ weekday, hour }) => !permitted(legal, weekday + 1, hour))
  return {
    hours,
    outsideHours: { calls: sum(outside.map(row => row.n)), commercial: sum(commercial.map(row => row.n)) },
  }
}

/** Whether commercial calls are allowed in a local hour; Monday is 1. */
export function permitted({ jurisdiction: { hours } }: Legal, weekday: number, hour: number): boolean {
  if (!hours.weekdays.includes(weekday)) return false
  return hours.ranges.some(range => hour >= Number(range.slice(0, 2)) && hour < Number(range.slice(6, 8)))
}

async function campaignsOf({
  duck,
  inputs,
}: FeatureOptions): Promise<Pick<Study['features'], 'campaigns' | 'campaignTotal'>> {
  const campaigns = await duck.rows<{ name: string; category: string; spam: number; targets: number; day: number }>(
    `SELECT campaign AS name, arg_max(category, n) AS category, sum(n) AS spam, max(targets) AS targets, min(day) AS day
     FROM campaigns GROUP BY campaign ORDER BY spam DESC, name LIMIT ${inputs.report.top}`,
  )
  const [total] = await duck.rows<{ n: number }>('SELECT count(DISTINCT campaign) AS n FROM campaigns')
  return {
    campaigns: campaigns.map(({ day, ...campaign }) => ({
      ...campaign,
      firstDay: new Date(day * DAY_MS).toISOString().slice(0, 10),
    })),
    campaignTotal: total!.n,
  }
}
