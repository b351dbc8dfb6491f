import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max'
import { RingfenceError } from '../errors/index.ts'
import { createCache } from './cache.ts'
import { digitsOf, isE164, parameterOf, unescapeUser, withoutParameters } from './clean.ts'
import { createFactsMemory } from './facts-memory.ts'
import { countryCodeEnd, factsOf, type NumberFacts, noNumber, toE164 } from './numbers.ts'
import { createPlanReader } from './plans.ts'
import type { IdentityOptions } from './schema.ts'

/** Turns what signalling says of a user into a party, and a party's number into facts. Deterministic. */
export interface Identity {
  /**
   * Party of a telephone number as dialled or signalled (`0033 1…`, `+33…`, national with the default country,
   * `tel:` URIs, with `;npdi;rn=` and the like). What no plan reads (short codes, alphanumeric senders) is kept as written.
   */
  ofNumber(raw: string): string
  /**
   * Party of a SIP, SIPS or XMPP URI's user and host: the number where the user looks like one (or `user=phone` says so),
   * else `user@host` with the host in lower case. A `tel:` URI has no host: pass ''.
   */
  ofUser(user: string, host: string, isPhone?: boolean): string
  /** Facts of a party's number, remembered. */
  numberFacts(party: string): NumberFacts
}

/** A party is at most this long (engine/activity's schema). */
const MAX_PARTY = 256
/** Fewer digits than this is an extension or a short code: it means something only within its host. */
const SHORTEST_NUMBER = 7

/**
 * An identity resolver over libphonenumber's full metadata.
 * @throws RingfenceError CONFIG_INVALID when the default country is not one
 */
export function createIdentity(options: Partial<IdentityOptions> = {}): Identity {
  const country = countryOf(options.defaultCountry)
  const prefixes = options.portabilityPrefixes ?? []
  const capacity = options.cacheSize ?? 200_000
  // A hostile sender chooses what is cached: both are bounded.
  const numbers = createCache<string>(capacity)
  const assigned = createPlanReader()
  // What the plans leave to the library.
  const others = createFactsMemory(capacity, factsOf)

  function resolve(raw: string): string {
    let text = unescapeUser(raw.trim())
    if (text.slice(0, 4).toLowerCase() === 'tel:') text = text.slice(4)
    const context = parameterOf(text, 'phone-context')
    const name = withoutParameters(text).trim()
    let digits = digitsOf(withoutPrefix(name, prefixes))
    if (digits === '') return opaque(name === '' ? text : name)
    // RFC 3966 §5.1.4: a local number is global once its context is put before it.
    if (context.startsWith('+') && digits.charCodeAt(0) !== 0x2b) digits = digitsOf(context) + digits
    let party = toE164(digits, country) ?? opaque(digits)
    // A trunk 0 left after the country code comes off one at a time; a party read again must be itself.
    for (let i = 0; i < 16 && party.charCodeAt(0) === 0x2b && !isSettled(party); i++) {
      const again = toE164(party, country) ?? party
      if (again === party) break
      party = again
    }
    return party
  }

  function ofNumber(raw: string): string {
    if (isSettled(raw)) return raw
    const known = numbers.get(raw)
    if (known !== undefined) return known
    const party = resolve(raw)
    if (raw.length <= MAX_PARTY) numbers.set(raw, party)
    return party
  }

  return {
    ofNumber,
    ofUser(user, host, isPhone = false) {
      if (isE164(user)) return ofNumber(user)
      if (host === '') return ofNumber(user)
      if (isPhone || looksLikeNumber(user)) {
        const party = ofNumber(user)
        if (party.charCodeAt(0) === 0x2b) return party
      }
      const name = withoutPassword(withoutParameters(unescapeUser(user)))
      return opaque(name === '' ? host.toLowerCase() : `${name}@${host.toLowerCase()}`)
    },
    numberFacts(party) {
      return party.charCodeAt(0) === 0x2b ? (assigned(party) ?? others.of(party)) : noNumber
    },
  }
}

/** Already E.164: nothing to read, unless a national 0 was left after the country code (+33 0 1…). */
function isSettled(text: string): boolean {
  return isE164(text) && text.charCodeAt(countryCodeEnd(text)) !== 0x30
}

function countryOf(text: string | undefined): CountryCode | undefined {
  if (text === undefined || text === '') return undefined
  if (isSupportedCountry(text)) return text
  throw new RingfenceError('CONFIG_INVALID', `identity.defaultCountry: "${text}" is not an ISO 3166 country code`, {
    hint: 'two capital letters, such as FR, US, SN',
  })
}

/** Digits and separators only, enough of them, before any parameter: no letters, so `bob7654321` stays a name. */
function looksLikeNumber(user: string): boolean {
  let digits = 0
  for (let i = 0; i < user.length; i++) {
    const code = user.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39) digits++
    else if (code === 0x3b) break
    else if (code > 0x39 || (code === 0x2b && i > 0)) return looksEscaped(user)
  }
  return digits >= SHORTEST_NUMBER || (digits > 0 && user.includes('%') && looksEscaped(user))
}

function looksEscaped(user: string): boolean {
  if (!user.includes('%')) return false
  const plain = unescapeUser(user)
  return !plain.includes('%') && looksLikeNumber(plain)
}

function withoutPrefix(digits: string, prefixes: readonly string[]): string {
  for (const prefix of prefixes) {
    if (digits.startsWith(prefix) && digits.length - prefix.length >= SHORTEST_NUMBER)
      return digits.slice(prefix.length)
    if (digits.startsWith(`+${prefix}`) && digits.length - prefix.length > SHORTEST_NUMBER)
      return `+${digits.slice(prefix.length + 1)}`
  }
  return digits
}

function withoutPassword(user: string): string {
  const colon = user.indexOf(':')
  return colon === -1 ? user : user.slice(0, colon)
}

function opaque(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return 'anonymous'
  return trimmed.length > MAX_PARTY ? trimmed.slice(0, MAX_PARTY) : trimmed
}
