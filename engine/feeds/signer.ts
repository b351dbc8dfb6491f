import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { calculateJwkThumbprint, exportJWK, FlattenedSign, type JWK } from 'jose'
import { messageOf, RingfenceError } from '../errors/index.ts'

export interface Signer {
  /**
   * A detached JWS over the bytes (RFC 7515 Appendix F, `header..signature`): protected are when it was made and when it
   * ends, so that an old copy cannot be passed off as a new one.
   */
  sign(bytes: Uint8Array, format: string, madeMs: number, expiresMs: number): Promise<string>
  /** The public key, with its id. */
  readonly jwk: JWK
}

/**
 * A signer with a PEM key: Ed25519 (EdDSA) or P-256 (ES256).
 * @throws RingfenceError CONFIG_INVALID
 */
export async function openSigner(file: string): Promise<Signer> {
  const key = readKey(file)
  const alg = algorithmOf(key)
  if (alg === undefined)
    throw new RingfenceError('CONFIG_INVALID', `feeds.keyFile: ${file} holds a key of another kind`, {
      hint: 'openssl genpkey -algorithm ed25519',
    })
  const bare = await exportJWK(createPublicKey(key))
  const jwk: JWK = { ...bare, alg, use: 'sig', kid: await calculateJwkThumbprint(bare) }
  return {
    jwk,
    async sign(bytes, format, madeMs, expiresMs) {
      const { protected: head, signature } = await new FlattenedSign(bytes)
        .setProtectedHeader({
          alg,
          kid: jwk.kid ?? '',
          typ: 'ringfence-feed',
          cty: format,
          iat: Math.floor(madeMs / 1000),
          exp: Math.floor(expiresMs / 1000),
        })
        .sign(key)
      return `${head}..${signature}`
    },
  }
}

function readKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `feeds.keyFile: ${file}: ${messageOf(error)}`, {
      hint: 'a PEM private key: openssl genpkey -algorithm ed25519',
      cause: error,
    })
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): 'EdDSA' | 'ES256' | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined
}
