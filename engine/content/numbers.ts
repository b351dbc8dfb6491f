import { characterClasses, isLetter } from './characters.ts'
import type { Span } from './links.ts'

const CURRENCY =
  /^(?:usd|eur|gbp|cny|rmb|jpy|inr|rub|try|thb|sgd|idr|myr|aud|cad|chf|sar|aed|egp|kzt|btc|usdt|tl|lira|rp|rb|ribu|jt|juta|rs|rm|k|dollars?|euros?|pounds?|quid|bucks|yuan|руб|рублей|тенге|баht|บาท|ริงกิต|ريال|درهم|جنيه|元|块|塊|円|원|won)/iu
const SIGNS = '$€£¥₹₽฿₺₩₫₪﹩＄￥￡'
const LETTERS_BEFORE = /(?:rp|rs|rm|usd|eur|gbp|tl|s\$|us\$|hk\$|aed|sar|inr|cny|rmb)\.?\s?$/i

export interface NumberScan {
  phones: number
  amounts: number
  /** Numbers of 4 to 8 digits that stand alone: candidates for a one-time password. */
  codes: number
  scan(text: string, links: readonly Span[]): void
}

/** Sorts the numbers of a text, outside links, into telephone numbers, sums of money and codes. */
export function createNumberScan(): NumberScan {
  const result: NumberScan = { phones: 0, amounts: 0, codes: 0, scan }
  return result

  function scan(text: string, links: readonly Span[]): void {
    result.phones = 0
    result.amounts = 0
    result.codes = 0
    let link = 0
    for (let i = 0; i < text.length; i++) {
      const span = links[link]
      if (span !== undefined && i >= span.start) {
        i = Math.max(i, span.end)
        link++
      }
      if (!isDigit(text.charCodeAt(i))) continue
      i = readNumber(text, i)
    }
  }

  /** Reads the number that begins at `start`; the place of its last character. */
  function readNumber(text: string, start: number): number {
    let digits = 0
    let last = start
    let groups = 1
    let points = 0
    // Points and commas since the last digit: part of the number only if another follows.
    let pending = 0
    for (let i = start; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (isDigit(unit)) {
        digits++
        if (i > last + 1) {
          groups++
          points += pending
        }
        pending = 0
        last = i
      } else if (!isSeparator(unit) || i - last > 2) break
      else if (unit === 0x2e || unit === 0x2c) pending++
    }
    if (isMoney(text, start, last)) result.amounts++
    else if (points === 0) countNumber(text, start, last, digits, groups)
    return last
  }

  /** A run of digits without points is a telephone number, a one-time code, either, or neither. */
  function countNumber(text: string, start: number, last: number, digits: number, groups: number): void {
    if (digits >= 7 && digits <= 15) {
      result.phones++
      // Seven or eight digits in one run may be a code as well.
      const international = start > 0 && text.charCodeAt(start - 1) === 0x2b
      if (digits <= 8 && groups === 1 && !international) result.codes++
    } else if (digits >= 4 && digits <= 8 && groups <= 2 && !isLetterUnit(text, last + 1)) result.codes++
  }
}

function isMoney(text: string, start: number, last: number): boolean {
  let i = start - 1
  if (i >= 0 && text[i] === ' ') i--
  if (i >= 0 && SIGNS.includes(text[i]!)) return true
  let next = last + 1
  if (text[next] === ' ') next++
  if (next >= text.length && i < 0) return false
  if (next < text.length && SIGNS.includes(text[next]!)) return true
  if (isLetterUnit(text, next) && CURRENCY.test(text.slice(next, next + 8))) return true
  return i >= 0 && isLetterUnit(text, i) && LETTERS_BEFORE.test(text.slice(Math.max(0, start - 5), start))
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

/** What may stand inside a number: space, dash, brackets, point, comma. */
function isSeparator(unit: number): boolean {
  return (
    unit === 0x20 || unit === 0x2d || unit === 0x28 || unit === 0x29 || unit === 0x2e || unit === 0x2c || unit === 0xa0
  )
}

function isLetterUnit(text: string, i: number): boolean {
  return i < text.length && isLetter(characterClasses()[text.charCodeAt(i)]!)
}
