import { Metadata } from 'libphonenumber-js/core'
import metadataJson from 'libphonenumber-js/max/metadata'
import { digitsRead } from './lookahead.ts'
import type { NumberFacts, NumberType } from './numbers.ts'

/** What of libphonenumber-js's metadata class is read here; its own types leave these methods out. */
interface PlanMetadata {
  selectNumberingPlan(country: string): void
  nationalNumberPattern(): string
  nationalPrefixForParsing(): string | undefined
  leadingDigits(): string | undefined
  type(name: string): { pattern(): string; possibleLengths(): readonly number[] | undefined } | undefined
}

/** Numbers of one type, by pattern and length. */
interface TypePlan {
  readonly type: NumberType
  readonly pattern: RegExp
  /** Undefined: any length that the pattern takes. */
  readonly lengths: readonly number[] | undefined
}

interface CountryPlan {
  readonly country: string
  readonly pattern: RegExp
  readonly leadingDigits: RegExp | undefined
  readonly fixed: TypePlan | undefined
  readonly mobile: TypePlan | undefined
  /** Of fixed numbers: the plan gives mobile ones the same pattern, or none of their own. */
  readonly fixedMayBeMobile: boolean
  /** Mobile first, then as libphonenumber asks for them. */
  readonly others: readonly TypePlan[]
}

interface CodePlan {
  readonly countries: readonly CountryPlan[]
  /** What people dial before a national number: a number that begins so is left to the library, which may cut it off. */
  readonly nationalPrefix: RegExp | undefined
  /** So many leading digits and the length decide what the plan says of a number. */
  readonly decisive: number
  /** What it said, by those: `head * LENGTHS + length`. */
  readonly answers: Map<number, NumberFacts | typeof NOTHING>
}

const NOTHING = null
const LENGTHS = 16
/** More leading digits than this make no key of 31 bits. */
const MOST_DECISIVE = 8
/** A hostile sender chooses the numbers: answers are forgotten at so many a plan. */
const MOST_ANSWERS = 16_384

const otherTypes = [
  ['MOBILE', 'mobile'],
  ['PREMIUM_RATE', 'premium'],
  ['TOLL_FREE', 'toll-free'],
  ['SHARED_COST', 'shared-cost'],
  ['VOIP', 'voip'],
  ['PERSONAL_NUMBER', 'personal'],
  ['PAGER', 'pager'],
  ['UAN', 'uan'],
  ['VOICEMAIL', 'voicemail'],
] as const satisfies readonly (readonly [string, NumberType])[]

/** Reads an assigned E.164 number; undefined for what only libphonenumber itself can tell. */
export type PlanReader = (e164: string) => NumberFacts | undefined

/**
 * The numbering plans of libphonenumber, compiled once: the library makes every regular expression anew for every number
 * and takes 10 µs, this takes 0.5, and a tenth of that once it has answered for a number that begins alike. It gives the
 * library's answer or none: what no plan has assigned, what begins with a national prefix and what belongs to no country is
 * left to the library (held to it by a property test).
 */
