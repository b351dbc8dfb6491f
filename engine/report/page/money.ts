import { barChart } from '../charts/index.ts'
import { ASSUMED, type Range } from '../inputs.ts'
import type { Amount, InvestmentItem, Study } from '../model.ts'
import type { Speaker } from '../texts/index.ts'
import { type Block, chart, digits, figures, heading, paragraph, type Section, table, words } from './blocks.ts'

const GIB = 2 ** 30

export function effectSection(s: Speaker, { effect }: Study): Section {
  const found = effect.byAction.slice(1)
  const all = found.reduce((sum, n) => sum + n, 0)
  const actionNames = (['flag', 'challenge', 'divert', 'block'] as const).map(action => s.name('action', action))
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
            table(
              [words(s.say('complaintsBySource')), digits(s.say('complaints'))],
              effect.complaintsBySource.map(({ source, n }) => [s.name('source', source), s.count(n)]),
            ),
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
      table(
        [
          words(s.say('action')),
          digits(s.say('events')),
          digits(s.say('reviewed')),
          digits(s.say('reviewedSpam')),
          digits(s.say('share')),
        ],
        quality.strata.map(({ severity, events, reviewed, spam, share }) => [
          s.name('action', ['allow', 'flag', 'challenge', 'divert', 'block'][severity]!),
          s.count(events),
          s.count(reviewed),
          s.count(spam),
          s.interval(share, percent),
        ]),
      ),
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
      ...investmentTable(s, investment.made, investment.madeTotal, money),
      heading(s.say('investmentPlanned')),
      ...investmentTable(s, investment.planned, investment.plannedTotal, money),
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
      table(
        [
          words(''),
          digits(s.say('measured')),
          words(s.say('assumptions')),
          digits(s.say('low')),
          digits(s.say('mid')),
          digits(s.say('high')),
        ],
        [
          ...losses.lines.map(({ name, quantity, assumptions, low, mid, high }) => [
            s.name('loss', name),
            `${s.count(quantity)} ${s.name('quantity', name)}`,
            assumptions.map(each => s.name('assume', each.name)).join(' × '),
            money(low),
            money(mid),
            money(high),
          ]),
          [s.say('total'), '', '', money(losses.total.low), money(losses.total.mid), money(losses.total.high)],
        ],
      ),
      heading(s.say('assumptions')),
      assumptionTable(s, ranges),
    ],
  }
}

function investmentTable(
  s: Speaker,
  items: readonly InvestmentItem[],
  total: Amount,
  money: (value: number) => string,
): Block[] {
  if (items.length === 0) return [paragraph(s.say('noInvestment'))]
  return [
    table(
      [
        words(s.say('item')),
        words(s.say('provenance')),
        digits(s.say('low')),
        digits(s.say('mid')),
        digits(s.say('high')),
      ],
      [
        ...items.map(({ item, source, low, mid, high }) => [s.of(item), source, money(low), money(mid), money(high)]),
        [s.say('total'), '', money(total.low), money(total.mid), money(total.high)],
      ],
    ),
  ]
}

function assumptionTable(s: Speaker, ranges: readonly { readonly name: string; readonly range: Range }[]): Block {
  return table(
    [
      words(s.say('assumption')),
      digits(s.say('low')),
      digits(s.say('mid')),
      digits(s.say('high')),
      words(s.say('provenance')),
    ],
    ranges.map(({ name, range }) => [
      s.name('assume', name),
      s.number(range.low, 4),
      s.number(range.mid, 4),
      s.number(range.high, 4),
      range.source === ASSUMED ? s.say('assumed') : range.source,
    ]),
  )
}
