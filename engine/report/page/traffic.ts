import { actions } from '../../activity/index.ts'
import { barChart, dailyChart, heatChart } from '../charts/index.ts'
import { type Share, type Study, SUPPRESSED } from '../model.ts'
import type { Speaker } from '../texts/index.ts'
import {
  type Block,
  type ColumnOf,
  chart,
  digits,
  type Figure,
  figures,
  heading,
  paragraph,
  type Section,
  table,
  words,
} from './blocks.ts'

type Named = (share: Share) => string

/** A breakdown as a table: events and spam where both mean something, the estimate where one was measured. */
export function shares(s: Speaker, head: string, rows: readonly Share[], name: Named, within = true): Block {
  const measured = rows.some(row => row.estimate !== undefined)
  const columns: ColumnOf<Share>[] = [words(head, unlessSuppressed(s, name))]
  if (within) columns.push(digits(s.say('events'), row => s.count(row.events)))
  columns.push(...spamColumns(s))
  if (within)
    columns.push(digits(s.say('shareWithin'), row => (row.events === 0 ? '–' : s.percent(row.spam / row.events, 2))))
  if (measured) columns.push(digits(s.say('estimated'), row => s.interval(row.estimate)))
  return table(rows, columns)
}

const unlessSuppressed =
  <Row extends { readonly name: string }>(s: Speaker, name: (row: Row) => string) =>
  (row: Row): string =>
    row.name === SUPPRESSED ? s.say('fewer') : name(row)

const spamColumns = (s: Speaker): ColumnOf<{ readonly spam: number; readonly share: number }>[] => [
  digits(s.say('spam'), ({ spam }) => s.count(spam)),
  digits(s.say('shareOfSpam'), ({ share }) => s.percent(share)),
]

function bars(s: Speaker, title: string, rows: readonly Share[], name: Named): Block {
  const label = unlessSuppressed(s, name)
  return chart(
    title,
    barChart(
      title,
      rows.slice(0, 10).map(row => ({
        label: label(row),
        value: row.spam,
        print: `${s.short(row.spam)} · ${s.percent(row.share)}`,
        ...(row.estimate === undefined ? {} : { low: row.estimate.low, high: row.estimate.high }),
      })),
    ),
  )
}

/** Events and spam among them; `print` says how exactly. */
export function volumeFigures(s: Speaker, volume: Study['volume'], print: (n: number) => string): Figure[] {
  return [
    { label: s.say('events'), value: print(volume.events), note: s.say('eventsNote') },
    {
      label: s.say('spam'),
      value: print(volume.spam),
      note: `${s.percent(volume.share, 2)} ${s.say('shareOfTraffic')}`,
    },
  ]
}

export function volumeSection(s: Speaker, { volume }: Study): Section {
  const { byDay, severities } = volume
  const days = byDay.map(({ day, events, spam }) => ({
    label: `${day.slice(8)}/${day.slice(5, 7)}`,
    spam,
    share: events === 0 ? 0 : spam / events,
  }))
  const points = (value: number) => s.number(value, 2)
  return {
    id: 'volume',
    title: s.say('volume'),
    blocks: [
      figures([
        ...volumeFigures(s, volume, s.count),
        {
          label: s.say('spamEstimate'),
          value: volume.estimate === undefined ? s.say('notMeasured') : s.count(volume.estimate.value),
          note:
            volume.estimate === undefined
              ? s.say('spamEstimateNote')
              : s.say('intervalOf', { low: s.count(volume.estimate.low), high: s.count(volume.estimate.high) }),
        },
        ...(volume.perThousandSubscribersMonth === undefined
          ? []
          : [
              {
                label: s.say('perThousand'),
                value: s.number(volume.perThousandSubscribersMonth.value, 1),
                note: s.say('range', {
                  low: s.number(volume.perThousandSubscribersMonth.low, 1),
                  high: s.number(volume.perThousandSubscribersMonth.high, 1),
                }),
              },
            ]),
        {
          label: s.say('trend'),
          value:
            volume.trend === undefined
              ? s.say('notMeasured')
              : s.say('trendValue', { value: points(volume.trend.value) }),
          note:
            volume.trend === undefined
              ? ''
              : s.say('range', { low: points(volume.trend.low), high: points(volume.trend.high) }),
        },
      ]),
      chart(
        s.say('volumeChart'),
        dailyChart({
          label: s.say('volumeChart'),
          days,
          spamLabel: s.say('spamPerDay'),
          shareLabel: s.say('sharePerDay'),
          count: s.short,
          percent: value => s.percent(value, 2),
        }),
      ),
      table(
        actions.map((action, i) => ({ action, events: severities[i]! })),
        [
          words(s.say('action'), ({ action }) => s.name('action', action)),
          digits(s.say('events'), ({ events }) => s.count(events)),
          digits(s.say('shareOfTraffic'), ({ events }) =>
            s.percent(volume.events === 0 ? 0 : events / volume.events, 2),
          ),
        ],
      ),
    ],
  }
}

