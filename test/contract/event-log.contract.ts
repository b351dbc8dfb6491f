import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { topics } from '../../engine/activity/index.ts'
import { type EventLog, partitionOf } from '../../engine/log/index.ts'
import { groupContract } from './event-log-groups.contract.ts'
import { modelContract } from './event-log-model.contract.ts'
import { type OpenLog, observe, readAll, record, text } from './harness.ts'

const activity = topics.activity.topic
const reputation = topics.reputation.topic
const deadLetters = topics.deadLetters.topic

/** What every implementation of the event log port must do. Registers tests of `node:test` under `name`. */
export function eventLogContract(name: string, open: OpenLog): void {
  /** A fresh log that goes away with the test. */
  const fresh = async (t: TestContext, partitions = 4): Promise<EventLog> => {
    const under = await open({ partitions })
    t.after(() => under.release())
    return under.log
  }

  describe(`${name}: append and read`, () => {
    it('gives back key, value, event time and offset, in the order of appending', async t => {
      const log = await fresh(t)
      const values = Array.from({ length: 2500 }, (_, i) => `v${i}`)
      for (let i = 0; i < values.length; i += 500) {
        await log.append(
          values.slice(i, i + 500).map((value, j) => record(activity, '+33123456789', value, { timeMs: 1e12 + i + j })),
        )
      }
      const partition = partitionOf('+33123456789', 4)
      const records = await readAll(log, activity, partition)
      assert.deepEqual(
        records.map(each => text(each.value)),
        values,
      )
      assert.deepEqual(
        records.map(each => each.offset),
        values.map((_, i) => i),
      )
      assert.equal(records[7]?.key, '+33123456789')
      assert.equal(records[7]?.timeMs, 1e12 + 7)
    })

    it('carries the trace that a record belongs to, beside records that belong to none', async t => {
      const log = await fresh(t, 1)
      const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const appended = [
        record(activity, 'a', 'first'),
        record(activity, null, 'second', { traceParent }),
        record(activity, 'c', null),
        record(activity, 'd', 'fourth', { traceParent }),
      ]
      await log.append(appended)
      await log.append([record(activity, 'e', 'fifth')])
      assert.deepEqual(
        (await readAll(log, activity, 0)).map(({ key, value, traceParent: trace }) => [key, text(value), trace]),
        [
          ['a', 'first', undefined],
          [null, 'second', traceParent],
          ['c', null, undefined],
          ['d', 'fourth', traceParent],
          ['e', 'fifth', undefined],
        ],
      )
    })

    it('puts a key where Kafka’s default partitioner puts it', async t => {
      const log = await fresh(t, 6)
      const keys = ['+33123456789', 'sip:alice@example.org', 'é', '+14155550100', '']
      await log.append(keys.map(key => record(activity, key, key)))
      for (const key of keys) {
        const found = await readAll(log, activity, partitionOf(key, 6))
        assert.ok(
          found.some(each => each.key === key),
          `key ${key}`,
        )
      }
    })

    it('keeps records of one append in order and whole across partitions', async t => {
      const log = await fresh(t)
      await log.append(Array.from({ length: 400 }, (_, i) => record(activity, `party-${i % 37}`, `${i}`)))
      const seen = new Map<string, number>()
      let total = 0
      for (let partition = 0; partition < 4; partition++) {
        for (const each of await readAll(log, activity, partition)) {
          const value = Number(text(each.value))
          assert.ok(value > (seen.get(each.key!) ?? -1))
          seen.set(each.key!, value)
          total++
        }
      }
      assert.equal(total, 400)
    })

    it('keeps the order of appends that were not waited for', async t => {
      const log = await fresh(t)
      await Promise.all(Array.from({ length: 200 }, (_, i) => log.append([record(activity, 'one', `${i}`)])))
      const values = (await readAll(log, activity, partitionOf('one', 4))).map(each => Number(text(each.value)))
      assert.deepEqual(
        values,
        Array.from({ length: 200 }, (_, i) => i),
      )
    })

    it('reads from an offset, also one inside what was appended together', async t => {
      const log = await fresh(t, 1)
      await log.append(Array.from({ length: 100 }, (_, i) => record(activity, 'k', `${i}`)))
      await log.append(Array.from({ length: 100 }, (_, i) => record(activity, 'k', `${100 + i}`)))
      for (const from of [0, 1, 50, 99, 100, 101, 150, 199, 200]) {
        const records = await readAll(log, activity, 0, from)
        assert.equal(records.length, 200 - from)
        if (from < 200) assert.equal(records[0]?.offset, from)
      }
    })

    it('reads up to the end as it was when asked', async t => {
      const log = await fresh(t, 1)
      await log.append([record(activity, 'k', 'before')])
      const reading = log.read({ topic: activity, partition: 0 })
      const bounds = await log.bounds({ topic: activity, partition: 0 })
      assert.deepEqual(bounds, { earliest: 0, next: 1 })
      const seen: (string | null)[] = []
      for await (const batch of reading) {
        seen.push(...batch.records.map(each => text(each.value)))
        await log.append([record(activity, 'k', 'while reading')])
      }
      assert.deepEqual(seen, ['before'])
      assert.equal((await log.bounds({ topic: activity, partition: 0 })).next, 2)
    })

    it('tells an empty value from none, and takes keys in any script', async t => {
      const log = await fresh(t, 1)
      await log.append([record(activity, 'ключ', ''), record(activity, '', null), record(activity, 'a\u0000b', 'x')])
      const records = await readAll(log, activity, 0)
      assert.deepEqual(
        records.map(each => [each.key, text(each.value)]),
        [
          ['ключ', ''],
          ['', null],
          ['a\u0000b', 'x'],
        ],
      )
    })

    it('takes values of a megabyte', async t => {
      const log = await fresh(t, 2)
      const large = Buffer.alloc(1_000_000, 'spam')
      await log.append([
        record(activity, 'k', 'small'),
        { topic: activity, key: 'k', value: large, timeMs: 1 },
        record(activity, 'k', 'after'),
      ])
      const records = await readAll(log, activity, partitionOf('k', 2))
      assert.equal(records.length, 3)
      assert.ok(large.equals(records[1]!.value!))
    })

    it('puts records without a key into partition 0 and takes a partition that is named', async t => {
      const log = await fresh(t)
      await log.append([record(deadLetters, null, 'bytes'), record(activity, 'k', 'named', { partition: 3 })])
      assert.equal((await readAll(log, deadLetters, 0)).length, 1)
      assert.ok((await readAll(log, activity, 3)).some(each => text(each.value) === 'named'))
    })

    it('holds many partitions', async t => {
      const log = await fresh(t, 48)
      await log.append(Array.from({ length: 480 }, (_, i) => record(activity, 'k', `${i}`, { partition: i % 48 })))
      for (let partition = 0; partition < 48; partition++) {
        const values = (await readAll(log, activity, partition)).map(each => Number(text(each.value)))
        assert.deepEqual(
          values,
          Array.from({ length: 10 }, (_, i) => partition + 48 * i),
        )
      }
    })

    it('refuses a partition that is not there, and keeps nothing of that append', async t => {
      const log = await fresh(t, 2)
      await assert.rejects(
        log.append([record(activity, 'k', 'good'), record(activity, 'k', 'bad', { partition: 2 })]),
        {
          code: 'RECORD_INVALID',
          message: /no partition 2, it has 2/,
        },
      )
      assert.equal((await readAll(log, activity, partitionOf('k', 2))).length, 0)
    })

    it('refuses everything once closed', async t => {
      const under = await open({ partitions: 1 })
      t.after(() => under.release())
      await under.log.close()
      await assert.rejects(under.log.append([record(activity, 'k', 'v')]), { code: 'LOG_CLOSED' })
      await assert.rejects(under.log.bounds({ topic: activity, partition: 0 }), { code: 'LOG_CLOSED' })
      await assert.rejects(observe(under.log, { group: 'g', topics: [activity] }), { code: 'LOG_CLOSED' })
    })
  })

  describe(`${name}: compacted topics`, () => {
    it('folds to the last value of each key, without the removed ones, across a reopening', async t => {
      const under = await open({ partitions: 2 })
      t.after(() => under.release())
      for (let round = 0; round < 5; round++) {
        await under.log.append(Array.from({ length: 20 }, (_, i) => record(reputation, `p${i}`, `${round}`)))
      }
      await under.log.append([record(reputation, 'p3', null), record(reputation, 'p4', null)])
      await under.log.append([record(reputation, 'p4', 'back'), record(reputation, 'p4', 'back twice')])
      const expected = new Map(Array.from({ length: 20 }, (_, i) => [`p${i}`, '4']))
      expected.delete('p3')
      expected.set('p4', 'back twice')
      assert.deepEqual(await table(under.log), expected)
      assert.deepEqual(await table(await under.reopen()), expected)
    })

    it('needs a key', async t => {
      const log = await fresh(t)
      await assert.rejects(log.append([record(reputation, null, 'v')]), { code: 'RECORD_INVALID' })
    })
  })

  describe(`${name}: positions`, () => {
    it('keeps records and commits across a reopening', async t => {
      const under = await open({ partitions: 1 })
      t.after(() => under.release())
      const place = { topic: activity, partition: 0 } as const
      const group = `g-${randomUUID()}`
      assert.equal(await under.log.committed(group, place), undefined)
      await under.log.append(
        [record(activity, 'k', 'a'), record(activity, 'k', 'b')],
        [{ group, ...place, nextOffset: 1 }],
      )
      const log = await under.reopen()
      assert.equal(await log.committed(group, place), 1)
      assert.deepEqual(
        (await readAll(log, activity, 0)).map(each => text(each.value)),
        ['a', 'b'],
      )
      await log.append([record(activity, 'k', 'c')])
      assert.deepEqual(await log.bounds(place), { earliest: 0, next: 3 })
    })

    it('commits without records', async t => {
      const log = await fresh(t)
      const group = `g-${randomUUID()}`
      await log.append([], [{ group, topic: activity, partition: 2, nextOffset: 17 }])
      assert.equal(await log.committed(group, { topic: activity, partition: 2 }), 17)
      assert.equal(await log.committed(group, { topic: activity, partition: 1 }), undefined)
      assert.equal(await log.committed(`other-${group}`, { topic: activity, partition: 2 }), undefined)
    })
  })

  groupContract(name, open)
  modelContract(name, open)
}

async function table(log: EventLog): Promise<Map<string, string>> {
  const rows = new Map<string, string>()
  for (let partition = 0; partition < log.partitions; partition++) {
    for (const each of await readAll(log, reputation, partition)) {
      if (each.value === null) rows.delete(each.key!)
      else rows.set(each.key!, text(each.value)!)
    }
  }
  return new Map([...rows].sort((a, b) => Number(a[0].slice(1)) - Number(b[0].slice(1))))
}
