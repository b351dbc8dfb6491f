import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { topics } from '../../engine/activity/index.ts'
import { type EventLog, partitionOf } from '../../engine/log/index.ts'
import { type LogUnderTest, type OpenLog, readAll, record, text } from './harness.ts'

const PARTITIONS = 3
const activity = topics.activity.topic
const reputation = topics.reputation.topic

type Step =
  | { readonly do: 'append'; readonly entries: readonly (readonly [key: string, value: string])[] }
  | { readonly do: 'put'; readonly entries: readonly (readonly [key: string, value: string | null])[] }
  | { readonly do: 'commit'; readonly group: string; readonly partition: number; readonly nextOffset: number }
  | { readonly do: 'read'; readonly partition: number; readonly from: number }
  | { readonly do: 'reopen' }

const key = fc.constantFrom('a', 'b', 'c', 'd', 'é', '+33123456789')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      entries: fc.array(fc.tuple(key, fc.string()), { maxLength: 30 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      entries: fc.array(fc.tuple(key, fc.option(fc.string())), { maxLength: 10 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      group: fc.constantFrom('g1', 'g2'),
      partition: fc.nat(PARTITIONS - 1),
      nextOffset: fc.nat(1000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('read' as const), partition: fc.nat(PARTITIONS - 1), from: fc.nat(60) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' } as const) },
)

/** A log that is obviously right: arrays, a map, positions. */
function createModel() {
  const partitions: (readonly [string, string])[][] = Array.from({ length: PARTITIONS }, () => [])
  return { partitions, table: new Map<string, string>(), positions: new Map<string, number>() }
}

/** Random appends, commits, reads and reopenings agree with the model. */
export function modelContract(name: string, open: OpenLog): void {
  describe(`${name}: against a model`, () => {
    it('agrees after any sequence of appends, commits, reads and reopenings', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async steps => {
          const under = await open({ partitions: PARTITIONS })
          try {
            await play(under, steps)
          } finally {
            await under.release()
          }
        }),
        { numRuns: 15, endOnFailure: true },
      )
    })
  })
}

async function play(under: LogUnderTest, steps: readonly Step[]): Promise<void> {
  const model = createModel()
  let log = under.log
  for (const each of steps) {
    switch (each.do) {
      case 'append':
        await log.append(each.entries.map(([k, value]) => record(activity, k, value)))
        for (const entry of each.entries) model.partitions[partitionOf(entry[0], PARTITIONS)]!.push(entry)
        break
      case 'put':
        await log.append(each.entries.map(([k, value]) => record(reputation, k, value)))
        for (const [k, value] of each.entries) {
          if (value === null) model.table.delete(k)
          else model.table.set(k, value)
        }
        break
      case 'commit':
        await log.append([], [{ ...each, topic: activity }])
        model.positions.set(`${each.group}/${each.partition}`, each.nextOffset)
        break
      case 'read':
        await assertPartition(log, model.partitions[each.partition]!, each.partition, each.from)
        break
      case 'reopen':
        log = await under.reopen()
        break
    }
  }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await assertPartition(log, model.partitions[partition]!, partition, 0)
    for (const group of ['g1', 'g2']) {
      assert.equal(
        await log.committed(group, { topic: activity, partition }),
        model.positions.get(`${group}/${partition}`),
      )
    }
  }
  assert.deepEqual(await fold(log), new Map([...model.table].sort()))
}

async function assertPartition(
  log: EventLog,
  expected: readonly (readonly [string, string])[],
  partition: number,
  from: number,
): Promise<void> {
  const records = await readAll(log, activity, partition, from)
  assert.deepEqual(
    records.map(each => [each.offset, each.key, text(each.value)]),
    expected.slice(from).map(([k, value], i) => [from + i, k, value]),
  )
  assert.deepEqual(await log.bounds({ topic: activity, partition }), { earliest: 0, next: expected.length })
}

async function fold(log: EventLog): Promise<Map<string, string>> {
  const table = new Map<string, string>()
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const each of await readAll(log, reputation, partition)) {
      if (each.value === null) table.delete(each.key!)
      else table.set(each.key!, text(each.value)!)
    }
  }
  return new Map([...table].sort())
}
