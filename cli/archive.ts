import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type Archive,
  archiveCounters,
  createLanguageReader,
  createPseudonyms,
  exposeArchive,
  openDuck,
  openStore,
  processUsage,
  type RowContext,
  readSecret,
  startArchive,
} from '../engine/archive/index.ts'
import { createIdentity } from '../engine/identity/index.ts'
import type { EventLog } from '../engine/log/index.ts'
import type { Logger, Metrics } from '../engine/observe/index.ts'
import type { Config } from './config.ts'

/** Where the secret of the pseudonyms lies. */
export function archiveKeyFile({ archive, data }: Pick<Config, 'archive' | 'data'>): string {
  return archive.keyFile === '' ? join(data, 'archive.key') : archive.keyFile
}

/** What turns records into rows of the archive, as configured. @throws RingfenceError for an unreadable key */
async function archiveRows(config: Config): Promise<RowContext> {
  return {
    identity: createIdentity(config.identity),
    pseudonyms: createPseudonyms(readSecret(archiveKeyFile(config)), config.archive.rotation),
    language: await createLanguageReader(),
  }
}

interface Surroundings {
  readonly log: EventLog
  readonly metrics: Metrics
  readonly logger: Logger
  readonly roles: readonly string[]
  /** Days that the jurisdiction in force lets an archived day be kept. */
  readonly retentionDays: number
}

/**
 * Starts the archive of the `serve` role.
 * @throws RingfenceError of configuration, key and store
 */
export async function openArchive(config: Config, { metrics, ...surroundings }: Surroundings): Promise<Archive> {
  const { archive } = config
  const counters = archiveCounters()
  exposeArchive(metrics, counters)
  const spool = join(config.data, 'archive-spool')
  const duck = await openDuck({ threads: 1, memoryBytes: archive.memoryMegabytes * 1e6, temporary: spool })
  const started = await startArchive({
    ...(await archiveRows(config)),
    ...surroundings,
    store: openStore(archive),
    duck,
    spool,
    flushRecords: archive.flushRecords,
    flushMs: archive.flushSeconds * 1000,
    retentionDays: archive.retentionDays || surroundings.retentionDays,
    instance: hostname(),
    counters,
    now: Date.now,
    usage: processUsage,
  })
  return {
    ...started,
    async close() {
      await started.close()
      duck.close()
    },
  }
}
