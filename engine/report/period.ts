import { RingfenceError } from '../errors/index.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** A span of whole local days, end excluded. */
export interface Period {
  /** Local dates, `to` excluded. */
  readonly from: string
  readonly to: string
  readonly timezone: string
  readonly fromMs: number
  readonly toMs: number
  readonly days: readonly string[]
}

/** Offset of a time zone from UTC at a moment, in milliseconds. */
export function offsetMs(timezone: string, timeMs: number): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(timeMs)
  const part = (type: string) => Number(parts.find(each => each.type === type)?.value)
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return local - Math.floor(timeMs / 1000) * 1000
}

/** The moment of a local midnight. Where the clock skips it, the moment that the day begins. */
function midnight(day: string, timezone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`)
  const guess = utc - offsetMs(timezone, utc)
  return utc - offsetMs(timezone, guess)
}

/**
 * A period of whole days in a time zone.
 * @throws RingfenceError USAGE for what is no date, an end before the begin, or more than two years
 */
export function periodOf(from: string, to: string, timezone: string): Period {
  for (const [option, day] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(`${day}T00:00:00Z`)))
      throw new RingfenceError('USAGE', `${option}: '${day}' is not a day`, { hint: 'YYYY-MM-DD, --to excluded' })
  }
  const first = Date.parse(`${from}T00:00:00Z`)
  const count = Math.round((Date.parse(`${to}T00:00:00Z`) - first) / DAY_MS)
  if (count < 1 || count > 731)
    throw new RingfenceError('USAGE', `--from ${from} --to ${to}: must be 1 to 731 days`, {
      hint: '--to is the day after the last one',
    })
  const days = Array.from({ length: count }, (_, i) => new Date(first + i * DAY_MS).toISOString().slice(0, 10))
  return { from, to, timezone, fromMs: midnight(from, timezone), toMs: midnight(to, timezone), days }
}

export const spans = ['month', 'week', 'day'] as const
export type Span = (typeof spans)[number]

/** The last whole month, week (Monday to Sunday) or day before a moment, in a time zone. */
export function lastPeriod(span: Span, timezone: string, nowMs: number): Period {
  const today = Math.floor((nowMs + offsetMs(timezone, nowMs)) / DAY_MS)
  const text = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10)
  if (span === 'day') return periodOf(text(today - 1), text(today), timezone)
  if (span === 'week') {
    // Day 0, 1 January 1970, was a Thursday.
    const monday = today - ((today + 3) % 7)
    return periodOf(text(monday - 7), text(monday), timezone)
  }
  const first = `${text(today).slice(0, 7)}-01`
  return periodOf(`${text(Date.parse(first) / DAY_MS - 1).slice(0, 7)}-01`, first, timezone)
}

/** As many days right before. */
export function periodBefore({ from, days, timezone }: Period): Period {
  const first = Date.parse(`${from}T00:00:00Z`) - days.length * DAY_MS
  return periodOf(new Date(first).toISOString().slice(0, 10), from, timezone)
}

/** UTC days that hold the period, for finding files. */
export function utcDaysOf({ fromMs, toMs }: Pick<Period, 'fromMs' | 'toMs'>): readonly string[] {
  const days: string[] = []
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < toMs; day++)
    days.push(new Date(day * DAY_MS).toISOString().slice(0, 10))
  return days
}

/**
 * SQL of the local time in milliseconds of an expression that is UTC milliseconds: the offsets of the period are constants,
 * so that no time zone tables are asked for each of a hundred million rows.
 */
export function localSql(expression: string, { timezone, fromMs, toMs }: Period): string {
  let sql = ''
  let offset = offsetMs(timezone, fromMs)
  for (let hour = fromMs; hour < toMs; hour += HOUR_MS) {
    const next = offsetMs(timezone, hour)
    if (next === offset) continue
    sql += ` WHEN ${expression} < ${hour} THEN ${offset}`
    offset = next
  }
  return sql === '' ? `(${expression} + ${offset})` : `(${expression} + CASE${sql} ELSE ${offset} END)`
}
