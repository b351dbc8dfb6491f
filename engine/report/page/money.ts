import { actions } from '../../activity/index.ts'
import { barChart } from '../charts/index.ts'
import { ASSUMED, type Range } from '../inputs.ts'
import type { Amount, InvestmentItem, Study } from '../model.ts'
import type { Speaker } from '../texts/index.ts'
import {
  type Block,
  type ColumnOf,
  chart,
  digits,
  figures,
  heading,
  paragraph,
  type Section,
  table,
  words,
} from './blocks.ts'

const GIB = 2 ** 30

export function effectSection(s: Speaker, { effect }: Study): Section {
  const found = effect.byAction.slice(1)
  const all = found.reduce((sum, n) => sum + n, 0)
  const actionNames = actions.slice(1).map(action => s.name('action', action))
  const minutes = (value: number) => s.count(value)
  return {
    id: 'effect',
    title: s.say('effect'),
    blocks: [
      figures([
        {
          label: s.say('stopped'),
          value: s.count(effect.byAction[3] + effect.byAction[4]),
          note: s.say('ofSpamFound'),
        },
        {
          label: s.say('answeredCalls'),
          value: s.count(effect.answered),
          note: effect.calls === 0 ? '' : s.percent(effect.answered / effect.calls),
        },
        { label: s.say('talkMinutes'), value: s.count(effect.talkMinutes) },
        {
          label: s.say('attention'),
          value: minutes(effect.attentionMinutes.mid),
          note: `${s.say('range', { low: minutes(effect.attentionMinutes.low), high: minutes(effect.attentionMinutes.high) })} – ${s.say('attentionNote')}`,
        },
        { label: s.say('reachedCard'), value: s.count(effect.reached) },
        {
          label: s.say('complaints'),
          value: s.count(effect.complaints),
          note: s.say('complainants', { n: s.count(effect.complainants) }),
        },
      ]),
      chart(
        s.say('effectChart'),
        barChart(
          s.say('effectChart'),
          found.map((n, i) => ({
            label: actionNames[i]!,
            value: n,
            print: `${s.short(n)} · ${s.percent(all === 0 ? 0 : n / all)}`,
          })),
        ),
      ),
      ...(effect.complaintsBySource.length === 0
        ? []
        : [
            table(effect.complaintsBySource, [
              words(s.say('complaintsBySource'), ({ source }) => s.name('source', source)),
              digits(s.say('complaints'), ({ n }) => s.count(n)),
            ]),
          ]),
    ],
  }
}

export function qualitySection(s: Speaker, { quality }: Study): Section {
  const percent = (value: number) => s.percent(value, 2)
  return {
    id: 'quality',
    title: s.say('quality'),
    blocks: [
      paragraph(s.say('qualityIntro', { n: s.count(400) })),
      figures([
        { label: s.say('precision'), value: s.interval(quality.precision, percent), note: s.say('precisionNote') },
        { label: s.say('recall'), value: s.interval(quality.recall, percent), note: s.say('recallNote') },
        { label: s.say('falseBlocks'), value: s.interval(quality.falseBlocks), note: s.say('falseBlocksNote') },
        {
          label: s.say('appeals'),
          value: s.count(quality.appeals),
          note: s.say('appealsNote', { n: s.count(quality.upheld) }),
        },
      ]),
      table(quality.strata, [
        words(s.say('action'), ({ severity }) => s.name('action', actions[severity]!)),
        digits(s.say('events'), ({ events }) => s.count(events)),
        digits(s.say('reviewed'), ({ reviewed }) => s.count(reviewed)),
        digits(s.say('reviewedSpam'), ({ spam }) => s.count(spam)),
        digits(s.say('share'), ({ share }) => s.interval(share, percent)),
      ]),
    ],
  }
}

export function moneySection(s: Speaker, study: Study): Section {
  const { investment, cost, losses, currency, attention } = study
  const money = (value: number) => s.money(value, currency)
  const byteSize = (value: number) => `${s.number(value / 2 ** 20, 1)} ${s.language === 'fr' ? 'Mio' : 'MiB'}`
  const ranges = [...losses.lines.flatMap(line => line.assumptions), ...attention, ...cost.prices]
  return {
    id: 'money',
    title: s.say('money'),
    blocks: [
      heading(s.say('investmentMade')),
      investmentTable(s, investment.made, investment.madeTotal, money),
      heading(s.say('investmentPlanned')),
      investmentTable(s, investment.planned, investment.plannedTotal, money),
      heading(s.say('cost')),
      cost.measured
        ? figures([
            { label: s.say('cpu'), value: `${s.number(cost.cpuSecondsPerMillion, 1)} s` },
            {
              label: s.say('memory'),
              value: `${s.number(cost.rssBytes / GIB, 2)} ${s.language === 'fr' ? 'Gio' : 'GiB'}`,
            },
            { label: s.say('storage'), value: byteSize(cost.storageBytesPerMillion) },
            { label: s.say('perMillion'), value: s.between(cost.perMillion, money) },
            { label: s.say('perYear'), value: s.between(cost.perYear, money) },
          ])
        : paragraph(s.say('costNotMeasured')),
      heading(s.say('loss')),
      paragraph(s.say('lossIntro')),
      chart(
        s.say('lossChart'),
        barChart(
          s.say('lossChart'),
          losses.lines.map(({ name, low, mid, high }) => ({
            label: s.name('loss', name),
            value: mid,
            low,
            high,
            print: money(mid),
          })),
        ),
      ),
      lossTable(s, losses, money),
      heading(s.say('assumptions')),
      assumptionTable(s, ranges),
    ],
  }
}

/** A range as three columns. */
const amounts = (s: Speaker, print: (value: number) => string): ColumnOf<Amount>[] =>
  (['low', 'mid', 'high'] as const).map(end => digits(s.say(end), amount => print(amount[end])))

function lossTable(s: Speaker, { lines, total }: Study['losses'], money: (value: number) => string): Block {
  const rows = lines.map(({ name, quantity, assumptions, ...amount }) => ({
    ...amount,
    loss: s.name('loss', name),
    measured: `${s.count(quantity)} ${s.name('quantity', name)}`,
    assumed: assumptions.map(each => s.name('assume', each.name)).join(' × '),
  }))
  return table(
    [...rows, { ...total, loss: s.say('total'), measured: '', assumed: '' }],
    [
      words('', ({ loss }) => loss),
      digits(s.say('measured'), ({ measured }) => measured),
      words(s.say('assumptions'), ({ assumed }) => assumed),
      ...amounts(s, money),
    ],
  )
}

function investmentTable(
  s: Speaker,
  items: readonly InvestmentItem[],
  total: Amount,
  money: (value: number) => string,
): Block {
  if (items.length === 0) return paragraph(s.say('noInvestment'))
  const rows = items.map(({ item, ...row }) => ({ ...row, name: s.of(item) }))
  return table(
    [...rows, { ...total, name: s.say('total'), source: '' }],
    [
      words(s.say('item'), ({ name }) => name),
      words(s.say('provenance'), ({ source }) => source),
      ...amounts(s, money),
    ],
  )
}

function assumptionTable(s: Speaker, ranges: readonly { readonly name: string; readonly range: Range }[]): Block {
  return table(
    ranges.map(({ name, range }) => ({ ...range, name })),
    [
      words(s.say('assumption'), ({ name }) => s.name('assume', name)),
      ...amounts(s, value => s.number(value, 4)),
      words(s.say('provenance'), ({ source }) => (source === ASSUMED ? s.say('assumed') : source)),
    ],
  )
}
