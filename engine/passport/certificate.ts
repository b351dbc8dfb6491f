import { type KeyObject, X509Certificate } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import { Failure } from './reasons.ts'
import {
  CLAIM_CONSTRAINTS,
  type ClaimConstraints,
  ENHANCED_CLAIM_CONSTRAINTS,
  readClaimConstraints,
  readTnAuthList,
  TN_AUTH_LIST,
  type TnAuthList,
} from './tn-auth-list.ts'

/** What a path needs to know of one certificate. */
export interface Certificate {
  readonly native: X509Certificate
  readonly key: KeyObject
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** DER of issuer and subject names, hex: compared, never shown. */
  readonly issuer: string
  readonly subject: string
  /** Hex without leading zeros. */
  readonly serial: string
  readonly isAuthority: boolean
  /** Certificates that may follow below an authority, without the last. */
  readonly pathLength: number
  readonly mayDigitallySign: boolean
  readonly mayCertify: boolean
  readonly tnAuthList: TnAuthList | undefined
  readonly constraints: readonly ClaimConstraints[]
}

const MAX_CERTIFICATES = 8
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const understood = new Set<string>([
  x509.id_ce_basicConstraints,
  x509.id_ce_keyUsage,
  x509.id_ce_extKeyUsage,
  x509.id_ce_certificatePolicies,
  x509.id_ce_subjectAltName,
  x509.id_ce_authorityKeyIdentifier,
  x509.id_ce_subjectKeyIdentifier,
  x509.id_ce_cRLDistributionPoints,
  TN_AUTH_LIST,
  CLAIM_CONSTRAINTS,
  ENHANCED_CLAIM_CONSTRAINTS,
])

/**
 * Certificates of a file: PEM, several in a row, or one in DER.
 * @throws Failure certificate-malformed when there is none, too many, or one that cannot be read
 */
export function readCertificates(bytes: Uint8Array): readonly Certificate[] {
  const blocks = Buffer.from(bytes).toString('latin1').match(PEM)
  if (blocks === null) return [readCertificate(bytes)]
  if (blocks.length > MAX_CERTIFICATES) throw new Failure('certificate-malformed', 'too many certificates')
  return blocks.map(readCertificate)
}

function readCertificate(source: string | Uint8Array): Certificate {
  try {
    const native = new X509Certificate(source)
    const { tbsCertificate } = AsnConvert.parse(native.raw, x509.Certificate)
    const extensions = new Map((tbsCertificate.extensions ?? []).map(each => [each.extnID, each]))
    for (const { extnID, critical } of extensions.values())
      if (critical && !understood.has(extnID))
        throw new Failure('certificate-malformed', `critical extension ${extnID} is not understood`)
    const valueIn = (id: string): ArrayBuffer | undefined => {
      const value = extensions.get(id)?.extnValue
      return value === undefined ? undefined : sliceOf(value.buffer)
    }
    const basic = valueIn(x509.id_ce_basicConstraints)
    const constraints = basic === undefined ? undefined : AsnConvert.parse(basic, x509.BasicConstraints)
    const usage = valueIn(x509.id_ce_keyUsage)
    const uses = usage === undefined ? undefined : AsnConvert.parse(usage, x509.KeyUsage).toNumber()
    const tn = valueIn(TN_AUTH_LIST)
    return {
      native,
      key: native.publicKey,
      notBeforeMs: tbsCertificate.validity.notBefore.getTime().getTime(),
      notAfterMs: tbsCertificate.validity.notAfter.getTime().getTime(),
      issuer: hexOf(AsnConvert.serialize(tbsCertificate.issuer)),
      subject: hexOf(AsnConvert.serialize(tbsCertificate.subject)),
      serial: serialOf(tbsCertificate.serialNumber),
      isAuthority: constraints?.cA === true,
      pathLength: constraints?.pathLenConstraint ?? Number.POSITIVE_INFINITY,
      mayDigitallySign: uses === undefined || (uses & x509.KeyUsageFlags.digitalSignature) !== 0,
      mayCertify: uses === undefined || (uses & x509.KeyUsageFlags.keyCertSign) !== 0,
      tnAuthList: tn === undefined ? undefined : readTnAuthList(tn),
      constraints: [CLAIM_CONSTRAINTS, ENHANCED_CLAIM_CONSTRAINTS]
        .map(valueIn)
        .filter(value => value !== undefined)
        .map(readClaimConstraints),
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('certificate-malformed', error instanceof Error ? error.message : '')
  }
}

/** Serial number as hex without leading zeros. */
export function serialOf(serial: ArrayBuffer): string {
  return hexOf(serial).replace(/^0+(?=.)/, '')
}

export function hexOf(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('hex')
}

/** The library gives views into larger buffers in some versions and copies in others. */
export function sliceOf(buffer: ArrayBuffer | ArrayBufferView): ArrayBuffer {
  if (!ArrayBuffer.isView(buffer)) return buffer
  return Uint8Array.from(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)).buffer
}
