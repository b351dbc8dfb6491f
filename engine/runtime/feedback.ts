import { type ActivityOf, Feedback, jsonCodec, topics } from '../activity/index.ts'
import { idOf } from '../hash/index.ts'
import {
  type AppendRecord,
  deadLetterRecord,
  type EventLog,
  type RecordBatch,
  type Subscription,
} from '../log/index.ts'
import type { Logger } from '../observe/index.ts'
import { activityRecord } from './outputs.ts'
import { publish } from './publish.ts'

const codec = jsonCodec(Feedback)
export const FEEDBACK_GROUP = 'ringfence-feedback'

/**
 * Brings what was said on the feedback topic (over the API, or by the operator's own tools) before the engine: each record
 * becomes a feedback activity of the party it is about, so that it is weighed with everything else known of that party. Group
 * members share the partitions; a record read twice gives the same id and counts once. An appeal is a request, not an opinion.
 */
export async function followFeedback({ log, logger }: { log: EventLog; logger: Logger }): Promise<Subscription> {
  let open = true

  async function batch(records: RecordBatch): Promise<void> {
    const out: AppendRecord[] = []
    for (const record of records.records) {
      if (record.value === null) continue
      const decoded = codec.decode(record.value)
      if (decoded.ok) {
        const activity = activityOf(decoded.value)
        if (activity !== undefined) out.push(activityRecord(activity, activity.from.party))
        continue
      }
      logger.warn({ offset: record.offset, reason: decoded.reason }, 'feedback record parked')
      out.push(deadLetterRecord(records, record, decoded.reason))
    }
    const { topic, partition, nextOffset } = records
    await publish(log, out, [{ group: FEEDBACK_GROUP, topic, partition, nextOffset }], { logger, isOurs: () => open })
  }
  const { ended, close } = await log.subscribe(
    { group: FEEDBACK_GROUP, topics: [topics.feedback.topic] },
    { assigned: async () => undefined, batch, revoked: async () => {} },
  )
  return {
    ended,
    close() {
      open = false
      return close()
    },
  }
}

function activityOf({ id, time, party, reporter, source, opinion }: Feedback): ActivityOf<'feedback'> | undefined {
  if (source === 'appeal' || party === '' || party.length > 256) return undefined
  const named = reporter !== undefined && reporter !== '' && reporter.length <= 256
  return {
    id: idOf('feedback', id, party),
    role: 'origin',
    kind: 'feedback',
    time,
    from: { party },
    ...(named ? { to: { party: reporter } } : {}),
    route: { tap: 'feedback' },
    source,
    opinion,
  }
}
