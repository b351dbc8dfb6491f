import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { topics } from '../../../engine/activity/index.ts'
import { RingfenceError } from '../../../engine/errors/index.ts'
import { createCommits } from '../../../engine/log/kafka/commits.ts'
import type { Commit } from '../../../engine/log/port.ts'

const commit = (partition: number, nextOffset: number): Commit => ({
  group: 'g',
  topic: topics.activity.topic,
  partition,
  nextOffset,
})

/** Positions as a coordinator keeps them; `refuse` says what it does not take. */
function coordinator(refuse: (commits: readonly Commit[]) => Error | undefined = () => undefined) {
  const requests: (readonly Commit[])[] = []
  const held = new Map<number, number>()
  return {
    requests,
    held,
    async commit(commits: readonly Commit[]) {
      requests.push(commits)
      const error = refuse(commits)
      if (error !== undefined) throw error
      for (const { partition, nextOffset } of commits) held.set(partition, nextOffset)
    },
    committed: async (_group: string, { partition }: { partition: number }) => held.get(partition),
  }
}

const unexpected = (error: unknown) => assert.fail(String(error))

describe('commits behind appends', () => {
  it('go together, the newest of each partition', async () => {
    const positions = coordinator()
    const commits = createCommits(positions, unexpected)
    for (let offset = 1; offset <= 100; offset++) commits.follow([commit(offset % 2, offset)])
    await commits.settled()
    assert.equal(positions.requests.length, 1)
    assert.deepEqual([...positions.held].sort(), [
      [0, 100],
      [1, 99],
    ])
  })

  it('go by themselves when nobody asks', async () => {
    const positions = coordinator()
    await new Promise<void>(resolve => {
      const commits = createCommits(
        {
          ...positions,
          async commit(batch) {
            await positions.commit(batch)
            resolve()
          },
        },
        unexpected,
      )
      commits.follow([commit(3, 7)])
    })
    assert.equal(positions.held.get(3), 7)
  })

  it('gather while a request is under way, however many come', async t => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const positions = coordinator()
    let answer = () => {}
    const slow = {
      ...positions,
      async commit(batch: readonly Commit[]) {
        await new Promise<void>(resolve => {
          answer = resolve
        })
        await positions.commit(batch)
      },
    }
    const commits = createCommits(slow, unexpected)
    commits.follow([commit(0, 1)])
    t.mock.timers.tick(200)
    for (let offset = 2; offset <= 50; offset++) commits.follow([commit(0, offset)])
    answer()
    await nextTurn()
    assert.equal(positions.requests.length, 1, 'the others do not follow at once')
    t.mock.timers.tick(200)
    answer()
    await nextTurn()
    assert.equal(positions.requests.length, 2)
    assert.equal(positions.held.get(0), 50)
  })

  it('are kept while the coordinator is away, unless newer ones come', async () => {
    let away = true
    const troubles: unknown[] = []
    const positions = coordinator(() => (away ? new Error('away') : undefined))
    const commits = createCommits(positions, error => troubles.push(error))
    commits.follow([commit(0, 5), commit(1, 6)])
    await commits.settled()
    assert.equal(troubles.length, 1)
    away = false
    commits.follow([commit(0, 9)])
    await commits.settled()
    assert.deepEqual([...positions.held].sort(), [
      [0, 9],
      [1, 6],
    ])
  })

  it('of a partition that is another’s by now are dropped, the others are not', async () => {
    const gone = new RingfenceError('LOG_UNAVAILABLE', 'given to another member')
    const positions = coordinator(commits => (commits.some(({ partition }) => partition === 2) ? gone : undefined))
    const commits = createCommits(positions, unexpected)
    commits.follow([commit(1, 4), commit(2, 5), commit(3, 6)])
    await commits.settled()
    assert.deepEqual([...positions.held].sort(), [
      [1, 4],
      [3, 6],
    ])
  })
})
