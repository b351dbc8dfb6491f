import {
  Activity,
  type Codec,
  type Decoded,
  jsonCodec,
  type Reputation,
  topics,
  type Verdict,
} from '../activity/index.ts'
import type { AppendRecord, StoredRecord } from '../log/index.ts'

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
export function verdictRecord(verdict: Verdict, traceParent?: string): AppendRecord {
  const record = { topic: topics.verdicts.topic, key: verdict.party, value: json(verdict), timeMs: verdict.time }
  return traceParent === undefined ? record : { ...record, traceParent }
}

/** The newest reputation of a party replaces the one before: the topic is compacted. */
export function reputationRecord(reputation: Reputation): AppendRecord {
  return { topic: topics.reputation.topic, key: reputation.party, value: json(reputation), timeMs: reputation.time }
}

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value))
