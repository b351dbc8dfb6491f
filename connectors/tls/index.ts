import { readFileSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'

/** Options of every tap that listens: with a certificate it speaks TLS. */
export const tlsOptions = {
  certFile: Type.String({ default: '', description: 'PEM certificate chain for TLS; empty listens without' }),
  keyFile: Type.String({ default: '', description: 'PEM private key for TLS' }),
  caFile: Type.String({
    default: '',
    description: 'PEM authority that clients must hold a certificate of (mutual TLS); empty asks for none',
  }),
}

export interface TlsOptions {
  readonly certFile: string
  readonly keyFile: string
  readonly caFile: string
}

/** What node:tls, node:https and node:http2 servers take. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  readonly ca?: Buffer
  readonly requestCert: boolean
  readonly handshakeTimeout: number
}

/** A client that does not finish its handshake holds a connection no longer than this. */
const HANDSHAKE_MS = 10_000

/**
 * Reads certificate, key and authority.
 * @throws RingfenceError CONFIG_INVALID that names the option whose file cannot be read
 */
export function readTls(options: TlsOptions): TlsFiles {
  const files = {
    cert: read('certFile', options.certFile),
    key: read('keyFile', options.keyFile),
    handshakeTimeout: HANDSHAKE_MS,
  }
  return { ...files, ...readAuthority('caFile', options.caFile), requestCert: options.caFile !== '' }
}

/**
 * Reads the authority whose certificates are believed; nothing of an empty path.
 * @throws RingfenceError CONFIG_INVALID that names the option whose file cannot be read
 */
export function readAuthority(option: string, path: string): { readonly ca?: Buffer } {
  return path === '' ? {} : { ca: read(option, path) }
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new RingfenceError('CONFIG_INVALID', `${option}: cannot read "${path}": ${messageOf(error)}`, {
      hint: 'TLS needs certFile and keyFile, both PEM',
      cause: error,
    })
  }
}
