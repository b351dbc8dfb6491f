import * as asn1 from 'asn1js'
import { Failure } from './reasons.ts'

/** OID of the TNAuthList extension (RFC 8226 §9) and of JWT claim constraints (RFC 8226 §8, enhanced by RFC 9118 §4). */
export const TN_AUTH_LIST = '1.3.6.1.5.5.7.1.26'
export const CLAIM_CONSTRAINTS = '1.3.6.1.5.5.7.1.27'
export const ENHANCED_CLAIM_CONSTRAINTS = '1.3.6.1.5.5.7.1.33'

/** For whom a certificate may speak (RFC 8226 §9): service providers by code, numbers, ranges of numbers. */
export interface TnAuthList {
  readonly providers: readonly string[]
  readonly numbers: readonly string[]
  /** From the first number on, so many numbers of the same length. */
  readonly ranges: readonly { readonly start: string; readonly count: number }[]
}

const MAX_ENTRIES = 10_000

/**
 * Reads the extension's value: SEQUENCE OF CHOICE { [0] spc, [1] range, [2] one }, explicit tags.
 * @throws Failure certificate-malformed
 */
export function readTnAuthList(der: ArrayBuffer): TnAuthList {
  const providers: string[] = []
  const numbers: string[] = []
  const ranges: { start: string; count: number }[] = []
  const entries = sequenceOf(der)
  if (entries.length === 0 || entries.length > MAX_ENTRIES) throw bad('entries')
  for (const entry of entries) {
    const inner = entry instanceof asn1.Constructed ? entry.valueBlock.value[0] : undefined
    if (inner === undefined || entry.idBlock.tagClass !== 3) throw bad('entry')
    if (entry.idBlock.tagNumber === 0) providers.push(textOf(inner))
    else if (entry.idBlock.tagNumber === 2) numbers.push(numberOf(inner))
    else if (entry.idBlock.tagNumber === 1) {
      const [start, count] = inner instanceof asn1.Sequence ? inner.valueBlock.value : []
      if (!(count instanceof asn1.Integer)) throw bad('range')
      const size = Number(count.toBigInt())
      if (!Number.isSafeInteger(size) || size < 2) throw bad('range')
      ranges.push({ start: numberOf(start), count: size })
    } else throw bad('entry')
  }
  return { providers, numbers, ranges }
}

/**
 * May it speak for this caller? A list of numbers must hold the number; a provider's code covers what that provider has
 * assigned, which no certificate says: its attestation vouches for that (RFC 8588 §4).
 * @param digits of the canonical number, empty for a caller without one
 */
export function covers(list: TnAuthList, digits: string): boolean {
  if (list.providers.length > 0) return true
  if (digits === '') return false
  return list.numbers.includes(digits) || list.ranges.some(range => inRange(range, digits))
}

function inRange({ start, count }: { start: string; count: number }, digits: string): boolean {
  if (digits.length !== start.length || !/^\d+$/.test(start + digits)) return false
  const offset = BigInt(digits) - BigInt(start)
  return offset >= 0n && offset < BigInt(count)
}

/** What a certificate demands of the tokens it signs. */
export interface ClaimConstraints {
  readonly mustInclude: readonly string[]
  readonly mustExclude: readonly string[]
  readonly permitted: readonly { readonly claim: string; readonly values: readonly string[] }[]
}

/**
 * Reads JWTClaimConstraints or EnhancedJWTClaimConstraints: SEQUENCE { [0] mustInclude, [1] permittedValues, [2] mustExclude },
 * all optional, explicit tags.
 * @throws Failure certificate-malformed
 */
export function readClaimConstraints(der: ArrayBuffer): ClaimConstraints {
  let mustInclude: string[] = []
  let mustExclude: string[] = []
  const permitted: { claim: string; values: string[] }[] = []
  for (const field of sequenceOf(der)) {
    const inner = field instanceof asn1.Constructed ? field.valueBlock.value[0] : undefined
    if (!(inner instanceof asn1.Sequence) || field.idBlock.tagClass !== 3) throw bad('claim constraints')
    const items = inner.valueBlock.value
    if (field.idBlock.tagNumber === 0) mustInclude = items.map(textOf)
    else if (field.idBlock.tagNumber === 2) mustExclude = items.map(textOf)
    else
      for (const item of items) {
        const [claim, values] = item instanceof asn1.Sequence ? item.valueBlock.value : []
        if (!(values instanceof asn1.Sequence)) throw bad('claim constraints')
        permitted.push({ claim: textOf(claim), values: values.valueBlock.value.map(textOf) })
      }
  }
  return { mustInclude, mustExclude, permitted }
}

/** Do the claims keep to the constraints? Claims that every PASSporT has (iat, orig, dest) are never excluded. */
export function keepsTo(constraints: ClaimConstraints, claims: Readonly<Record<string, unknown>>): boolean {
  if (constraints.mustInclude.some(claim => claims[claim] === undefined)) return false
  if (constraints.mustExclude.some(claim => claims[claim] !== undefined)) return false
  return constraints.permitted.every(({ claim, values }) => {
    const value = claims[claim]
    return value === undefined || values.includes(typeof value === 'string' ? value : JSON.stringify(value))
  })
}

function sequenceOf(der: ArrayBuffer): readonly asn1.AsnType[] {
  const { offset, result } = asn1.fromBER(der)
  if (offset === -1 || !(result instanceof asn1.Sequence)) throw bad('sequence')
  return result.valueBlock.value
}

function textOf(block: asn1.AsnType | undefined): string {
  if (block instanceof asn1.IA5String || block instanceof asn1.Utf8String) return block.getValue()
  throw bad('text')
}

function numberOf(block: asn1.AsnType | undefined): string {
  const number = textOf(block)
  if (!/^[0-9#*]{1,15}$/.test(number)) throw bad('number')
  return number
}

function bad(what: string): Failure {
  return new Failure('certificate-malformed', `TNAuthList: ${what}`)
}
