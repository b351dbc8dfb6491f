import type { Exposition } from '../observe/index.ts'
import type { Reports } from './reports.ts'

/** Exposes what became of reports at the taps of this process. */
export function exposeReports({ expose }: Pick<Exposition, 'expose'>, counters: Reports['counters']): void {
  expose('ringfence_reports_taken_total', () => counters.taken)
  expose('ringfence_reports_lost_total', function* () {
    for (const [reason, count] of counters.lost) yield [count, reason]
  })
}
