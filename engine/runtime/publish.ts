import { type DeadLetter, topics } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import type { AppendRecord, Commit, EventLog } from '../log/index.ts'
import type { Logger } from '../observe/index.ts'

export interface PublishOptions {
  readonly logger: Logger
  /** False once the partition is somebody else's, or the engine closes: then there is nothing to wait for. */
  readonly isOurs: () => boolean
}

const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 2000
/** Of a dead letter that a log refuses for its size, as much as the smallest limit of brokers takes. */
const SMALL_LETTER_BYTES = 256 * 1024

/**
 * Appends what came of a batch, and tries again for as long as the log is away and the partition is ours: it stands still
 * meanwhile, which is the back-pressure. A dead letter that is refused for its size is sent again with the beginning of
 * its bytes. Rejects with LOG_UNAVAILABLE when it is no longer ours, and with what no trying mends.
 */
export async function publish(
  log: Pick<EventLog, 'append'>,
  records: readonly AppendRecord[],
  commits: readonly Commit[],
  { logger, isOurs }: PublishOptions,
): Promise<void> {
  /** Together as long as all goes well; after a failure the letters first, so that the others are not repeated with them. */
  let parts: (readonly AppendRecord[])[] = [records]
  let shrunk = false
  for (let delayMs = FIRST_RETRY_MS; parts.length > 0; ) {
    try {
      await log.append(parts[0]!, parts.length === 1 ? commits : [], commits[0])
      parts.shift()
    } catch (error) {
      const code = error instanceof RingfenceError ? error.code : undefined
      if (code === 'RECORD_INVALID' && !shrunk && parts[0]!.some(isLetter)) {
        shrunk = true
        parts[0] = parts[0]!.map(record => (isLetter(record) ? smaller(record) : record))
        continue
      }
      if (code !== 'LOG_UNAVAILABLE' || !isOurs()) throw error
      logger.error({ reason: (error as Error).message }, 'the event log does not take what was found, trying again')
      if (parts.length === 1) parts = lettersFirst(parts[0]!)
      await waitFor(delayMs, isOurs)
      if (!isOurs()) throw error
      delayMs = Math.min(delayMs * 2, LAST_RETRY_MS)
    }
  }
}

function lettersFirst(records: readonly AppendRecord[]): (readonly AppendRecord[])[] {
  const letters = records.filter(isLetter)
  return letters.length === 0 || letters.length === records.length
    ? [records]
    : [letters, records.filter(record => !isLetter(record))]
}

const isLetter = ({ topic }: AppendRecord) => topic === topics.deadLetters.topic

function smaller(record: AppendRecord): AppendRecord {
  const letter = JSON.parse(Buffer.from(record.value!).toString()) as DeadLetter
  const bytes = Buffer.from(letter.value, 'base64')
  if (bytes.length <= SMALL_LETTER_BYTES) return record
  const value = bytes.subarray(0, SMALL_LETTER_BYTES).toString('base64')
  const reason = `${letter.reason} (the first ${SMALL_LETTER_BYTES} of ${bytes.length} bytes)`
  return { ...record, value: Buffer.from(JSON.stringify({ ...letter, reason, value })) }
}

/** Waits, a tenth of a second at a time: a partition that is lost must not be held up. */
async function waitFor(delayMs: number, goOn: () => boolean): Promise<void> {
  for (let leftMs = delayMs; leftMs > 0 && goOn(); leftMs -= 100)
    await new Promise(resolve => setTimeout(resolve, Math.min(leftMs, 100)))
}
