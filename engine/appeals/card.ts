import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { messageOf, RingfenceError } from '../errors/index.ts'

/** Whom a caller that was refused can turn to. */
export interface Redress {
  /** Name of the operator. */
  readonly name: string
  /** One of the three at least (RFC 8688 §3.2.2). */
  readonly url: string
  readonly email: string
  readonly tel: string
  /** Where the certificate of the key is found (RFC 7515 §4.1.5). */
  readonly x5u: string
}

/**
 * The signed card that a 608 points to (RFC 8688 §3.2.2): a jCard (RFC 7095) in a compact JWS (RFC 7515), ES256.
 * @param key private key on P-256 @param nowMs wall clock, its `iat`
 */
export function signCard(redress: Redress, key: KeyObject, nowMs: number): string {
  const header = { alg: 'ES256', typ: 'vcard+json', x5u: redress.x5u }
  const entries: unknown[] = [
    ['version', {}, 'text', '4.0'],
    ['fn', {}, 'text', redress.name],
  ]
  if (redress.email !== '') entries.push(['email', { type: 'work' }, 'text', redress.email])
  if (redress.tel !== '') entries.push(['tel', { type: 'voice' }, 'uri', `tel:${redress.tel}`])
  if (redress.url !== '') entries.push(['url', {}, 'uri', redress.url])
  const payload = { iat: Math.floor(nowMs / 1000), jcard: ['vcard', entries] }
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * The key that cards are signed with.
 * @param pem PKCS#8 or SEC 1 @throws RingfenceError CONFIG_INVALID when it is none for ES256
 */
export function readCardKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `serve.appeals.keyFile: ${messageOf(error)}`, {
      hint: 'openssl ecparam -name prime256v1 -genkey -noout',
      cause: error,
    })
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new RingfenceError('CONFIG_INVALID', 'serve.appeals.keyFile: ES256 needs a key on P-256', {
      hint: 'openssl ecparam -name prime256v1 -genkey -noout',
    })
  return key
}
