import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Activity, topics } from '../../../engine/activity/index.ts'
import { type EventLog, openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'
import { FEEDBACK_GROUP, followFeedback } from '../../../engine/runtime/index.ts'

const feedback = topics.feedback.topic

describe('the feedback topic', () => {
  it('becomes feedback activity of the party it is about; appeals do not, and what cannot be read is parked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-feedback-'))
    const log = await openEmbeddedLog({ directory: folder, partitions: 2 })
    const logger = createLogger({ level: 'silent' })
    const said = { time: 1_764_000_000_000, party: '+33699999999', reporter: '+33612345678', opinion: 'spam' }
    const records = [
      { id: 'a', ...said, source: 'report' },
      { id: 'b', ...said, source: 'appeal', opinion: 'ham' },
      { id: 'c', ...said, reporter: undefined, source: 'analyst' },
      { id: 'd', ...said, source: 'rumour' },
    ]
    try {
      await log.append(
        records.map(record => ({
          topic: feedback,
          key: record.party,
          value: Buffer.from(JSON.stringify(record)),
          timeMs: record.time,
        })),
      )
      const following = await followFeedback({ log, logger })
      await committed(log)
      await following.close()
      const activities = await values<Activity>(log, topics.activity.topic)
      assert.deepEqual(
        activities.map(each => [each.kind === 'feedback' && each.source, each.from.party, each.to?.party]),
        [
          ['report', '+33699999999', '+33612345678'],
          ['analyst', '+33699999999', undefined],
        ],
      )
      assert.equal(new Set(activities.map(each => each.id)).size, 2)
      const parked = await values<{ topic: string }>(log, topics.deadLetters.topic)
      assert.deepEqual(
        parked.map(each => each.topic),
        [feedback],
      )
    } finally {
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

type Log = EventLog

async function committed(log: Log): Promise<void> {
  for (let partition = 0; partition < log.partitions; partition++) {
    const place = { topic: feedback, partition }
    const { next } = await log.bounds(place)
    while (((await log.committed(FEEDBACK_GROUP, place)) ?? 0) < next)
      await new Promise(resolve => setImmediate(resolve))
  }
}

async function values<T>(log: Log, topic: (typeof topics)[keyof typeof topics]['topic']): Promise<T[]> {
  const found: T[] = []
  for (let partition = 0; partition < log.partitions; partition++) {
    if (topic === topics.deadLetters.topic && partition > 0) break
    for await (const { records } of log.read({ topic, partition }))
      for (const { value } of records) if (value !== null) found.push(JSON.parse(Buffer.from(value).toString()) as T)
  }
  return found
}
