import { type Certificate, readCertificates } from './certificate.ts'
import type { Fetcher } from './fetch.ts'
import { buildPath, type Credential } from './path.ts'
import { Failure } from './reasons.ts'

export interface CredentialOptions {
  readonly fetch: Fetcher
  readonly anchors: readonly Certificate[]
  readonly requireTnAuthList: boolean
  readonly cacheSeconds: number
  readonly retrySeconds: number
  readonly cacheEntries: number
  /** Wall clock: for the age of what is cached. */
  readonly now: () => number
}

export interface Credentials {
  /**
   * The credential behind an x5u, fetched once for all who ask at the same time, failures remembered too.
   * Rejects with a Failure.
   */
  get(x5u: string): Promise<Credential>
  readonly counts: { fetches: number; failures: number }
}

interface Entry {
  readonly credential: Promise<Credential>
  untilMs: number
}

/** Fetches under way at once: strangers name the addresses. */
const MAX_FETCHES = 32

/** Credentials by address: bounded, oldest out first. */
export function createCredentials(options: CredentialOptions): Credentials {
  const { now } = options
  const entries = new Map<string, Entry>()
  const counts = { fetches: 0, failures: 0 }
  let running = 0

  async function load(x5u: string, entry: () => Entry): Promise<Credential> {
    if (running >= MAX_FETCHES) throw new Failure('certificate-unreachable', 'too many fetches under way')
    running++
    counts.fetches++
    try {
      const { bytes, maxAgeSeconds } = await options.fetch(x5u)
      const credential = buildPath(readCertificates(bytes), options)
      const seconds = Math.max(
        options.retrySeconds,
        Math.min(options.cacheSeconds, maxAgeSeconds ?? options.cacheSeconds),
      )
      entry().untilMs = now() + seconds * 1000
      return credential
    } catch (error) {
      counts.failures++
      throw error instanceof Failure ? error : new Failure('certificate-unreachable', String(error))
    } finally {
      running--
    }
  }

  return {
    counts,
    get(x5u) {
      const known = entries.get(x5u)
      if (known !== undefined && now() < known.untilMs) return known.credential
      // Until it has arrived it stands for as long as a failure does.
      const entry: Entry = {
        credential: load(x5u, () => entry),
        untilMs: now() + options.retrySeconds * 1000,
      }
      entry.credential.catch(() => {})
      entries.delete(x5u)
      entries.set(x5u, entry)
      if (entries.size > options.cacheEntries) entries.delete(entries.keys().next().value!)
      return entry.credential
    },
  }
}
