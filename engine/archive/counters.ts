import type { Exposition } from '../observe/index.ts'
import type { DatasetName } from './datasets.ts'

/** What the archive counts. */
export interface ArchiveCounters {
  readonly rows: Map<DatasetName, number>
  files: number
  bytes: number
  failures: number
  /** Records of the log that could not be read and are not in the archive. */
  skipped: number
  removed: number
  /** Event-log records read and not yet in a file. */
  waiting: number
  lastWrittenMs: number
}

export function archiveCounters(): ArchiveCounters {
  return { rows: new Map(), files: 0, bytes: 0, failures: 0, skipped: 0, removed: 0, waiting: 0, lastWrittenMs: 0 }
}

/** Exports the counters. */
export function exposeArchive({ expose }: Pick<Exposition, 'expose'>, counters: ArchiveCounters): void {
  expose('ringfence_archive_rows_total', function* () {
    for (const [dataset, rows] of counters.rows) yield [rows, dataset] as const
  })
  expose('ringfence_archive_files_total', () => counters.files)
  expose('ringfence_archive_bytes_total', () => counters.bytes)
  expose('ringfence_archive_failures_total', () => counters.failures)
  expose('ringfence_archive_skipped_total', () => counters.skipped)
  expose('ringfence_archive_removed_total', () => counters.removed)
  expose('ringfence_archive_waiting_records', () => counters.waiting)
  // No sample before the first: "never" must not read as "in 1970".
  expose('ringfence_archive_last_written_timestamp_seconds', () =>
    counters.lastWrittenMs === 0 ? [] : counters.lastWrittenMs / 1000,
  )
}
