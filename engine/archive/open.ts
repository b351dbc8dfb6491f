import { readFileSync } from 'node:fs'
import { messageOf, RingfenceError } from '../errors/index.ts'
import { localStore } from './local-store.ts'
import { s3Store } from './s3-store.ts'
import type { ArchiveConfig } from './schema.ts'
import type { ArchiveStore } from './store.ts'

/**
 * The store that `archive.path` names.
 * @throws RingfenceError CONFIG_INVALID, INPUT_UNREADABLE for the file of the secret key
 */
export function openStore({ path, s3 }: Pick<ArchiveConfig, 'path' | 's3'>): ArchiveStore {
  if (!path.startsWith('s3://')) return localStore(path)
  return s3Store({
    url: path,
    endpoint: s3.endpoint,
    region: s3.region,
    accessKeyId: s3.accessKeyId,
    secretAccessKey: readSecretKey(s3.secretAccessKeyFile),
  })
}

function readSecretKey(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new RingfenceError('INPUT_UNREADABLE', `archive.s3.secretAccessKeyFile: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
