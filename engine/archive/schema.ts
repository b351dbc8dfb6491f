import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../activity/index.ts'
import { rotations } from './pseudonym.ts'

/** The `archive` section of the configuration. */
export const archiveSchema = Type.Object(
  {
    path: Type.String({
      default: '',
      description: 'folder or s3://BUCKET/PREFIX of the archive; empty keeps none (then there is nothing to report on)',
    }),
    keyFile: Type.String({
      default: '',
      description:
        'file with the secret of the pseudonyms, base64; empty: archive.key in the data folder; made when missing. Operators that merge studies share it',
    }),
    rotation: closed(rotations, 'how often pseudonyms change; people cannot be followed from one to the next', 'month'),
    retentionDays: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 3650,
      description: 'days an archived day is kept; 0 takes what the jurisdiction pack says, else 365',
    }),
    flushSeconds: Type.Integer({
      default: 600,
      minimum: 1,
      maximum: 86_400,
      description: 'longest time a record waits before it is in a file; short makes many small files',
    }),
    flushRecords: Type.Integer({
      default: 500_000,
      minimum: 1,
      maximum: 10_000_000,
      description: 'records of a partition that make a file full',
    }),
    memoryMegabytes: Type.Integer({
      default: 256,
      minimum: 64,
      maximum: 65_536,
      description: 'memory that writing Parquet may take',
    }),
    s3: Type.Object(
      {
        endpoint: Type.String({ default: '', description: 'base URL of the S3 service; empty for Amazon’s' }),
        region: Type.String({ default: 'us-east-1', description: 'region that requests are signed for' }),
        accessKeyId: Type.String({ default: '', description: 'access key' }),
        secretAccessKeyFile: Type.String({ default: '', description: 'file that holds the secret key' }),
      },
      { description: 'Used when `archive.path` begins with s3://.' },
    ),
  },
  {
    description:
      'Verdicts, outcomes and aggregates as Parquet a day, written by the `serve` role; the study is made from it. No content, no numbers: docs/report.md.',
  },
)
export type ArchiveConfig = Static<typeof archiveSchema>
