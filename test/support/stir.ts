import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { AsnConvert } from '@peculiar/asn1-schema'
import * as schema from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import * as asn1 from 'asn1js'
import { CompactSign } from 'jose'

/** Certificates, lists and tokens of a STIR/SHAKEN world that exists in tests only. */

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface Issued {
  readonly certificate: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
  readonly pem: string
}

export interface IssueOptions {
  readonly name?: string
  readonly issuer?: Issued
  readonly isAuthority?: boolean
  readonly pathLength?: number
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  readonly serial?: string
  /** TNAuthList: service provider codes, numbers, ranges. */
  readonly providers?: readonly string[]
  readonly numbers?: readonly string[]
  readonly ranges?: readonly (readonly [start: string, count: number])[]
  readonly curve?: string
  readonly extensions?: readonly x509.Extension[]
}

const YEAR_MS = 365 * 86_400_000
let serials = 1

/** A certificate by an issuer, or by itself. */
export async function issue(options: IssueOptions = {}): Promise<Issued> {
  const algorithm = { ...P256, namedCurve: options.curve ?? 'P-256' }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const subject = `CN=${options.name ?? 'SHAKEN test'}, O=Test, C=FR`
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(options.isAuthority === true, options.pathLength, true),
    new x509.KeyUsagesExtension(
      options.isAuthority === true
        ? x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
        : x509.KeyUsageFlags.digitalSignature,
      true,
    ),
    ...(options.extensions ?? []),
  ]
  const list = tnAuthList(options)
  if (list !== undefined) extensions.push(list)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: options.serial ?? (serials++).toString(16).padStart(4, '0'),
    subject,
    issuer: options.issuer?.certificate.subject ?? subject,
    notBefore: new Date(options.notBeforeMs ?? Date.now() - YEAR_MS),
    notAfter: new Date(options.notAfterMs ?? Date.now() + YEAR_MS),
    publicKey: keys.publicKey,
    signingKey: options.issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: { ...P256 },
    extensions,
  })
  return { certificate, keys, pem: `${certificate.toString('pem')}\n` }
}

function tnAuthList({ providers, numbers, ranges }: IssueOptions): x509.Extension | undefined {
  const ia5 = (value: string) => new asn1.IA5String({ value })
  const tagged = (tagNumber: number, value: asn1.AsnType[]) =>
    new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber }, value })
  const entries = [
    ...(providers ?? []).map(code => tagged(0, [ia5(code)])),
    ...(ranges ?? []).map(([start, count]) =>
      tagged(1, [new asn1.Sequence({ value: [ia5(start), new asn1.Integer({ value: count })] })]),
    ),
    ...(numbers ?? []).map(number => tagged(2, [ia5(number)])),
  ]
  if (entries.length === 0) return undefined
  return new x509.Extension('1.3.6.1.5.5.7.1.26', false, new asn1.Sequence({ value: entries }).toBER())
}

/** JWTClaimConstraints (RFC 8226 §8) with claims that must be there. */
export function mustInclude(...claims: readonly string[]): x509.Extension {
  const list = new asn1.Sequence({ value: claims.map(value => new asn1.IA5String({ value })) })
  const value = new asn1.Sequence({
    value: [new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [list] })],
  })
  return new x509.Extension('1.3.6.1.5.5.7.1.27', false, value.toBER())
}

export interface ListedOptions {
  readonly signer: Issued
  readonly revoked: readonly Issued[]
  readonly nextUpdateMs?: number
  /** An indirect list: entries name their issuers (RFC 5280 §5.3.3). */
  readonly isIndirect?: boolean
}

/** A certificate revocation list, DER. */
export async function revocationList(options: ListedOptions): Promise<Uint8Array> {
  const { signer, revoked, isIndirect = false } = options
  const point = new schema.IssuingDistributionPoint({ indirectCRL: true })
  const list = await x509.X509CrlGenerator.create({
    issuer: signer.certificate.subject,
    thisUpdate: new Date(Date.now() - YEAR_MS),
    nextUpdate: new Date(options.nextUpdateMs ?? Date.now() + YEAR_MS),
    entries: revoked.map(({ certificate }) => ({
      serialNumber: certificate.serialNumber,
      revocationDate: new Date(Date.now() - 1000),
      ...(isIndirect ? { extensions: [namesIssuer(certificate)] } : {}),
    })),
    ...(isIndirect ? { extensions: [new x509.Extension('2.5.29.28', true, AsnConvert.serialize(point))] } : {}),
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { ...P256 },
  })
  return new Uint8Array(list.rawData)
}

function namesIssuer(certificate: x509.X509Certificate): x509.Extension {
  const { issuer } = AsnConvert.parse(certificate.rawData, schema.Certificate).tbsCertificate
  const names = new schema.CertificateIssuer([new schema.GeneralName({ directoryName: issuer })])
  return new x509.Extension('2.5.29.29', true, AsnConvert.serialize(names))
}

export interface TokenOptions {
  readonly keys: webcrypto.CryptoKeyPair
  readonly x5u: string
  readonly extension?: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** A signed PASSporT, keys in lexicographic order (RFC 8225 §9). */
export async function sign({ keys, x5u, extension, claims, header }: TokenOptions): Promise<string> {
  const payload = Buffer.from(JSON.stringify(sorted(claims)))
  const protectedHeader = { alg: 'ES256', ...(extension ? { ppt: extension } : {}), typ: 'passport', x5u, ...header }
  return new CompactSign(payload).setProtectedHeader(protectedHeader).sign(keys.privateKey)
}

/** Value of an Identity header. */
export function identityOf(token: string, x5u: string, extension = 'shaken'): string {
  return `${token};info=<${x5u}>;alg=ES256${extension === '' ? '' : `;ppt="${extension}"`}`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
