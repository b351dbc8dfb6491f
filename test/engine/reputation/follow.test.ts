import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Reputation } from '../../../engine/activity/index.ts'
import { type EventLog, openEmbeddedLog } from '../../../engine/log/index.ts'
import { followReputation } from '../../../engine/reputation/index.ts'
import { eventually } from '../../support/sockets.ts'
import { quiet } from '../serve/scene.ts'

const topic = 'ringfence.reputation'
const NOW = 1_764_000_000_000

function record(party: string, score: number): Buffer {
  const reputation: Reputation = {
    party,
    time: NOW,
    score,
    action: 'block',
    reasons: [],
    first: NOW,
    last: NOW,
    activities: 1,
    pack: 'p',
  }
  return Buffer.from(JSON.stringify(reputation))
}

async function withLog(work: (log: EventLog) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-follow-'))
  const log = await openEmbeddedLog({ directory, partitions: 4 })
  try {
    await work(log)
  } finally {
    await log.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

const put = (log: EventLog, party: string, value: Uint8Array | null) =>
  log.append([{ topic, key: party, value, timeMs: NOW }])

/** A view whose clock the test sets, and that asks the log all the time. */
async function follow(log: EventLog, clock = { ms: 1_000 }) {
  const followed = await followReputation({
    log,
    instance: 'test',
    maxParties: 1000,
    logger: quiet,
    now: () => clock.ms,
    checkEveryMs: 5,
  })
  return { followed, clock }
}

describe('the reputation topic, followed', () => {
  it('is ready once it holds what was there, goes on with what comes, and lets go of tombstones', async () => {
    await withLog(async log => {
      for (let i = 0; i < 200; i++) await put(log, `+3361234${i}`, record(`+3361234${i}`, i))
      await put(log, '+33612340', record('+33612340', 7))
      const { followed } = await follow(log)
      await eventually('it has caught up', () => followed.notReady().length === 0)
      assert.equal(followed.counters().parties, 200)
      assert.equal(followed.view.find('+33612340')?.score, 7, 'the last record holds')
      await put(log, '+33612341', null)
      await put(log, 'bob@example.net', record('bob@example.net', 9))
      await eventually('it follows', () => followed.view.find('bob@example.net') !== undefined)
      await eventually('the tombstone is followed', () => followed.view.find('+33612341') === undefined)
      assert.equal((await followed.record('bob@example.net'))?.score, 9)
      assert.equal(await followed.record('+33699999999'), undefined)
      await followed.close()
    })
  })

  it('gives decisions their turn in the midst of a long batch', async () => {
    await withLog(async log => {
      const parties = Array.from({ length: 900 }, (_, i) => `+3361234${i}`)
      await log.append(parties.map(key => ({ topic, key, value: record(key, 1), timeMs: NOW })))
      const batches: { records: number; turns: number }[] = []
      const watched: EventLog = {
        ...log,
        subscribe: (options, handlers) =>
          log.subscribe(options, {
            ...handlers,
            async batch(batch) {
              const seen = { records: batch.records.length, turns: 0 }
              let isBusy = true
              const count = () => {
                seen.turns++
                if (isBusy) setImmediate(count)
              }
              setImmediate(count)
              await handlers.batch(batch)
              isBusy = false
              batches.push(seen)
            },
          }),
      }
      const { followed } = await follow(watched)
      await eventually('it has caught up', () => followed.counters().parties === 900)
      for (const { records, turns } of batches) assert.ok(turns >= Math.floor(records / 128), `${turns} in ${records}`)
      assert.ok(batches.some(({ records }) => records >= 128))
      await followed.close()
    })
  })

  it('says how stale it is: fresh while it keeps up, older and older when the log does not answer', async () => {
    await withLog(async log => {
      await put(log, '+3361', record('+3361', 1))
      let isAway = false
      const flaky: EventLog = {
        ...log,
        partitions: log.partitions,
        bounds: place => (isAway ? Promise.reject(new Error('away')) : log.bounds(place)),
      }
      const { followed, clock } = await follow(flaky)
      await eventually('it is fresh', () => followed.staleMs() === 0)
      clock.ms += 5_000
      await eventually('it is fresh again', () => followed.staleMs() < 5_000)
      isAway = true
      const lastMs = followed.staleMs()
      clock.ms += 60_000
      assert.ok(followed.staleMs() >= 60_000 && followed.staleMs() <= lastMs + 65_000)
      assert.notEqual(followed.view.find('+3361'), undefined, 'it goes on answering')
      isAway = false
      await eventually('it recovers', () => followed.staleMs() < 60_000)
      await followed.close()
    })
  })

  it('passes over what cannot be read, and counts it', async () => {
    await withLog(async log => {
      await put(log, '+3361', Buffer.from('{'))
      await put(log, '+3362', Buffer.from('{"party":5}'))
      await put(log, '+3363', record('+3363', 1))
      const { followed } = await follow(log)
      await eventually('it has read all', () => followed.passedOver() === 2 && followed.counters().parties === 1)
      await followed.close()
    })
  })

  it('is fresh on an empty log', async () => {
    await withLog(async log => {
      const { followed } = await follow(log)
      assert.deepEqual(followed.notReady(), [])
      assert.equal(followed.staleMs(), 0)
      await followed.close()
    })
  })
})
