import { hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Principal, Role } from './route.ts'

/** A token's holder. Configuration has the SHA-256 of the token, so that reading it gives nobody access. */
export interface TokenHolder {
  readonly name: string
  readonly role: Role
  /** Hexadecimal SHA-256 of the token. */
  readonly sha256: string
}

/** A client certificate's holder, by the common name that our client authority signed. */
export interface CertificateHolder {
  readonly name: string
  readonly role: Role
  readonly commonName: string
}

/** Why a caller was not let in: a closed list, fit for a metric's label. */
export const refusals = [
  'no-token',
  'malformed',
  'jwt',
  'unknown-token',
  'role',
  'rate',
  'unknown-certificate',
] as const
export type Refusal = (typeof refusals)[number]

export type Identified =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Refusal }

export interface Access {
  /** @param commonName of a client certificate that the TLS layer has verified, undefined without one */
  identify(headers: IncomingHttpHeaders, commonName: string | undefined): Identified
}

const MAX_TOKEN = 512

/**
 * Tells callers by `Authorization: Bearer TOKEN` or by client certificate. Tokens are opaque: a JWT of any algorithm, `none`
 * included, is no token here. Every configured digest is compared in constant time, whichever matches.
 */
export function createAccess(tokens: readonly TokenHolder[], certificates: readonly CertificateHolder[]): Access {
  const known = tokens.map(({ name, role, sha256 }) => ({
    principal: { name, role },
    digest: Buffer.from(sha256, 'hex'),
  }))
  const byName = new Map(certificates.map(({ name, role, commonName }) => [commonName, { name, role }]))
  return {
    identify({ authorization }, commonName) {
      if (authorization === undefined) {
        if (commonName === undefined) return { ok: false, refusal: 'no-token' }
        const principal = byName.get(commonName)
        return principal === undefined ? { ok: false, refusal: 'unknown-certificate' } : { ok: true, principal }
      }
      const token = bearerOf(authorization)
      if (token === undefined) return { ok: false, refusal: 'malformed' }
      const digest = hash('sha256', token, 'buffer')
      let principal: Principal | undefined
      for (const holder of known) if (timingSafeEqual(holder.digest, digest)) principal = holder.principal
      if (principal !== undefined) return { ok: true, principal }
      return { ok: false, refusal: looksLikeJwt(token) ? 'jwt' : 'unknown-token' }
    },
  }
}

/** RFC 6750 §2.1: one token of the b64token characters; undefined for anything else. */
function bearerOf(authorization: string): string | undefined {
  if (authorization.length > MAX_TOKEN + 16) return undefined
  return /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization)?.[1]
}

function looksLikeJwt(token: string): boolean {
  return token.startsWith('eyJ') && token.split('.').length === 3
}
