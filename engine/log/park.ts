import { type DeadLetter, topics } from '../activity/index.ts'
import { RingfenceError } from '../errors/index.ts'
import type { AppendRecord, EventLog, StoredRecord, TopicPartition } from './port.ts'

/** Original bytes that a dead letter holds at the most, so that as base64 it fits into a record of any log. */
const LETTER_BYTES = 5 * 1024 * 1024

/**
 * A record that could not be read, parked with its original bytes, where it came from and why. Of bytes beyond
 * 5 MB the beginning alone is kept, and the reason says so: the whole stands where it came from.
 */
export function deadLetterRecord(
  { topic, partition }: TopicPartition,
  record: StoredRecord,
  reason: string,
): AppendRecord {
  const whole = record.value ?? new Uint8Array(0)
  const kept = whole.subarray(0, LETTER_BYTES)
  const letter: DeadLetter = {
    time: record.timeMs,
    topic,
    partition,
    offset: record.offset,
    key: record.key,
    reason: kept.length < whole.length ? `${reason} (the first ${kept.length} of ${whole.length} bytes)` : reason,
    value: Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('base64'),
  }
  const value = Buffer.from(JSON.stringify(letter))
  return { topic: topics.deadLetters.topic, key: null, value, timeMs: record.timeMs }
}

/** Whose position says how far a topic that every process reads has been looked through for records to park. */
const PARKED_GROUP = 'ringfence-parked'
const ATTEMPTS = 60
const RETRY_MS = 1000

/**
 * Parks a record of a topic that every process reads, and reads again at every start: one dead letter is enough. Records
 * of a partition come in order. Waits up to a minute for a log that is away; gives whether this call parked it.
 * Throws what `append` throws.
 */
export async function parkOnce(
  log: Pick<EventLog, 'append' | 'committed'>,
  place: TopicPartition,
  record: StoredRecord,
  reason: string,
): Promise<boolean> {
  const { topic, partition } = place
  for (let attempt = 1; ; attempt++) {
    try {
      if (record.offset < ((await log.committed(PARKED_GROUP, place)) ?? 0)) return false
      const commit = { group: PARKED_GROUP, topic, partition, nextOffset: record.offset + 1 }
      await log.append([deadLetterRecord(place, record, record.unreadable ?? reason)], [commit])
      return true
    } catch (error) {
      const away = error instanceof RingfenceError && error.code === 'LOG_UNAVAILABLE'
      if (!away || attempt >= ATTEMPTS) throw error
      await new Promise(resolve => setTimeout(resolve, RETRY_MS))
    }
  }
}
