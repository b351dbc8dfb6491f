import { verify } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import { type Certificate, hexOf, serialOf, sliceOf } from './certificate.ts'

/** What is known of revoked certificates. */
export interface Revocations {
  state(certificate: Certificate, issuer: Certificate, nowMs: number): 'good' | 'revoked' | 'unknown'
}

/** A revocation list as read; nothing in it counts before its signature was found good. */
export interface RevocationList {
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly hash: string
  readonly issuer: string
  readonly nextUpdateMs: number
  /** `issuer serial` of the revoked; entries of other issuers where the list is indirect. */
  readonly revoked: ReadonlySet<string>
  readonly isIndirect: boolean
}

const CERTIFICATE_ISSUER = '2.5.29.29'
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28'
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
}

/**
 * Reads a CRL (RFC 5280 §5), PEM or DER, direct or indirect.
 * @throws Error when it is none
 */
export function readRevocationList(bytes: Uint8Array): RevocationList {
  const list = AsnConvert.parse(sliceOf(derOf(bytes)), x509.CertificateList)
  const { tbsCertList, tbsCertListRaw, signatureAlgorithm, signature } = list
  const hash = hashes[signatureAlgorithm.algorithm]
  if (tbsCertListRaw === undefined || hash === undefined) throw new Error('signature algorithm is not supported')
  const issuer = hexOf(AsnConvert.serialize(tbsCertList.issuer))
  const revoked = new Set<string>()
  // In an indirect list an entry's issuer holds for the entries after it (RFC 5280 §5.3.3).
  let of = issuer
  for (const entry of tbsCertList.revokedCertificates ?? []) {
    const named = entry.crlEntryExtensions?.find(each => each.extnID === CERTIFICATE_ISSUER)
    if (named !== undefined) of = issuerNamed(sliceOf(named.extnValue.buffer)) ?? ''
    revoked.add(`${of} ${serialOf(entry.userCertificate)}`)
  }
  return {
    signed: new Uint8Array(tbsCertListRaw),
    signature: new Uint8Array(signature),
    hash,
    issuer,
    nextUpdateMs: tbsCertList.nextUpdate?.getTime().getTime() ?? Number.POSITIVE_INFINITY,
    revoked,
    isIndirect: isIndirect(tbsCertList),
  }
}

function derOf(bytes: Uint8Array): Uint8Array {
  const pem = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(
    Buffer.from(bytes).toString('latin1'),
  )
  return pem === null ? bytes : Buffer.from(pem[1]!, 'base64')
}

function isIndirect({ crlExtensions }: x509.TBSCertList): boolean {
  const point = crlExtensions?.find(each => each.extnID === ISSUING_DISTRIBUTION_POINT)
  if (point === undefined) return false
  return AsnConvert.parse(sliceOf(point.extnValue.buffer), x509.IssuingDistributionPoint).indirectCRL === true
}

function issuerNamed(der: ArrayBuffer): string | undefined {
  const names = AsnConvert.parse(der, x509.CertificateIssuer)
  const name = names.find(each => each.directoryName !== undefined)?.directoryName
  return name === undefined ? undefined : hexOf(AsnConvert.serialize(name))
}

/**
 * Answers out of lists. A list counts when the certificate's own issuer signed it, or, for an indirect one, a configured
 * signer did. After its next update is due it still condemns, but no longer clears.
 */
export function createRevocations(lists: readonly RevocationList[], signers: readonly Certificate[]): Revocations {
  const checked = new Map<RevocationList, Map<Certificate, boolean>>()
  const isSignedBy = (list: RevocationList, signer: Certificate): boolean => {
    const known = checked.get(list) ?? new Map<Certificate, boolean>()
    checked.set(list, known)
    const before = known.get(signer)
    if (before !== undefined) return before
    const good = list.issuer === signer.subject && signatureHolds(list, signer)
    // Issuers come with the certificates that strangers name: what is remembered is bounded.
    if (known.size >= 256) known.clear()
    known.set(signer, good)
    return good
  }
  return {
    state(certificate, issuer, nowMs) {
      const entry = `${certificate.issuer} ${certificate.serial}`
      let state: 'good' | 'unknown' = 'unknown'
      for (const list of lists) {
        const counts = isSignedBy(list, issuer) || (list.isIndirect && signers.some(signer => isSignedBy(list, signer)))
        if (!counts) continue
        if (list.revoked.has(entry)) return 'revoked'
        if (nowMs <= list.nextUpdateMs) state = 'good'
      }
      return state
    },
  }
}

function signatureHolds(list: RevocationList, signer: Certificate): boolean {
  try {
    return verify(list.hash, list.signed, signer.key, list.signature)
  } catch {
    return false
  }
}
