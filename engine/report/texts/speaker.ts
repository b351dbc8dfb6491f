import type { BilingualText } from '../../activity/index.ts'
import type { Interval } from '../estimate.ts'
import type { Amount } from '../model.ts'
import { type Label, labels } from './labels.ts'

export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** Says texts, numbers and dates in one language. */
export interface Speaker {
  readonly language: Language
  say(label: Label, values?: Readonly<Record<string, string>>): string
  /** A label made of a group and a member, `action.block`; the member itself where there is none. */
  name(group: string, member: string): string
  of(text: BilingualText): string
  count(value: number): string
  /** Short: 1.2 M. */
  short(value: number): string
  percent(share: number, digits?: number): string
  money(value: number, currency: string): string
  number(value: number, digits?: number): string
  country(code: string): string
  languageName(code: string): string
  date(day: string): string
  interval(interval: Interval | undefined, print?: (value: number) => string): string
  between(amount: Amount, print: (value: number) => string): string
}

/** Espaces insécables before high punctuation, as French typography wants; a thin one inside numbers comes from Intl. */
function french(text: string): string {
  return text
    .replace(/ ([;:?!»%])/g, '\u00a0$1')
    .replace(/« /g, '«\u00a0')
    .replaceAll("'", '’')
}

/** A speaker for a language; the same text for the same values everywhere. */
export function speakerOf(language: Language): Speaker {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB'
  const set = (text: string) => (language === 'fr' ? french(text) : text)
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 })
  const regions = new Intl.DisplayNames([locale], { type: 'region' })
  const tongues = new Intl.DisplayNames([locale], { type: 'language' })
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' })
  const count = (value: number) => whole.format(value)
  const say: Speaker['say'] = (label, values = {}) =>
    set(labels[label][language]).replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
  const display = (names: Intl.DisplayNames, code: string) => {
    try {
      return names.of(code) ?? code
    } catch {
      return code
    }
  }
  return {
    language,
    say,
    name(group, member) {
      const key = `${group}.${member}`
      return key in labels ? say(key as Label) : member
    },
    of: text => set(text[language]),
    count,
    short: value => compact.format(value),
    percent: (share, digits = 1) =>
      new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }).format(share),
    money: (value, currency) =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0,
      }).format(value),
    number: (value, digits = 2) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
    country(code) {
      if (code === '') return say('unknown')
      return /^[A-Z]{2}$/.test(code) ? display(regions, code) : code
    },
    languageName: code => (code === '' ? say('notInspected') : display(tongues, code)),
    date: text => day.format(Date.parse(text)),
    interval: (interval, print = count) =>
      interval === undefined
        ? say('notMeasured')
        : `${print(interval.value)} (${say('range', { low: print(interval.low), high: print(interval.high) })})`,
    between: ({ low, mid, high }, print) => `${print(mid)} (${say('range', { low: print(low), high: print(high) })})`,
  }
}
