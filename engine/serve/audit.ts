import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Milliseconds } from '../activity/index.ts'
import { messageOf, RingfenceError } from '../errors/index.ts'

/** One change that somebody made through the API. */
export const AuditEntry = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    time: Milliseconds('when'),
    who: Type.String({ description: 'holder of the token or certificate' }),
    role: Type.String(),
    what: Type.String({ description: 'list.change, feedback.give, pack.reload, appeal.file, appeal.decide' }),
    subject: Type.String({ description: 'what was changed' }),
    detail: Type.Unknown({ description: 'as it was asked for' }),
    previous: Type.String({ description: 'hash of the entry before' }),
    hash: Type.String({ description: 'SHA-256 of this entry without this field' }),
  },
  { $id: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>

export type Change = Pick<AuditEntry, 'who' | 'role' | 'what' | 'subject' | 'detail'>

export interface AuditTrail {
  /** Resolves once the entry is on disk: nothing is changed before. */
  record(change: Change): Promise<AuditEntry>
  /** Newest first, below `before`, at most `limit`. */
  page(limit: number, before?: number): readonly AuditEntry[]
  /** The first entry whose chain is broken, if one is. */
  broken(): number | undefined
  close(): Promise<void>
}

const FIRST = '0'.repeat(64)

interface Waiting {
  readonly change: Change
  resolve(entry: AuditEntry): void
  reject(error: unknown): void
}

/**
 * An append-only file a month, one JSON line an entry, each with the hash of the one before: what was taken out or altered
 * later shows. A line torn by a crash was never acknowledged and is cut off.
 * @throws RingfenceError OUTPUT_FAILED when the folder cannot be written
 */
export async function openAuditTrail(folder: string, now: () => number): Promise<AuditTrail> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    cutTornLine(folder)
  } catch (error) {
    throw new RingfenceError('OUTPUT_FAILED', `cannot write the audit trail in ${folder}: ${messageOf(error)}`, {
      cause: error,
    })
  }
  let last = newest(folder, 1)[0]
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined

  /** Writes what waits, one flush of the disk for all that came during the one before. Never rejects. */
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting
      waiting = []
      const timeMs = now()
      const entries = chained(taken, last, timeMs)
      try {
        await appendLines(join(folder, `${new Date(timeMs).toISOString().slice(0, 7)}.jsonl`), entries)
        last = entries.at(-1)
        for (const [at, { resolve }] of taken.entries()) resolve(entries[at]!)
      } catch (error) {
        for (const { reject } of taken) reject(error)
      }
    }
    writing = undefined
  }

  return {
    record: change =>
      new Promise((resolve, reject) => {
        waiting.push({ change, resolve, reject })
        writing ??= drain()
      }),
    page: (limit, before = Number.POSITIVE_INFINITY) => newest(folder, limit, before),
    broken() {
      let previous = FIRST
      for (const entry of months(folder).flatMap(month => entriesOf(folder, month))) {
        const { hash, ...body } = entry
        if (entry.previous !== previous || hashOf(body) !== hash) return entry.seq
        previous = hash
      }
      return undefined
    },
    async close() {
      await writing
    },
  }
}

function chained(waiting: readonly Waiting[], last: AuditEntry | undefined, time: number): readonly AuditEntry[] {
  let seq = last?.seq ?? 0
  let previous = last?.hash ?? FIRST
  return waiting.map(({ change }) => {
    const body = { seq: ++seq, time, ...change, previous }
    previous = hashOf(body)
    return { ...body, hash: previous }
  })
}

/** All the lines or none: what a full disk left of them is taken back. */
async function appendLines(path: string, entries: readonly AuditEntry[]): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    const { size } = await file.stat()
    try {
      await file.appendFile(entries.map(entry => `${JSON.stringify(entry)}\n`).join(''))
      await file.datasync()
    } catch (error) {
      await file.truncate(size)
      throw error
    }
  } finally {
    await file.close()
  }
}

function hashOf(body: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}

function months(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter(name => /^\d{4}-\d\d\.jsonl$/.test(name))
    .sort()
}

function entriesOf(folder: string, month: string): AuditEntry[] {
  const lines = readFileSync(join(folder, month), 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as AuditEntry)
}

function newest(folder: string, limit: number, before = Number.POSITIVE_INFINITY): readonly AuditEntry[] {
  const found: AuditEntry[] = []
  for (const month of [...months(folder)].reverse()) {
    for (const entry of entriesOf(folder, month).reverse()) {
      if (entry.seq >= before) continue
      if (found.push(entry) >= limit) return found
    }
  }
  return found
}

function cutTornLine(folder: string): void {
  const month = months(folder).at(-1)
  if (month === undefined) return
  const path = join(folder, month)
  const bytes = readFileSync(path)
  if (bytes.length > 0 && bytes.at(-1) !== 10) truncateSync(path, bytes.lastIndexOf(10) + 1)
}
