import {
  Activity,
  type Codec,
  type DeadLetter,
  jsonCodec,
  type Reputation,
  topics,
  type Verdict,
} from '../activity/index.ts'
import type { AppendRecord, RecordBatch, StoredRecord } from '../log/index.ts'

export const activityCodec: Codec<Activity> = jsonCodec(Activity)

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

/** A record that could not be read, parked with its original bytes, where it came from and why. */
export function deadLetterRecord(
  batch: RecordBatch,
  record: StoredRecord,
  reason: string,
  timeMs: number,
): AppendRecord {
  const letter: DeadLetter = {
    time: timeMs,
    topic: batch.topic,
    partition: batch.partition,
    offset: record.offset,
    key: record.key,
    reason,
    value: record.value === null ? '' : Buffer.from(record.value).toString('base64'),
  }
  return { topic: topics.deadLetters.topic, key: null, value: json(letter), timeMs }
}

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))
