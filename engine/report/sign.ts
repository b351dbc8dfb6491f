import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, RingfenceError } from '../errors/index.ts'

const MANIFEST = 'SHA256SUMS'
const SIGNATURE = 'SHA256SUMS.sig'
const PUBLIC_KEY = 'signing-key.pub.pem'
const own = new Set([MANIFEST, SIGNATURE, PUBLIC_KEY])

/** SHA-256 of the public key's DER form, as OpenSSL prints it of `pkey -pubin -outform DER`. */
export function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(publicOf(key).export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

function publicOf(key: KeyObject): KeyObject {
  return key.type === 'public' ? key : createPublicKey(key.export({ type: 'pkcs8', format: 'pem' }))
}

/**
 * The Ed25519 key that reports are signed with, PKCS #8 in PEM; made, for its owner alone, when the file does not exist.
 * @throws RingfenceError INPUT_UNREADABLE for a file that holds none
 */
export function readSigningKey(file: string): KeyObject {
  try {
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ed25519')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
    }
    const key = createPrivateKey(readFileSync(file))
    if (key.asymmetricKeyType !== 'ed25519')
      throw new Error(`holds a key of type ${key.asymmetricKeyType}, not ed25519`)
    return key
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `${file}: ${messageOf(error)}`, {
      hint: 'openssl genpkey -algorithm ed25519 -out FILE makes one; so does this command when FILE does not exist',
      cause: error,
    })
  }
}

/** Sums of every file of a folder, in the format of `sha256sum --check`. */
export function writeManifest(folder: string): void {
  writeFileSync(join(folder, MANIFEST), manifestOf(folder))
}

function manifestOf(folder: string): string {
  const lines = filesOf(folder).map(
    name =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
  )
  return lines.join('')
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.replace(/\/+$/, '').length + 1))
    .filter(name => !own.has(name))
    .sort()
}

/** Signs the manifest of a folder (Ed25519, RFC 8032) and leaves the public key beside it. @returns its fingerprint */
export function signFolder(folder: string, key: KeyObject): string {
  const signature = sign(null, readFileSync(join(folder, MANIFEST)), key)
  writeFileSync(join(folder, SIGNATURE), `${signature.toString('base64')}\n`)
  writeFileSync(
    join(folder, PUBLIC_KEY),
    createPublicKey(key as Parameters<typeof createPublicKey>[0]).export({ type: 'spki', format: 'pem' }),
  )
  return fingerprintOf(key)
}

/**
 * Checks that a folder's files are those that were signed.
 * @param expected fingerprint of the key that is trusted; without it any key's signature is taken and its fingerprint told
 * @throws RingfenceError INPUT_INVALID that says what does not fit
 */
export function verifyFolder(folder: string, expected?: string): string {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new RingfenceError('INPUT_INVALID', `${folder}: ${reason}`, { cause })
  }
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name))
    } catch (error) {
      return refuse(`${name} cannot be read`, error)
    }
  }
  const manifest = read(MANIFEST)
  const key = createPublicKey(read(PUBLIC_KEY))
  const fingerprint = fingerprintOf(key)
  if (expected !== undefined && expected.toLowerCase().replaceAll(':', '') !== fingerprint)
    refuse(`signed with the key ${fingerprint}, not with the one expected`)
  if (!verify(null, manifest, key, Buffer.from(read(SIGNATURE).toString('utf8').trim(), 'base64')))
    refuse('the signature does not fit its manifest')
  if (manifestOf(folder) !== manifest.toString('utf8'))
    refuse('a file was changed, added or removed after it was signed')
  return fingerprint
}
