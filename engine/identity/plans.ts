import { Metadata } from 'libphonenumber-js/core'
import metadataJson from 'libphonenumber-js/max/metadata'
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
}

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
 * and takes 10 µs, this takes 0.5. It gives the library's answer or none: what no plan has assigned, what begins with a
 * national prefix and what belongs to no country is left to the library (held to it by a property test).
 */
export function createPlanReader(): PlanReader {
  const codes = metadataJson.country_calling_codes as Readonly<Record<string, readonly string[]>>
  // Plans are compiled when a number of theirs is first seen: most taps never see most countries.
  const plans = new Map<string, CodePlan>()
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

  function planOf(code: string): CodePlan | undefined {
    const compiled = plans.get(code)
    if (compiled !== undefined || codes[code] === undefined) return compiled
    const plan = compileCode(codes[code])
    plans.set(code, plan)
    return plan
  }

  return e164 => {
    for (let end = 2; end <= 4; end++) {
      const plan = planOf(e164.slice(1, end))
      if (plan === undefined) continue
      const national = e164.slice(end)
      if (plan.nationalPrefix?.test(national)) return undefined
      for (const one of plan.countries) {
        // Leading digits decide by themselves (libphonenumber-js METADATA.md), else the patterns of the types do.
        if (plan.countries.length > 1 && one.leadingDigits?.test(national) === false) continue
        const type = typeOf(one, national)
        if (type !== undefined) return factsOf(one.country, type)
        if (plan.countries.length === 1 || one.leadingDigits !== undefined) return undefined
      }
      return undefined
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
  return {
    nationalPrefix: prefix === undefined || prefix === '' ? undefined : new RegExp(`^(?:${prefix})`),
    countries: countries.map(country => {
      metadata.selectNumberingPlan(country)
      return compileCountry(country, metadata)
    }),
  }
}

function compileCountry(country: string, metadata: PlanMetadata): CountryPlan {
  const typePlan = (name: string, type: NumberType): TypePlan | undefined => {
    const given = metadata.type(name)
    const pattern = given?.pattern()
    if (given === undefined || pattern === undefined || pattern === '') return undefined
    return { type, pattern: whole(pattern), lengths: given.possibleLengths() }
  }
  const leading = metadata.leadingDigits()
  const mobile = typePlan('MOBILE', 'mobile')
  return {
    country,
    pattern: whole(metadata.nationalNumberPattern()),
    leadingDigits: leading === undefined || leading === '' ? undefined : new RegExp(`^(?:${leading})`),
    fixed: typePlan('FIXED_LINE', 'fixed'),
    mobile,
    fixedMayBeMobile: metadata.type('MOBILE') === undefined || metadata.type('MOBILE')?.pattern() === '',
    others: otherTypes.flatMap(([name, type]) => typePlan(name, type) ?? []),
  }
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`)
}
