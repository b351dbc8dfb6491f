import type { Certificate } from './certificate.ts'
import { Failure } from './reasons.ts'
import type { Revocations } from './revocation.ts'

/** A certificate with the chain that makes it trusted. */
export interface Credential {
  readonly leaf: Certificate
  /** From the leaf to the anchor. */
  readonly path: readonly Certificate[]
}

export interface PathOptions {
  readonly anchors: readonly Certificate[]
  readonly requireTnAuthList: boolean
}

const MAX_DEPTH = 6

/**
 * Finds the path from the first certificate to an anchor among those that came with it (RFC 5280 §6, as far as STI
 * certificates go): names, signatures, authority and path length. Times and revocation are asked for at each use.
 * @throws Failure certificate-untrusted, certificate-malformed
 */
export function buildPath(bundle: readonly Certificate[], { anchors, requireTnAuthList }: PathOptions): Credential {
  const leaf = bundle[0]
  if (leaf === undefined) throw new Failure('certificate-malformed', 'no certificate')
  // ES256 needs a key on P-256 (RFC 7518 §3.4); an authority's key signs certificates, not calls.
  if (leaf.key.asymmetricKeyType !== 'ec' || leaf.key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Failure('certificate-malformed', 'key is not on P-256')
  if (leaf.isAuthority || !leaf.mayDigitallySign) throw new Failure('certificate-malformed', 'not for signing calls')
  if (requireTnAuthList && leaf.tnAuthList === undefined)
    throw new Failure('certificate-not-authorised', 'no TNAuthList')
  const path: Certificate[] = [leaf]
  for (let current = leaf; path.length <= MAX_DEPTH; ) {
    const anchor = anchors.find(each => each.native.raw.equals(current.native.raw) || isIssuedBy(current, each))
    if (anchor !== undefined) {
      if (!anchor.native.raw.equals(current.native.raw)) path.push(anchor)
      checkLengths(path)
      return { leaf, path }
    }
    const issuer = bundle.find(each => each !== current && !path.includes(each) && isIssuedBy(current, each))
    if (issuer === undefined) break
    path.push(issuer)
    current = issuer
  }
  throw new Failure('certificate-untrusted')
}

function isIssuedBy(child: Certificate, issuer: Certificate): boolean {
  if (!issuer.isAuthority || !issuer.mayCertify || child.issuer !== issuer.subject) return false
  try {
    return child.native.verify(issuer.key)
  } catch {
    return false
  }
}

/** RFC 5280 §4.2.1.9: intermediate certificates below an authority, the leaf not counted. */
function checkLengths(path: readonly Certificate[]): void {
  path.forEach((certificate, i) => {
    if (i > 0 && i - 1 > certificate.pathLength) throw new Failure('certificate-untrusted', 'path too long')
  })
}

/**
 * Is the path good at this moment?
 * @throws Failure certificate-expired, certificate-revoked, revocation-unknown
 */
export function checkPath({ path }: Credential, revocations: Revocations, nowMs: number, needsList: boolean): void {
  for (const { notBeforeMs, notAfterMs } of path)
    if (nowMs < notBeforeMs || nowMs > notAfterMs) throw new Failure('certificate-expired')
  for (let i = 0; i + 1 < path.length; i++) {
    const state = revocations.state(path[i]!, path[i + 1]!, nowMs)
    if (state === 'revoked') throw new Failure('certificate-revoked')
    if (state === 'unknown' && needsList) throw new Failure('revocation-unknown')
  }
}
