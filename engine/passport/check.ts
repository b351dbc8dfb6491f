import { createHash } from 'node:crypto'
import { compactVerify } from 'jose'
import { canonical, canonicalOf, digitsOf, names } from './names.ts'
import { type Credential, checkPath } from './path.ts'
import { Failure } from './reasons.ts'
import type { Revocations } from './revocation.ts'
import { covers, keepsTo } from './tn-auth-list.ts'
import type { Named, Token } from './token.ts'

/** What a call says of itself; several names where signalling gives several (P-Asserted-Identity and From). */
export interface Claimed {
  /** The caller: E.164 parties or URIs, the most trusted first. */
  readonly orig: string | readonly string[]
  /** The called party: the To and, after a diversion, where the call goes now (Request-URI). */
  readonly dest: string | readonly string[]
  /** Date header (ms), which a compact form has instead of iat (RFC 8224 §4.1.1). */
  readonly dateMs?: number | undefined
  /** Body of a MESSAGE, for the digest of a `msg` token (RFC 9475 §3.2). */
  readonly body?: Uint8Array | undefined
}

export interface Surroundings {
  readonly credential: (x5u: string) => Promise<Credential>
  readonly revocations: Revocations
  readonly freshnessMs: number
  readonly needsList: boolean
  readonly nowMs: number
}

export interface Good {
  readonly attestation?: 'A' | 'B' | 'C'
  readonly origid?: string
  /** The caller, as the call names him. */
  readonly orig: string
  /** Who diverted the call, by signed diversions, first one first. */
  readonly diverted: readonly string[]
  /** Service provider code of the signer, else its certificate's subject. */
  readonly signer: string
}

/** A call rings for minutes before it is forwarded: behind a fresh diversion the first token may be so old. */
const DIVERTED_AGE_MS = 600_000
const MAX_DIVERSIONS = 10

/**
 * Verifies the tokens of one call: the first token for its caller whose signature, date, certificate and parties hold, directly
 * or over a chain of diversions (RFC 8946 §4).
 * @throws Failure with the reason of the token that came furthest
 */
export async function checkTokens(tokens: readonly Token[], claimed: Claimed, around: Surroundings): Promise<Good> {
  const diversions = tokens.filter(token => token.extension === 'div')
  const first = tokens.filter(token => ['', 'shaken', 'msg'].includes(token.extension))
  // The attested token first: it says most.
  first.sort((a, b) => Number(b.extension === 'shaken') - Number(a.extension === 'shaken'))
  if (first.length === 0) throw new Failure(diversions.length > 0 ? 'broken-chain' : 'unsupported-extension')
  let failure: Failure | undefined
  for (const token of first) {
    try {
      return await checkToken(token, diversions, claimed, around)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failure ??= error
    }
  }
  throw failure
}

async function checkToken(
  token: Token,
  diversions: readonly Token[],
  claimed: Claimed,
  around: Surroundings,
): Promise<Good> {
  const callers = listOf(claimed.orig)
  const called = listOf(claimed.dest).map(canonical)
  if (token.isCompactForm) return checkCompactForm(token, claimed, around)
  const orig = callers.find(caller => canonical(caller) === canonicalOf(token.claims.orig))
  if (orig === undefined) throw new Failure('orig-mismatch')
  const chain = names(token.claims.dest, called) ? [] : chainTo(token, diversions, called)
  checkAge(token, around, chain.length > 0)
  for (const link of chain) checkAge(link, around, false)
  checkDigest(token, claimed.body)
  for (const link of chain) await checkSignature(link, canonicalOf(link.claims.div), around)
  const signer = await checkSignature(token, canonicalOf(token.claims.orig), around)
  const { attest, origid } = token.claims
  const says = token.extension === 'shaken' || token.extension === 'msg'
  return {
    ...(says && attest !== undefined ? { attestation: attest } : {}),
    ...(says && origid !== undefined ? { origid: origid.toLowerCase() } : {}),
    orig,
    diverted: chain.map(link => canonicalOf(link.claims.div)),
    signer,
  }
}

