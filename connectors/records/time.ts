const LATEST_MS = 253_402_300_799_999 // 9999-12-31T23:59:59.999Z

/**
 * Time of a record in milliseconds since the epoch, NaN when it is none.
 * Takes ISO 8601 (`2026-03-01T12:00:00.250Z`, with an offset, or without a zone: UTC), the same with `.` or `/` between
 * the parts of the date and a space before the time (`1970.01.08 12:23:00`, also `1970.1.8 9:05`), and the epoch in seconds or milliseconds
 * (digits: below 10^11 they are seconds). Written out by hand: Date.parse is three times slower and takes nearly anything.
 */
export function parseTime(text: string): number {
  const dated = text.length >= 8 && isDigit(text, 3) && !isDigit(text, 4)
  return dated ? parseCalendar(text) : parseEpoch(text)
}

function parseEpoch(text: string): number {
  if (text.length === 0 || text.length > 20) return Number.NaN
  for (let i = 0; i < text.length; i++) {
    if (!isDigit(text, i) && text.charCodeAt(i) !== 46) return Number.NaN
  }
  const value = Number(text)
  const timeMs = value < 1e11 ? Math.round(value * 1000) : Math.round(value)
  return timeMs <= LATEST_MS ? timeMs : Number.NaN
}

function parseCalendar(text: string): number {
  const separator = text.charCodeAt(4)
  if (separator !== 45 && separator !== 46 && separator !== 47) return Number.NaN
  // Feeds write `2011.2.8` as well as `2011.02.08`.
  const monthEnd = isDigit(text, 6) ? 7 : 6
  const dayEnd = isDigit(text, monthEnd + 2) ? monthEnd + 3 : monthEnd + 2
  const year = digits(text, 0, 4)
  const month = digits(text, 5, monthEnd)
  const day = digits(text, monthEnd + 1, dayEnd)
  if (text.charCodeAt(monthEnd) !== separator) return Number.NaN
  // A part that is not digits is NaN, and so is every comparison with it: this lets only sound parts through.
  // Day 0, which real handset exports write for the last day of the month before, is left to Date.UTC.
  if (!(year >= 1970 && month >= 1 && month <= 12 && day >= 0 && day <= daysIn(year, month))) return Number.NaN
  const midnight = Date.UTC(year, month - 1, day)
  if (midnight < 0) return Number.NaN
  if (text.length === dayEnd) return midnight
  const between = text.charCodeAt(dayEnd)
  if (between !== 84 && between !== 116 && between !== 32) return Number.NaN
  return midnight + parseClock(text, dayEnd + 1)
}

/** `12:23`, `12:23:00`, `12:23:00.250`, each with or without a zone: milliseconds from midnight UTC. */
function parseClock(text: string, start: number): number {
  const hourEnd = isDigit(text, start + 1) ? start + 2 : start + 1
  const hour = digits(text, start, hourEnd)
  const minute = digits(text, hourEnd + 1, hourEnd + 3)
  if (text.charCodeAt(hourEnd) !== 58 || !(hour <= 23) || !(minute <= 59)) return Number.NaN
  let at = hourEnd + 3
  let second = 0
  if (text.charCodeAt(at) === 58) {
    second = digits(text, at + 1, at + 3)
    if (!(second <= 60)) return Number.NaN
    at += 3
  }
  let fractionMs = 0
  if (text.charCodeAt(at) === 46 || text.charCodeAt(at) === 44) {
    let unit = 100
    const from = ++at
    for (; isDigit(text, at); at++) {
      fractionMs += (text.charCodeAt(at) - 48) * unit
      unit /= 10
    }
    if (at === from) return Number.NaN
  }
  return (hour * 3600 + minute * 60 + second) * 1000 + Math.floor(fractionMs) - zoneMs(text, at)
}

/** Offset from UTC of `Z`, `+01:00`, `+0100`, `+01`; nothing is UTC; NaN for anything else. */
function zoneMs(text: string, at: number): number {
  if (at === text.length) return 0
  const sign = text.charCodeAt(at)
  if ((sign === 90 || sign === 122) && at + 1 === text.length) return 0
  if (sign !== 43 && sign !== 45) return Number.NaN
  const rest = text.length - at - 1
  const hour = digits(text, at + 1, at + 3)
  const minute = rest === 2 ? 0 : digits(text, text.length - 2, text.length)
  if ((rest !== 2 && rest !== 4 && !(rest === 5 && text.charCodeAt(at + 3) === 58)) || !(hour <= 14) || !(minute <= 59))
    return Number.NaN
  return (sign === 43 ? 1 : -1) * (hour * 60 + minute) * 60_000
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The number that the digits `text[start, end)` write, NaN when there is anything else. */
function digits(text: string, start: number, end: number): number {
  let value = 0
  for (let i = start; i < end; i++) {
    if (!isDigit(text, i)) return Number.NaN
    value = value * 10 + text.charCodeAt(i) - 48
  }
  return value
}

function isDigit(text: string, i: number): boolean {
  const code = text.charCodeAt(i)
  return code >= 48 && code <= 57
}