export function createPlanReader(): PlanReader {
  const codes = metadataJson.country_calling_codes as Readonly<Record<string, readonly string[]>>
  // Plans are compiled when a number of theirs is first seen: most taps never see most countries.
  const plans: (CodePlan | typeof NOTHING | undefined)[] = new Array(1_110).fill(undefined)
  const known = new Map<string, NumberFacts>()

  function factsOf(country: string, type: NumberType): NumberFacts {
    const key = `${country}/${type}`
    let facts = known.get(key)
    if (facts === undefined) {
      facts = { isNumber: true, valid: true, type, country }
      known.set(key, facts)
    }
    return facts
  }

  /** Plan of a country code of so many digits. */
  function planOf(code: number, digits: number): CodePlan | typeof NOTHING {
    // 0–9, then 00–99, then 000–999.
    const place = code + (digits === 1 ? 0 : digits === 2 ? 10 : 110)
    let plan = plans[place]
    if (plan === undefined) {
      const countries = codes[String(code).padStart(digits, '0')]
      plan = countries === undefined ? NOTHING : compileCode(countries)
      plans[place] = plan
    }
    return plan
  }

  function ask({ countries, nationalPrefix }: CodePlan, national: string): NumberFacts | undefined {
    if (nationalPrefix?.test(national)) return undefined
    for (const one of countries) {
      // Leading digits decide by themselves (libphonenumber-js METADATA.md), else the patterns of the types do.
      if (countries.length > 1 && one.leadingDigits?.test(national) === false) continue
      const type = typeOf(one, national)
      if (type !== undefined) return factsOf(one.country, type)
      if (countries.length === 1 || one.leadingDigits !== undefined) return undefined
    }
    return undefined
  }

  /** The same, asked once for all numbers that are alike to the plan. */
  function recall(plan: CodePlan, e164: string, start: number): NumberFacts | undefined {
    const { decisive, answers } = plan
    const length = e164.length - start
    if (length >= LENGTHS || decisive > MOST_DECISIVE) return ask(plan, e164.slice(start))
    let head = 0
    for (let i = 0; i < length; i++) {
      const digit = e164.charCodeAt(start + i) - 0x30
      if (digit < 0 || digit > 9) return undefined
      if (i < decisive) head = head * 10 + digit
    }
    const key = head * LENGTHS + length
    const known = answers.get(key)
    if (known !== undefined) return known ?? undefined
    if (answers.size >= MOST_ANSWERS) answers.clear()
    const found = ask(plan, e164.slice(start))
    answers.set(key, found ?? NOTHING)
    return found
  }

  return e164 => {
    let code = 0
    for (let digits = 1; digits <= 3 && digits < e164.length; digits++) {
      const digit = e164.charCodeAt(digits) - 0x30
      if (digit < 0 || digit > 9) return undefined
      code = code * 10 + digit
      const plan = planOf(code, digits)
      if (plan !== NOTHING) return recall(plan, e164, digits + 1)
    }
    return undefined
  }
}

function typeOf(plan: CountryPlan, national: string): NumberType | undefined {
  if (!plan.pattern.test(national)) return undefined
  if (isOf(plan.fixed, national))
    return plan.fixedMayBeMobile || isOf(plan.mobile, national) ? 'fixed-or-mobile' : 'fixed'
  for (const other of plan.others) if (isOf(other, national)) return other.type
  return undefined
}

function isOf(plan: TypePlan | undefined, national: string): boolean {
  return plan !== undefined && plan.lengths?.includes(national.length) !== false && plan.pattern.test(national)
}

function compileCode(countries: readonly string[]): CodePlan {
  const metadata = new Metadata(metadataJson) as unknown as PlanMetadata
  metadata.selectNumberingPlan(countries[0]!)
  const prefix = metadata.nationalPrefixForParsing()
  const compiled = countries.map(country => {
    metadata.selectNumberingPlan(country)
    return compileCountry(country, metadata)
  })
  return {
    nationalPrefix: prefix === undefined || prefix === '' ? undefined : new RegExp(`^(?:${prefix})`),
    countries: compiled.map(({ plan }) => plan),
    decisive: Math.max(...[prefix ?? '', ...compiled.flatMap(({ patterns }) => patterns)].map(digitsRead)),
    answers: new Map(),
  }
}

/** The plan of a country, and every pattern in it. */
function compileCountry(
  country: string,
  metadata: PlanMetadata,
): { readonly plan: CountryPlan; readonly patterns: readonly string[] } {
  const national = metadata.nationalNumberPattern()
  const leading = metadata.leadingDigits() ?? ''
  const patterns = [national, leading]
  const typePlan = (name: string, type: NumberType): TypePlan | undefined => {
    const given = metadata.type(name)
    const pattern = given?.pattern()
    if (given === undefined || pattern === undefined || pattern === '') return undefined
    patterns.push(pattern)
    return { type, pattern: whole(pattern), lengths: given.possibleLengths() }
  }
  const mobile = typePlan('MOBILE', 'mobile')
  const plan = {
    country,
    pattern: whole(national),
    leadingDigits: leading === '' ? undefined : new RegExp(`^(?:${leading})`),
    fixed: typePlan('FIXED_LINE', 'fixed'),
    mobile,
    fixedMayBeMobile: metadata.type('MOBILE') === undefined || metadata.type('MOBILE')?.pattern() === '',
    others: otherTypes.flatMap(([name, type]) => typePlan(name, type) ?? []),
  }
  return { plan, patterns }
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}