/** Diversions that lead from whom the token was for to whom the call is for now: each by whom the one before led to. */
function chainTo(token: Token, diversions: readonly Token[], called: readonly string[]): readonly Token[] {
  if (diversions.length === 0) throw new Failure('dest-mismatch')
  const caller = canonicalOf(token.claims.orig)
  const chain: Token[] = []
  let reached: readonly Named[] = token.claims.dest
  while (chain.length < MAX_DIVERSIONS) {
    const here = reached.map(canonicalOf)
    const next = diversions.find(
      ({ claims }) =>
        canonicalOf(claims.orig) === caller &&
        here.includes(canonicalOf(claims.div)) &&
        !chain.some(link => link.claims === claims),
    )
    if (next === undefined) break
    chain.push(next)
    reached = next.claims.dest
    if (names(reached, called)) return chain
  }
  throw new Failure('broken-chain')
}

function checkAge({ claims }: Token, { nowMs, freshnessMs }: Surroundings, isDiverted: boolean): void {
  const ageMs = nowMs - (claims.iat ?? 0) * 1000
  if (ageMs < -freshnessMs) throw new Failure('not-yet-valid')
  if (ageMs > (isDiverted ? DIVERTED_AGE_MS : freshnessMs)) throw new Failure('stale')
}

const digests: Readonly<Record<string, string>> = { sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' }

/** RFC 9475 §3.2: algorithm and base64 of the digest of the MIME body; only a `msg` token's counts, and it may lack one. */
function checkDigest({ extension, claims }: Token, body: Uint8Array | undefined): void {
  if (extension !== 'msg' || claims.msgi === undefined || body === undefined) return
  const [algorithm = '', expected = ''] = claims.msgi.split(/-(.*)/s)
  const hash = digests[algorithm]
  if (hash === undefined) throw new Failure('malformed', 'msgi')
  const found = createHash(hash).update(body).digest()
  if (!found.equals(Buffer.from(expected, 'base64'))) throw new Failure('message-changed')
}

/** Puts the left-out parts together from each pair of names the call has (RFC 8225 §7, §9: keys in order, no blanks). */
async function checkCompactForm(token: Token, claimed: Claimed, around: Surroundings): Promise<Good> {
  if (claimed.dateMs === undefined) throw new Failure('malformed', 'compact form without Date')
  const iat = Math.floor(claimed.dateMs / 1000)
  checkAge({ ...token, claims: { ...token.claims, iat } }, around, false)
  let failure: unknown
  for (const orig of listOf(claimed.orig)) {
    for (const dest of new Set(listOf(claimed.dest).map(canonical))) {
      try {
        const whole = { ...token, compact: `${compactText(token.x5u, iat, canonical(orig), dest)}.${token.signature}` }
        return { orig, diverted: [], signer: await checkSignature(whole, canonical(orig), around) }
      } catch (error) {
        failure ??= error
      }
    }
  }
  throw failure ?? new Failure('orig-mismatch')
}

/**
 * Header and payload that a compact form leaves out, as they were signed.
 * @param orig canonical name of the caller @param dest that of the called party
 */
export function compactText(x5u: string, iat: number, orig: string, dest: string): string {
  return `${encode({ alg: 'ES256', typ: 'passport', x5u })}.${encode({ dest: arrays(dest), iat, orig: single(orig) })}`
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const isNumber = (name: string) => digitsOf(name) !== ''
const single = (name: string) => (isNumber(name) ? { tn: name } : { uri: `sip:${name}` })
const arrays = (name: string) => (isNumber(name) ? { tn: [name] } : { uri: [`sip:${name}`] })

/**
 * Certificate, then signature.
 * @param speaksFor canonical name of the party the token speaks for
 * @returns who signed
 */
async function checkSignature(token: Token, speaksFor: string, around: Surroundings): Promise<string> {
  const credential = await around.credential(token.x5u)
  checkPath(credential, around.revocations, around.nowMs, around.needsList)
  try {
    await compactVerify(token.compact, credential.leaf.key, { algorithms: ['ES256'] })
  } catch {
    throw new Failure('bad-signature')
  }
  // RFC 9060 §4: a delegate's authority lies within that of every certificate above it.
  for (const { tnAuthList, constraints } of credential.path) {
    if (tnAuthList !== undefined && !covers(tnAuthList, digitsOf(speaksFor)))
      throw new Failure('certificate-not-authorised')
    if (!constraints.every(each => keepsTo(each, token.claims.all))) throw new Failure('certificate-not-authorised')
  }
  const { leaf } = credential
  return leaf.tnAuthList?.providers[0] ?? leaf.native.subject.replaceAll('\n', ', ').slice(0, 128)
}

function listOf(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}
