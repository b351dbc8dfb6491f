import { Counter, Gauge, type Registry } from 'prom-client'
import type { VerifierCounters } from './verifier.ts'

/** Exposes a verifier's counters: labels are attestations and reasons of closed lists. */
export function addPassportMetrics(registry: Registry, counters: VerifierCounters): void {
  new Counter({
    name: 'ringfence_passport_verified_total',
    help: 'Signed caller identities that verified, by attestation',
    labelNames: ['attestation'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [attestation, value] of counters.verified) this.inc({ attestation }, value)
    },
  })
  new Counter({
    name: 'ringfence_passport_failed_total',
    help: 'Signed caller identities that did not verify, by reason',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, value] of counters.failed) this.inc({ reason }, value)
    },
  })
  plain(registry, 'late', 'Calls that went on without their verification', () => counters.late)
  plain(registry, 'remembered', 'Verifications answered out of memory', () => counters.remembered)
  plain(registry, 'fetches', 'Certificates asked for', () => counters.fetches.fetches)
  plain(registry, 'fetch_failures', 'Certificates that could not be had', () => counters.fetches.failures)
  plain(registry, 'list_failures', 'Revocation lists that could not be read', () => counters.listFailures)
  gauge(registry, 'pending', 'Verifications under way', () => counters.pending)
  gauge(registry, 'revocation_lists', 'Revocation lists in force', () => counters.lists)
}

function plain(registry: Registry, what: string, help: string, read: () => number): void {
  new Counter({
    name: `ringfence_passport_${what}_total`,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read())
    },
  })
}

function gauge(registry: Registry, what: string, help: string, read: () => number): void {
  new Gauge({
    name: `ringfence_passport_${what}`,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}
