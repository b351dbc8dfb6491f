import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Activity, type Feedback, topics, type Verdict } from '../../../engine/activity/index.ts'
import {
  type ArchiveOptions,
  type ArchiveStore,
  archiveCounters,
  createLanguageReader,
  createPseudonyms,
  type Duck,
  openDuck,
  openStore,
  startArchive,
} from '../../../engine/archive/index.ts'
import { idOf } from '../../../engine/hash/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { type AppendRecord, type EventLog, openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'

export const secret = Buffer.from('a secret of the tests, 32 bytes.')
export const DAY_MS = 86_400_000
export const START_MS = Date.UTC(2026, 2, 30, 12)

export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-archive-'))
  t.after(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}

export function localArchive(path: string): ArchiveStore {
  const s3 = { endpoint: '', region: '', accessKeyId: '', secretAccessKeyFile: '' }
  return openStore({ path, s3 })
}

export async function duckOf(t: TestContext): Promise<Duck> {
  const duck = await openDuck({ threads: 1, memoryBytes: 256e6 })
  t.after(() => duck.close())
  return duck
}

export async function logOf(t: TestContext, directory: string, partitions = 2): Promise<EventLog> {
  const log = await openEmbeddedLog({ directory, partitions })
  t.after(() => log.close())
  return log
}

export type Overrides = Partial<ArchiveOptions> & Pick<ArchiveOptions, 'log' | 'store' | 'duck' | 'spool'>

/** An archive that writes only when told, with all that a test does not care for. */
export async function archiveOf(options: Overrides) {
  const counters = archiveCounters()
  let cpuSeconds = 0
  const archive = await startArchive({
    identity: createIdentity({ defaultCountry: 'FR' }),
    pseudonyms: createPseudonyms(secret, 'month'),
    language: await createLanguageReader(),
    flushRecords: 1_000_000,
    flushMs: DAY_MS,
    retentionDays: 3650,
    instance: 'test',
    roles: ['serve'],
    counters,
    logger: createLogger({ level: 'silent' }),
    now: () => START_MS,
    usage: () => ({ cpuSeconds: cpuSeconds++, rssBytes: 1e6 }),
    ...options,
  })
  /** Resolves once so many records wait to be written. */
  const waiting = async (records: number) => {
    for (let turn = 0; counters.waiting !== records; turn++) {
      if (turn > 2_000_000) throw new Error(`${counters.waiting} records wait, not ${records}`)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { archive, counters, waiting }
}

export function verdictOf(n: number, fields: Partial<Verdict> = {}): Verdict {
  return {
    id: idOf('verdict', String(n)),
    activity: `activity-${n}`,
    role: 'origin',
    kind: 'call.attempt',
    time: START_MS + n * 1000,
    party: `+3361${String(1_000_000 + (n % 7)).padStart(7, '0')}`,
    target: `+3362${String(2_000_000 + n).padStart(7, '0')}`,
    score: n % 10,
    action: n % 10 > 6 ? 'flag' : 'allow',
    category: 'robocall',
    class: 'real-time voice',
    reasons: [
      {
        symbol: 'ROBOCALL',
        score: 3,
        state: 'enforce',
        says: { en: 'a', fr: 'b' },
        evidence: { number: '+33612345678' },
      },
    ],
    route: { trunk: 'ix-1', peer: '198.51.100.7' },
    callId: `call-${n}@host.example`,
    campaign: { id: 'c1', origins: 1, targets: 9, messages: 10, firstSeen: START_MS, sample: 'You have won' },
    pack: 'default-1.abcdefgh',
    ...fields,
  }
}

export function record(
  topic: 'verdicts' | 'activity' | 'feedback',
  value: Verdict | Activity | Feedback,
  key: string,
): AppendRecord {
  return { topic: topics[topic].topic, key, value: Buffer.from(JSON.stringify(value)), timeMs: value.time }
}

export const verdictRecord = (verdict: Verdict) => record('verdicts', verdict, verdict.party)

export async function appendVerdicts(log: EventLog, from: number, to: number): Promise<void> {
  const records: AppendRecord[] = []
  for (let n = from; n < to; n++) records.push(verdictRecord(verdictOf(n)))
  await log.append(records)
}
