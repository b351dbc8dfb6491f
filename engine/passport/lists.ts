import { readFile } from 'node:fs/promises'
import { messageOf } from '../errors/index.ts'
import type { Logger } from '../observe/index.ts'
import type { Certificate } from './certificate.ts'
import type { Fetcher } from './fetch.ts'
import { createRevocations, type RevocationList, type Revocations, readRevocationList } from './revocation.ts'

export interface ListOptions {
  readonly files: readonly string[]
  readonly urls: readonly string[]
  readonly signers: readonly Certificate[]
  readonly refreshSeconds: number
  readonly maxBytes: number
  readonly fetch: Fetcher
  readonly logger: Logger | undefined
}

export interface RevocationLists {
  revocations(): Revocations
  readonly counts: { lists: number; failures: number }
  readonly ready: Promise<void>
  close(): void
}

/** Revocation lists from files and addresses, read now and again; one that cannot be read leaves the one before in force. */
export function createRevocationLists(options: ListOptions): RevocationLists {
  const { files, urls, logger } = options
  const known = new Map<string, RevocationList>()
  const counts = { lists: 0, failures: 0 }
  let current = createRevocations([], options.signers)

  async function load(source: string, read: () => Promise<Uint8Array>): Promise<void> {
    try {
      known.set(source, readRevocationList(await read()))
    } catch (error) {
      counts.failures++
      logger?.warn({ source, reason: messageOf(error) }, 'revocation list was not read; the one before stays')
    }
  }

  async function refresh(): Promise<void> {
    await Promise.all([
      ...files.map(file => load(file, () => readFile(file))),
      ...urls.map(url => load(url, async () => (await options.fetch(url, options.maxBytes)).bytes)),
    ])
    current = createRevocations([...known.values()], options.signers)
    counts.lists = known.size
  }

  const ready = refresh()
  const timer =
    files.length + urls.length === 0 ? undefined : setInterval(refresh, options.refreshSeconds * 1000).unref()
  return { revocations: () => current, counts, ready, close: () => clearInterval(timer) }
}
