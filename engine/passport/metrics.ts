import type { Exposition } from '../observe/index.ts'
import type { VerifierCounters } from './verifier.ts'

/** Exposes a verifier's counters: labels are attestations and reasons of closed lists. */
export function exposePassport({ expose }: Pick<Exposition, 'expose'>, counters: VerifierCounters): void {
  expose('ringfence_passport_verified_total', function* () {
    for (const [attestation, value] of counters.verified) yield [value, attestation]
  })
  expose('ringfence_passport_failed_total', function* () {
    for (const [reason, value] of counters.failed) yield [value, reason]
  })
  expose('ringfence_passport_late_total', () => counters.late)
  expose('ringfence_passport_remembered_total', () => counters.remembered)
  expose('ringfence_passport_pending', () => counters.pending)
  expose('ringfence_passport_fetches_total', () => counters.fetches.fetches)
  expose('ringfence_passport_fetch_failures_total', () => counters.fetches.failures)
  expose('ringfence_passport_revocation_lists', () => counters.lists)
  expose('ringfence_passport_list_failures_total', () => counters.listFailures)
}
