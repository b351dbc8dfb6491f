import type { Share, Study } from './model.ts'

export type Value = string | number | null

/** A table of the study for other programs: column names in no human language, values unformatted. */
export interface DataTable {
  readonly name: string
  readonly columns: Readonly<Record<string, 'VARCHAR' | 'BIGINT' | 'DOUBLE'>>
  readonly rows: readonly (readonly Value[])[]
}

const shareColumns = {
  name: 'VARCHAR',
  events: 'BIGINT',
  spam: 'BIGINT',
  blocked: 'BIGINT',
  share: 'DOUBLE',
  estimate: 'DOUBLE',
  estimate_low: 'DOUBLE',
  estimate_high: 'DOUBLE',
} as const

function shareRow({ name, events, spam, blocked, share, estimate }: Share): Value[] {
  return [name, events, spam, blocked, share, estimate?.value ?? null, estimate?.low ?? null, estimate?.high ?? null]
}

/** All tables of a study. */
export function tablesOf(study: Study): readonly DataTable[] {
  const { features, volume, quality, investment, losses, cost, attention } = study
  const breakdown = (name: string, shares: readonly Share[]): DataTable => ({
    name,
    columns: shareColumns,
    rows: shares.map(shareRow),
  })
  const ranges = [...losses.lines.flatMap(line => line.assumptions), ...attention, ...cost.prices]
  return [
    {
      name: 'volume_by_day',
      columns: { day: 'VARCHAR', events: 'BIGINT', spam: 'BIGINT' },
      rows: volume.byDay.map(({ day, events, spam }) => [day, events, spam]),
    },
    breakdown('types', study.types),
    breakdown('classes', study.classes),
    breakdown('categories', study.categories),
    breakdown('routes', features.trunks),
    breakdown('networks', features.networks),
    breakdown('origin_countries', features.originCountries),
    breakdown('target_countries', features.targetCountries),
    breakdown('languages', features.languages),
    {
      name: 'source_ranges',
      columns: { range: 'VARCHAR', country: 'VARCHAR', sources: 'BIGINT', spam: 'BIGINT', share: 'DOUBLE' },
      rows: features.ranges.map(({ name, country, sources, spam, share }) => [name, country, sources, spam, share]),
    },
    {
      name: 'sources',
      columns: { pseudonym: 'VARCHAR', range: 'VARCHAR', country: 'VARCHAR', spam: 'BIGINT', share: 'DOUBLE' },
      rows: features.sources.map(({ name, place, country, spam, share }) => [name, place, country, spam, share]),
    },
    {
      name: 'hours',
      columns: { weekday: 'BIGINT', hour: 'BIGINT', spam: 'BIGINT' },
      rows: features.hours.flatMap((row, day) => row.map((spam, hour) => [day + 1, hour, spam])),
    },
    {
      name: 'campaigns',
      columns: { campaign: 'VARCHAR', category: 'VARCHAR', first_day: 'VARCHAR', targets: 'BIGINT', spam: 'BIGINT' },
      rows: features.campaigns.map(({ name, category, firstDay, targets, spam }) => [
        name,
        category,
        firstDay,
        targets,
        spam,
      ]),
    },
    {
      name: 'quality',
      columns: {
        severity: 'BIGINT',
        events: 'BIGINT',
        reviewed: 'BIGINT',
        spam: 'BIGINT',
        share: 'DOUBLE',
        low: 'DOUBLE',
        high: 'DOUBLE',
      },
      rows: quality.strata.map(({ severity, events, reviewed, spam, share }) => [
        severity,
        events,
        reviewed,
        spam,
        share?.value ?? null,
        share?.low ?? null,
        share?.high ?? null,
      ]),
    },
    {
      name: 'definitions',
      columns: {
        definition: 'VARCHAR',
        spam: 'BIGINT',
        share: 'DOUBLE',
        impersonal: 'BIGINT',
        single: 'BIGINT',
        not_commercial: 'BIGINT',
        nobody_objected: 'BIGINT',
      },
      rows: study.definitions.map(({ name, spam, share, left }) => [
        name,
        spam,
        share,
        left.impersonal,
        left.single,
        left['not-commercial'],
        left['nobody-objected'],
      ]),
    },
    {
      name: 'investment',
      columns: {
        status: 'VARCHAR',
        item: 'VARCHAR',
        kind: 'VARCHAR',
        low: 'DOUBLE',
        mid: 'DOUBLE',
        high: 'DOUBLE',
        source: 'VARCHAR',
      },
      rows: (['made', 'planned'] as const).flatMap(status =>
        investment[status].map(({ item, kind, low, mid, high, source }) => [
          status,
          item.en,
          kind,
          low,
          mid,
          high,
          source,
        ]),
      ),
    },
    {
      name: 'losses',
      columns: { line: 'VARCHAR', quantity: 'DOUBLE', low: 'DOUBLE', mid: 'DOUBLE', high: 'DOUBLE' },
      rows: losses.lines.map(({ name, quantity, low, mid, high }) => [name, quantity, low, mid, high]),
    },
    {
      name: 'assumptions',
      columns: { name: 'VARCHAR', low: 'DOUBLE', mid: 'DOUBLE', high: 'DOUBLE', source: 'VARCHAR' },
      rows: ranges.map(({ name, range }) => [name, range.low, range.mid, range.high, range.source]),
    },
  ]
}

/** RFC 4180, with a leading apostrophe where a spreadsheet would take a text for a formula. */
export function csvOf({ columns, rows }: DataTable): string {
  const cell = (value: Value): string => {
    if (value === null) return ''
    if (typeof value === 'number') return String(value)
    // A range begins with + and digits: no spreadsheet computes with that.
    const plain = /^[=@\t\r]|^[+-](?![0-9]+x*$)/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
  }
  return [Object.keys(columns), ...rows].map(row => `${row.map(cell).join(',')}\r\n`).join('')
}
