import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { Exposition } from './exposition.ts'

/** A certificate that this process presents: whose it is in the configuration, and its PEM file. */
export interface NamedCertificate {
  readonly name: string
  readonly file: string
}

/**
 * Exports when each certificate ends. A file is read again when it has changed: what a renewal put there is what the
 * next restart will present. One that cannot be read has no series.
 */
export function exposeCertificates(
  { expose }: Pick<Exposition, 'expose'>,
  certificates: readonly NamedCertificate[],
): void {
  const known = new Map<string, { readonly changedMs: number; readonly endsSeconds: number }>()
  expose('ringfence_tls_certificate_expiry_timestamp_seconds', function* () {
    for (const { name, file } of certificates) {
      try {
        const changedMs = statSync(file).mtimeMs
        let read = known.get(file)
        if (read?.changedMs !== changedMs) {
          const endsSeconds = Date.parse(new X509Certificate(readFileSync(file)).validTo) / 1000
          read = { changedMs, endsSeconds }
          known.set(file, read)
        }
        yield [read.endsSeconds, name]
      } catch {
        // Reported by what opens the listener; a scrape must not fail for it.
      }
    }
  })
}
