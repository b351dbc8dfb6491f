import { Failure } from './reasons.ts'

/** A PASSporT as it came in an Identity header, decoded and not yet believed. */
export interface Token {
  /** The signed text, `header.payload.signature`; of a compact form it is put together once orig and dest are known. */
  readonly compact: string
  readonly isCompactForm: boolean
  readonly signature: string
  readonly x5u: string
  /** `shaken`, `div`, `msg`, …; empty for the baseline PASSporT. */
  readonly extension: string
  readonly claims: Claims
}

/** One party as claims write it: a telephone number or a URI. */
export interface Named {
  readonly tn?: string
  readonly uri?: string
}

export interface Claims {
  /** Seconds since the epoch; undefined in a compact form, which takes it from Date. */
  readonly iat: number | undefined
  readonly orig: Named
  readonly dest: readonly Named[]
  /** Who diverted (RFC 8946 §3). */
  readonly div: Named | undefined
  readonly attest: 'A' | 'B' | 'C' | undefined
  readonly origid: string | undefined
  /** Digest of the message (RFC 9475 §3.2). */
  readonly msgi: string | undefined
  readonly all: Readonly<Record<string, unknown>>
}

/** An Identity header longer than this is not read; a token with a chain of names is some 700 characters. */
const MAX_HEADER = 8192
const BASE64URL = /^[A-Za-z0-9_-]*$/
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * Reads the value of one Identity header (RFC 8224 §4): `token;info=<uri>;alg=ES256;ppt="shaken"`, token in full or compact
 * form (RFC 8225 §7).
 * @throws Failure malformed, unsupported-algorithm, x5u-mismatch
 */
export function readIdentity(value: string): Token {
  if (value.length > MAX_HEADER) throw new Failure('malformed', 'too long')
  const [digest = '', ...parameters] = splitParameters(value)
  const named = new Map(parameters.map(readParameter))
  const info = /^<([^<>\s"]+)>$/.exec(named.get('info') ?? '')?.[1]
  if (info === undefined) throw new Failure('malformed', 'no info')
  const algorithm = unquoted(named.get('alg') ?? 'ES256')
  if (algorithm !== 'ES256') throw new Failure('unsupported-algorithm')
  const extension = unquoted(named.get('ppt') ?? '')
  const parts = digest.split('.')
  const [head = '', payload = '', signature = ''] = parts
  if (parts.length !== 3 || !parts.every(part => BASE64URL.test(part)) || signature === '')
    throw new Failure('malformed', 'not a token of three parts')
  if (head === '' && payload === '') return compactForm(signature, info, extension)
  return fullForm({ digest, head, payload, signature, info, extension })
}

/** RFC 8225 §7: what can be read from the call is left out; only the baseline claims can be. */
function compactForm(signature: string, info: string, extension: string): Token {
  if (extension !== '') throw new Failure('malformed', `ppt=${extension} needs the full form`)
  const nothing = { attest: undefined, origid: undefined, div: undefined, msgi: undefined, iat: undefined }
  const claims: Claims = { ...nothing, orig: {}, dest: [], all: {} }
  return { compact: '', isCompactForm: true, signature, x5u: info, extension, claims }
}

interface Pieces {
  readonly digest: string
  readonly head: string
  readonly payload: string
  readonly signature: string
  readonly info: string
  readonly extension: string
}

function fullForm({ digest, head, payload, signature, info, extension }: Pieces): Token {
  const header = objectOf(head)
  // RFC 8225 §4.1: typ is "passport"; the algorithm is read here and once more by the library that verifies.
  if (header.alg !== 'ES256') throw new Failure('unsupported-algorithm')
  if (typeof header.typ !== 'string' || header.typ.toLowerCase() !== 'passport') throw new Failure('malformed', 'typ')
  if (typeof header.x5u !== 'string') throw new Failure('malformed', 'x5u')
  if (header.x5u !== info) throw new Failure('x5u-mismatch')
  const ppt = header.ppt ?? ''
  if (typeof ppt !== 'string' || (extension !== '' && extension !== ppt)) throw new Failure('malformed', 'ppt')
  const claims = claimsOf(objectOf(payload))
  if (ppt === 'shaken' && (claims.attest === undefined || claims.origid === undefined))
    throw new Failure('malformed', 'shaken needs attest and origid')
  if (ppt === 'div' && claims.div === undefined) throw new Failure('malformed', 'div without who diverted')
  return { compact: digest, isCompactForm: false, signature, x5u: info, extension: ppt, claims }
}

function claimsOf(all: Record<string, unknown>): Claims {
  const { iat, attest, origid, msgi } = all
  if (typeof iat !== 'number' || !Number.isSafeInteger(iat) || iat < 0) throw new Failure('malformed', 'iat')
  const dest = namesOf(all.dest)
  const [orig] = namesOf(all.orig)
  if (orig === undefined || dest.length === 0) throw new Failure('malformed', 'orig or dest')
  if (attest !== undefined && attest !== 'A' && attest !== 'B' && attest !== 'C')
    throw new Failure('malformed', 'attest')
  if (origid !== undefined && (typeof origid !== 'string' || !UUID.test(origid)))
    throw new Failure('malformed', 'origid')
  if (msgi !== undefined && typeof msgi !== 'string') throw new Failure('malformed', 'msgi')
  return { iat, orig, dest, div: namesOf(all.div)[0], attest, origid, msgi, all }
}

const MAX_NAMES = 64

/** `{"tn":"…"}`, `{"uri":"…"}` or arrays of them (RFC 8225 §5.2.1). */
function namesOf(value: unknown): readonly Named[] {
  if (typeof value !== 'object' || value === null) return []
  const { tn, uri } = value as Record<string, unknown>
  const names = [...listOf(tn).map(each => ({ tn: each })), ...listOf(uri).map(each => ({ uri: each }))]
  if (names.length > MAX_NAMES) throw new Failure('malformed', 'too many parties')
  return names
}

function listOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : []
}

function objectOf(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new Failure('malformed', 'not JSON')
}

/** At semicolons outside <> and quotes. */
function splitParameters(value: string): string[] {
  const pieces: string[] = []
  let start = 0
  let inAngle = false
  let inQuotes = false
  for (let i = 0; i <= value.length; i++) {
    const char = value[i]
    if (char === '"') inQuotes = !inQuotes
    else if (char === '<' && !inQuotes) inAngle = true
    else if (char === '>' && !inQuotes) inAngle = false
    if (i === value.length || (char === ';' && !inAngle && !inQuotes)) {
      pieces.push(value.slice(start, i).trim())
      start = i + 1
    }
  }
  return pieces
}

function readParameter(text: string): readonly [string, string] {
  const equals = text.indexOf('=')
  return equals === -1
    ? [text.toLowerCase(), '']
    : [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()]
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/, '$1')
}