export function typesSection(s: Speaker, { types, classes, categories }: Study): Section {
  const category = (share: Share) => {
    const says = categories.find(({ name }) => name === share.name)?.says
    return says === undefined ? share.name || s.say('none') : s.of(says)
  }
  return {
    id: 'types',
    title: s.say('types'),
    blocks: [
      paragraph(s.say('typesIntro')),
      shares(s, s.say('type'), types, ({ name }) => s.name('type', name)),
      shares(s, s.say('class'), classes, ({ name }) => s.name('class', name)),
      bars(s, s.say('categoriesChart'), categories, category),
      shares(s, s.say('category'), categories, category, false),
    ],
  }
}

export function featuresSection(s: Speaker, { features, jurisdiction, coverage }: Study): Section {
  const plain = ({ name }: Share) => name || s.say('none')
  const named = ({ name }: Share) => s.country(name)
  const country = ({ country }: { readonly country: string }) => s.country(country)
  const { concentration, outsideHours } = features
  const blocks: Block[] = [heading(s.say('routes'))]
  if (features.trunks.length > 0)
    blocks.push(
      bars(s, s.say('routesChart'), features.trunks, plain),
      shares(s, s.say('route'), features.trunks, plain),
    )
  if (features.networks.length > 0)
    blocks.push(heading(s.say('networks')), shares(s, s.say('network'), features.networks, plain))
  blocks.push(
    heading(s.say('originCountries')),
    shares(s, s.say('country'), features.originCountries, named),
    heading(s.say('targetCountries')),
    shares(s, s.say('country'), features.targetCountries, named),
    heading(s.say('sources')),
    table(features.ranges, [
      words(
        s.say('rangeOfNumbers'),
        unlessSuppressed(s, ({ name }) => name),
      ),
      words(s.say('country'), country),
      digits(s.say('sourceCount'), ({ sources }) => s.count(sources)),
      ...spamColumns(s),
    ]),
    heading(s.say('sourcesSingle')),
    table(features.sources, [
      words(
        s.say('source'),
        unlessSuppressed(s, ({ name }) => name),
      ),
      words(s.say('rangeOfNumbers'), ({ place }) => place),
      words(s.say('country'), country),
      ...spamColumns(s),
    ]),
    heading(s.say('concentration')),
    paragraph(
      s.say('concentrationValue', {
        sources: s.count(concentration.sources),
        half: s.count(concentration.forHalf),
        ten: s.percent(concentration.topTenShare),
        percent: s.percent(concentration.topPercentShare),
      }),
    ),
    heading(s.say('hours')),
    chart(
      s.say('hoursChart'),
      heatChart(
        s.say('hoursChart'),
        features.hours,
        ['0', '1', '2', '3', '4', '5', '6'].map(day => s.name('weekday', day)),
        s.count,
      ),
    ),
    paragraph(
      s.say('outsideHours', {
        commercial: s.count(outsideHours.commercial),
        calls: s.count(outsideHours.calls),
        hours: hoursInWords(s, jurisdiction.hours),
      }),
    ),
    heading(s.say('campaigns')),
    paragraph(s.say('campaignsTotal', { n: s.count(features.campaignTotal) })),
  )
  if (features.campaigns.length > 0)
    blocks.push(
      table(features.campaigns, [
        words(s.say('campaign'), ({ name }) => name),
        words(s.say('category'), ({ category }) => category),
        words(s.say('firstDay'), ({ firstDay }) => firstDay),
        digits(s.say('targets'), ({ targets }) => s.count(targets)),
        digits(s.say('spam'), ({ spam }) => s.count(spam)),
      ]),
    )
  if (features.languages.length > 0)
    blocks.push(
      heading(s.say('languages')),
      shares(s, s.say('language'), features.languages, ({ name }) => s.languageName(name), false),
    )
  if (coverage.rows === 0) blocks.length = Math.min(blocks.length, 1)
  return { id: 'features', title: s.say('features'), blocks }
}

/** `12345 10:00-13:00` in words: Mon–Fri 10:00–13:00. */
function hoursInWords(s: Speaker, hours: string): string {
  const [days = '', ...ranges] = hours.split(' ')
  const name = (digit: string) => s.name('weekday', String(Number(digit) - 1))
  const span = days.length < 2 ? name(days) : `${name(days[0]!)}–${name(days.at(-1)!)}`
  return `${span} ${ranges.map(range => range.replace('-', '–')).join(', ')}`
}
