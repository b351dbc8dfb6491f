import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max'
import { isE164 } from './clean.ts'

/** What the numbering plans say of a number (libphonenumber's full metadata). */
export interface NumberFacts {
  /** The party is an E.164 number. */
  readonly isNumber: boolean
  /** It lies in a range that its numbering plan has assigned. */
  readonly valid: boolean
  readonly type: NumberType
  /** ISO 3166 country, `001` for a non-geographic code, empty when unknown. */
  readonly country: string
  /** What is wrong with a number that is not valid. */
  readonly fault?: NumberFault
}

/**
 * unassigned: of the right length, in no range that its plan has assigned. wrong-length: shorter or longer than any number of
 * its country. no-country: its country code is nobody's.
 */
export type NumberFault = 'unassigned' | 'wrong-length' | 'no-country'

export type NumberType =
  | 'fixed'
  | 'mobile'
  | 'fixed-or-mobile'
  | 'premium'
  | 'toll-free'
  | 'shared-cost'
  | 'voip'
  | 'personal'
  | 'pager'
  | 'uan'
  | 'voicemail'
  | 'unknown'

const typeNames: Readonly<Record<string, NumberType>> = {
  FIXED_LINE: 'fixed',
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'fixed-or-mobile',
  PREMIUM_RATE: 'premium',
  TOLL_FREE: 'toll-free',
  SHARED_COST: 'shared-cost',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'uan',
  VOICEMAIL: 'voicemail',
}

export const noNumber: NumberFacts = { isNumber: false, valid: false, type: 'unknown', country: '' }

/** Facts of an E.164 number as libphonenumber itself reads it: 10 µs, so the compiled plans are asked first. */
export function factsOf(e164: string): NumberFacts {
  if (e164.charCodeAt(0) !== 0x2b) return noNumber
  const parsed = parsePhoneNumberFromString(e164, { extract: false })
  if (parsed === undefined) {
    if (!isE164(e164)) return noNumber
    return { ...noNumber, isNumber: true, fault: countryCodeEnd(e164) === 0 ? 'no-country' : 'wrong-length' }
  }
  const country = parsed.country ?? (parsed.isNonGeographic() ? '001' : '')
  const type = typeNames[parsed.getType() ?? ''] ?? 'unknown'
  if (parsed.isValid()) return { isNumber: true, valid: true, type, country }
  return { isNumber: true, valid: false, type, country, fault: parsed.isPossible() ? 'unassigned' : 'wrong-length' }
}

/**
 * E.164 form of cleaned digits, undefined when no numbering plan reads them: national form of the default country, its
 * international prefix (00, 011, …), the country's own code without +, then any country's code without +.
 * @param digits as `digitsOf` gives them
 */
export function toE164(digits: string, country: CountryCode | undefined): string | undefined {
  const length = digits.length
  if (length < 3 || length > 32) return undefined
  if (digits.charCodeAt(0) === 0x2b)
    return international(digits) ?? (length > 16 ? tail(digits.slice(1), country) : undefined)
  if (country !== undefined) {
    const national = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false })
    if (national?.isValid()) return national.number
    const foreign = withPrefix(digits)
    if (foreign !== undefined) return foreign
    // An unassigned number of the right length is still a number: spoofed origins are made of them.
    if (national?.isPossible() && national.nationalNumber.length >= 7) return national.number
    return length > 15 ? tail(digits, country) : undefined
  }
  return withPrefix(digits)
}

/** `0033…`, `01133…` and `33…` read as +33…: only where a plan has assigned the result, since nothing else marks it. */
function withPrefix(digits: string): string | undefined {
  const rest = digits.startsWith('00') ? digits.slice(2) : digits.startsWith('011') ? digits.slice(3) : digits
  if (rest.length < 9) return undefined
  const parsed = parsePhoneNumberFromString(`+${rest}`, { extract: false })
  return parsed?.isValid() ? parsed.number : undefined
}

function international(digits: string): string | undefined {
  const parsed = parsePhoneNumberFromString(digits, { extract: false })
  if (parsed?.isPossible()) return parsed.number
  return isE164(digits) ? digits : undefined
}

/** A routing prefix longer than configured ones made it over 15 digits: the longest tail that the home country has assigned. */
function tail(digits: string, country: CountryCode | undefined): string | undefined {
  if (country === undefined) return undefined
  const code = getCountryCallingCode(country)
  for (let i = 1; i <= digits.length - 7; i++) {
    if (!digits.startsWith(code, i)) continue
    const parsed = parsePhoneNumberFromString(`+${digits.slice(i)}`, { extract: false })
    if (parsed?.isValid()) return parsed.number
  }
  return undefined
}

const callingCodes = new Set<string>([
  ...getCountries().map(country => getCountryCallingCode(country)),
  '800',
  '808',
  '870',
  '878',
  '881',
  '882',
  '883',
  '888',
  '979',
])

/** Whom a calling code of several countries is named after. */
const mainOfShared: readonly CountryCode[] = [
  'US',
  'RU',
  'GB',
  'IT',
  'NO',
  'FI',
  'AU',
  'MA',
  'FR',
  'RE',
  'GP',
  'SH',
  'CW',
]

/** The same by number: 33 for +33. No code is the beginning of another. */
const isCallingCode = new Uint8Array(1000)
for (const code of callingCodes) isCallingCode[Number(code)] = 1

/** How many characters of an E.164 number are + and country code; 0 when the code is unassigned. */
export function countryCodeEnd(e164: string): number {
  if (e164.charCodeAt(1) === 0x30) return 0
  let code = 0
  for (let i = 1; i <= 3 && i < e164.length; i++) {
    const digit = e164.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return 0
    code = code * 10 + digit
    if (isCallingCode[code] === 1) return i + 1
  }
  return 0
}

/** Main country of each calling code, by the code as a number: the first that libphonenumber lists, US for 1, RU for 7. */
const mainCountries: (string | undefined)[] = []
for (const country of [...mainOfShared, ...getCountries()])
  mainCountries[Number(getCountryCallingCode(country))] ??= country
for (const code of callingCodes) mainCountries[Number(code)] ??= 'other'

/**
 * Main country of a party's calling code, `none` for what is no number and `other` for codes of no country: a metric's
 * label, asked for with every verdict. Codes are prefix-free, so the first that is one is the one.
 */
export function callingCountry(party: string): string {
  if (party.charCodeAt(0) !== 0x2b) return 'none'
  let code = 0
  for (let at = 1; at <= 3; at++) {
    const digit = party.charCodeAt(at) - 0x30
    if (!(digit >= 0 && digit <= 9)) return 'none'
    code = code * 10 + digit
    const country = mainCountries[code]
    if (country !== undefined) return country
  }
  return 'none'
}

/**
 * How alike two numbers look to the one who is called: digits in common from the left after the country code, 0 between
 * countries. Neighbour spoofing shows as 5 or more of 9 or 10 (same exchange), see TransNexus on neighbour spoofing.
 * @param a E.164 number @param b E.164 number
 * @returns count of leading national digits that agree; the whole length when they are equal
 */
export function neighbourDigits(a: string, b: string): number {
  if (a.charCodeAt(0) !== 0x2b || b.charCodeAt(0) !== 0x2b) return 0
  const start = countryCodeEnd(a)
  let end = 1
  while (end < a.length && a.charCodeAt(end) === b.charCodeAt(end)) end++
  return start === 0 || end < start ? 0 : end - start
}
