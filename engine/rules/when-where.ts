import { type ActivityFact, activityFacts, type Frame } from './vocabulary.ts'

/** When a rule applies: hours and weekdays in a time zone. */
export interface Schedule {
  /** Minutes of the day; `from > to` runs over midnight. */
  readonly fromMinute: number
  readonly toMinute: number
  /** 0 Sunday … 6 Saturday. */
  readonly weekdays: readonly number[]
  readonly timezone: string
}

/** Where a rule applies: patterns (`*` at the end) on fields of the route, prefixes of the parties. All must hold. */
export interface Scope {
  readonly tap?: readonly string[]
  readonly site?: readonly string[]
  readonly trunk?: readonly string[]
  readonly peer?: readonly string[]
  readonly tenant?: readonly string[]
  /** Prefixes of the origin's party. */
  readonly prefix?: readonly string[]
  /** Prefixes of the target's party. */
  readonly toPrefix?: readonly string[]
}

export const scopeFields = ['tap', 'site', 'trunk', 'peer', 'tenant', 'prefix', 'toPrefix'] as const
export const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 15 * MINUTE_MS
const DAY_MINUTES = 1_440

/** Local time of a zone: minutes since Sunday 00:00, for an instant. */
export type LocalClock = (timeMs: number) => number

/**
 * Intl costs some 2 µs a call; offsets of zones change on quarter hours of UTC only, so one answer serves fifteen minutes.
 * @throws RangeError when the zone is unknown
 */
export function localClock(timezone: string): LocalClock {
  const known = clocks.get(timezone)
  if (known !== undefined) return known
  const clock = createClock(timezone)
  clocks.set(timezone, clock)
  return clock
}

/** Clocks are made once: a formatter takes a millisecond to make, and every reload makes judges. */
const clocks = new Map<string, LocalClock>()

function createClock(timezone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  })
  let quarter = Number.NaN
  let minutesAtQuarter = 0
  return timeMs => {
    const current = Math.floor(timeMs / QUARTER_HOUR_MS)
    if (current !== quarter) {
      quarter = current
      const parts = format.formatToParts(current * QUARTER_HOUR_MS)
      const part = (type: string) => parts.find(candidate => candidate.type === type)?.value ?? ''
      const weekday = weekdayNames.indexOf(part('weekday').toLowerCase() as (typeof weekdayNames)[number])
      minutesAtQuarter = weekday * DAY_MINUTES + Number(part('hour')) * 60 + Number(part('minute'))
    }
    return minutesAtQuarter + Math.floor((timeMs - quarter * QUARTER_HOUR_MS) / MINUTE_MS)
  }
}

/** A test of the time of a record. Over midnight the weekday is that of the evening before. */
export function compileSchedule(schedule: Schedule): (frame: Frame) => boolean {
  const clock = localClock(schedule.timezone)
  const { fromMinute, toMinute, weekdays } = schedule
  return frame => {
    const local = clock(frame.activity.time)
    const minute = local % DAY_MINUTES
    const weekday = Math.floor(local / DAY_MINUTES) % 7
    if (fromMinute <= toMinute) return minute >= fromMinute && minute < toMinute && weekdays.includes(weekday)
    if (minute >= fromMinute) return weekdays.includes(weekday)
    return minute < toMinute && weekdays.includes((weekday + 6) % 7)
  }
}

/** A test of the route and the parties of a record. */
export function compileScope(scope: Scope): (frame: Frame) => boolean {
  const tests: ((frame: Frame) => boolean)[] = []
  for (const field of scopeFields) {
    const patterns = scope[field]
    if (patterns === undefined) continue
    const read = readers[field]
    const prefixes = field === 'prefix' || field === 'toPrefix'
    tests.push(frame => patterns.some(pattern => matches(pattern, read(frame), prefixes)))
  }
  return frame => tests.every(test => test(frame))
}

const fact = (name: string) => (activityFacts[name] as ActivityFact).read as (frame: Frame) => string

const readers: Readonly<Record<(typeof scopeFields)[number], (frame: Frame) => string>> = {
  tap: fact('tap'),
  site: fact('site'),
  trunk: fact('trunk'),
  peer: fact('peer'),
  tenant: fact('tenant'),
  prefix: fact('from'),
  toPrefix: fact('to'),
}

function matches(pattern: string, value: string, prefixes: boolean): boolean {
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1))
  return prefixes ? value.startsWith(pattern) : value === pattern
}
