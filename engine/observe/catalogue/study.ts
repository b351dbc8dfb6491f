import { defineMetrics } from './spec.ts'

/** The archive that the national spam study is made from. */
export const studyMetrics = defineMetrics({
  ringfence_archive_rows_total: {
    type: 'counter',
    help: 'Rows archived',
    labels: ['dataset'],
    bound: 'closed list of datasets',
    series: 5,
  },
  ringfence_archive_files_total: { type: 'counter', help: 'Parquet files written to the archive' },
  ringfence_archive_bytes_total: { type: 'counter', help: 'Bytes written to the archive' },
  ringfence_archive_failures_total: { type: 'counter', help: 'Writes to the archive that failed and were tried again' },
  ringfence_archive_skipped_total: { type: 'counter', help: 'Records of the log that could not be read' },
  ringfence_archive_removed_total: { type: 'counter', help: 'Files of the archive removed after their retention' },
  ringfence_archive_waiting_records: { type: 'gauge', help: 'Records read from the log and not yet in a file' },
  ringfence_archive_last_written_timestamp_seconds: { type: 'gauge', help: 'When the archive was last written to' },
})
