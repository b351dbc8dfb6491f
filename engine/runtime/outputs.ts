import {
  Activity,
  type Codec,
  type DeadLetter,
  type Decoded,
  jsonCodec,
  type Reputation,
  topics,
  type Verdict,
} from '../activity/index.ts'
import type { AppendRecord, StoredRecord, TopicPartition } from '../log/index.ts'

export const activityCodec: Codec<Activity> = jsonCodec(Activity)

/** The activity that a record holds, or why it holds none. */
export function decodeActivity({ value, unreadable }: StoredRecord): Decoded<Activity> {
  if (unreadable !== undefined) return { ok: false, reason: unreadable }
  return value === null ? { ok: false, reason: 'empty record' } : activityCodec.decode(value)
}

/** One activity as the record that taps publish. */
export function activityRecord(activity: Activity, key: string): AppendRecord {
  return { topic: topics.activity.topic, key, value: activityCodec.encode(activity), timeMs: activity.time }
}

/** A verdict travels under the key of the party it judges. */
export function verdictRecord(verdict: Verdict): AppendRecord {
  return { topic: topics.verdicts.topic, key: verdict.party, value: json(verdict), timeMs: verdict.time }
}

/** The newest reputation of a party replaces the one before: the topic is compacted. */
export function reputationRecord(reputation: Reputation): AppendRecord {
  return { topic: topics.reputation.topic, key: reputation.party, value: json(reputation), timeMs: reputation.time }
}

/** Original bytes that a dead letter holds at the most, so that as base64 it fits into a record of any log. */
const LETTER_BYTES = 5 * 1024 * 1024

/**
 * A record that could not be read, parked with its original bytes, where it came from and why. Of bytes beyond
 * `mostBytes` the beginning alone is kept, and the reason says so: the whole stands where it came from.
 */
export function deadLetterRecord(
  { topic, partition }: TopicPartition,
  record: StoredRecord,
  reason: string,
  timeMs: number,
  mostBytes = LETTER_BYTES,
): AppendRecord {
  const whole = record.value ?? new Uint8Array(0)
  const kept = whole.subarray(0, mostBytes)
  const letter: DeadLetter = {
    time: timeMs,
    topic,
    partition,
    offset: record.offset,
    key: record.key,
    reason: kept.length < whole.length ? `${reason} (the first ${kept.length} of ${whole.length} bytes)` : reason,
    value: Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString('base64'),
  }
  return { topic: topics.deadLetters.topic, key: null, value: json(letter), timeMs }
}

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))
