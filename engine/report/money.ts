import type { Inputs, Range } from './inputs.ts'
import type { Amount, InvestmentItem, LossLine, Study } from './model.ts'

/** Product of a measured quantity and assumptions, end by end: low takes every low. */
export function product(quantity: number, ranges: readonly Range[]): Amount {
  const times = (end: 'low' | 'mid' | 'high') => ranges.reduce((value, range) => value * range[end], quantity)
  return { low: times('low'), mid: times('mid'), high: times('high') }
}

export function total(amounts: readonly Amount[]): Amount {
  const add = (end: keyof Amount) => amounts.reduce((value, amount) => value + amount[end], 0)
  return { low: add('low'), mid: add('mid'), high: add('high') }
}

/** Investment as the inputs say; kinds as Resolution 52, considering d, lists them. */
export function investmentOf({ investment }: Inputs): Study['investment'] {
  const items = (list: Inputs['investment']['made']): InvestmentItem[] =>
    list.map(({ item, kind, low, mid, high, source }) => ({ item, kind: kind ?? '', low, mid, high, source }))
  const made = items(investment.made)
  const planned = items(investment.planned)
  return { made, planned, madeTotal: total(made), plannedTotal: total(planned) }
}

/** What the traffic of the period says that money is lost on. */
export interface LossQuantities {
  /** Talk minutes of spam calls that got through. */
  readonly spamMinutes: number
  readonly bypassMinutes: number
  /** Minutes to premium or high-cost numbers for fraud's sake. */
  readonly premiumMinutes: number
  readonly complainants: number
  readonly complaints: number
}

/** The loss-of-revenue model: five lines, each a measured quantity times assumptions that are printed beside it. */
export function lossesOf(quantities: LossQuantities, { losses }: Inputs): Study['losses'] {
  const line = (name: LossLine['name'], quantity: number, names: readonly (keyof Inputs['losses'])[]): LossLine => ({
    name,
    quantity,
    assumptions: names.map(each => ({ name: each, range: losses[each] })),
    ...product(
      quantity,
      names.map(each => losses[each]),
    ),
  })
  const lines = [
    line('termination', quantities.spamMinutes, ['terminationPerMinute', 'disputedShare']),
    line('bypass', quantities.bypassMinutes, ['bypassPerMinute']),
    line('premium', quantities.premiumMinutes, ['premiumPerMinute', 'premiumUnrecovered']),
    line('churn', quantities.complainants, ['churnPerComplainant', 'revenuePerSubscriberMonth', 'churnMonths']),
    line('care', quantities.complaints, ['contactsPerComplaint', 'costPerContact']),
  ]
  return { lines, total: total(lines) }
}

export interface MeasuredCost {
  readonly cpuSeconds: number
  readonly rssBytes: number
  /** Events that this CPU time was spent on. */
  readonly events: number
  readonly storageBytes: number
  readonly archivedEvents: number
}

const GIB = 2 ** 30
const HOURS_OF_YEAR = 8766

/** What the product itself costs to run: measured use times prices. */
export function costOf(measured: MeasuredCost, eventsPerYear: number, { prices }: Inputs): Study['cost'] {
  const million = 1e6
  const cpuSecondsPerMillion = measured.events === 0 ? 0 : (measured.cpuSeconds / measured.events) * million
  const storageBytesPerMillion =
    measured.archivedEvents === 0 ? 0 : (measured.storageBytes / measured.archivedEvents) * million
  const cpu = product(cpuSecondsPerMillion / 3600, [prices.cpuCoreHour])
  const storage = product((storageBytesPerMillion / GIB) * 12, [prices.storageGibMonth])
  const perMillion = total([cpu, storage])
  const memory = product((measured.rssBytes / GIB) * HOURS_OF_YEAR, [prices.memoryGibHour])
  const traffic = product(eventsPerYear / million, [{ ...perMillion, source: '' }])
  return {
    measured: measured.events > 0,
    cpuSecondsPerMillion,
    rssBytes: measured.rssBytes,
    storageBytesPerMillion,
    perMillion,
    perYear: total([traffic, memory]),
    prices: (['cpuCoreHour', 'memoryGibHour', 'storageGibMonth'] as const).map(name => ({ name, range: prices[name] })),
  }
}
