import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DeadLetter, topics } from '../../../engine/activity/index.ts'
import { RingfenceError } from '../../../engine/errors/index.ts'
import type { AppendRecord, Commit } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'
import { publish } from '../../../engine/runtime/publish.ts'

const logger = createLogger({ level: 'silent' })
const commit: Commit = { group: 'g', topic: topics.activity.topic, partition: 0, nextOffset: 7 }
const verdict: AppendRecord = { topic: topics.verdicts.topic, key: 'k', value: Buffer.from('{}'), timeMs: 1 }
const letter = (bytes: number): AppendRecord => {
  const value = Buffer.alloc(bytes).toString('base64')
  const body = { time: 1, topic: topics.activity.topic, partition: 0, offset: 6, key: null, reason: 'bad', value }
  return { topic: topics.deadLetters.topic, key: null, value: Buffer.from(JSON.stringify(body)), timeMs: 1 }
}

/** A log that fails as `failures` says, one for each call, and keeps what it takes after that. */
function logThatFails(...failures: (((records: readonly AppendRecord[]) => Error | undefined) | Error)[]) {
  const taken: { topics: string[]; commits: readonly Commit[]; records: readonly AppendRecord[] }[] = []
  return {
    taken,
    async append(records: readonly AppendRecord[], commits: readonly Commit[] = []) {
      const next = failures.shift()
      const error = typeof next === 'function' ? next(records) : next
      if (error !== undefined) throw error
      taken.push({ topics: records.map(({ topic }) => topic), commits, records })
    },
  }
}
const away = new RingfenceError('LOG_UNAVAILABLE', 'away')
const ours = { logger, isOurs: () => true }

describe('publishing what came of a batch', () => {
  it('waits for a log that is away and then writes everything, with the position last', async () => {
    const log = logThatFails(away, away)
    await publish(log, [verdict, letter(10)], [commit], ours)
    assert.deepEqual(
      log.taken.map(({ topics: names, commits }) => [names, commits.length]),
      [
        [[topics.deadLetters.topic], 0],
        [[topics.verdicts.topic], 1],
      ],
    )
  })

  it('does not repeat verdicts while dead letters alone are refused', async () => {
    const refuse = (records: readonly AppendRecord[]) =>
      records.some(({ topic }) => topic === topics.deadLetters.topic) ? away : undefined
    const log = logThatFails(refuse, refuse, refuse)
    await publish(log, [letter(1), verdict], [commit], ours)
    assert.equal(log.taken.flatMap(({ topics: names }) => names).filter(name => name === verdict.topic).length, 1)
  })

  it('sends the beginning of a dead letter that is too large, and says so', async () => {
    const log = logThatFails(new RingfenceError('RECORD_INVALID', 'too large'))
    await publish(log, [letter(1_000_000)], [commit], ours)
    const sent = JSON.parse(Buffer.from(log.taken[0]!.records[0]!.value!).toString()) as DeadLetter
    assert.equal(Buffer.from(sent.value, 'base64').length, 262_144)
    assert.match(sent.reason, /^bad \(the first 262144 of 1000000 bytes\)$/)
  })

  it('stops on what no trying mends', async () => {
    await assert.rejects(publish(logThatFails(new Error('broken')), [verdict], [], ours), /broken/)
    const tooLarge = new RingfenceError('RECORD_INVALID', 'too large')
    await assert.rejects(publish(logThatFails(tooLarge, tooLarge), [letter(1)], [], ours), { code: 'RECORD_INVALID' })
  })

  it('gives up a partition that is no longer ours, without another word', async () => {
    let left = 2
    const log = logThatFails(away, away, away, away)
    await assert.rejects(publish(log, [verdict], [commit], { logger, isOurs: () => left-- > 0 }), {
      code: 'LOG_UNAVAILABLE',
    })
    assert.deepEqual(log.taken, [])
  })
})
