import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { topicSpecs, topics } from '../../../engine/activity/index.ts'
import type { Permission } from '../../../engine/log/kafka/member.ts'
import { createAppendQueue } from '../../../engine/log/kafka/producer.ts'
import type { AppendRecord } from '../../../engine/log/port.ts'

const PARTITIONS = 2

const record = (value: string): AppendRecord => ({
  topic: topics.verdicts.topic,
  key: 'party',
  value: Buffer.from(value),
  timeMs: 0,
})

/** A queue over a sender that notes what it is given, and answers when told to. */
function queueUnderTest({ answering = true } = {}) {
  const sent: string[] = []
  const counted = { resets: 0 }
  let answer: () => void = () => {}
  const queue = createAppendQueue({
    async connect() {
      return {
        async send(places, _nowMs, mayGo) {
          assert.ok(mayGo())
          for (const partitions of places.values())
            for (const records of partitions.values())
              for (const { value } of records) sent.push(Buffer.from(value!).toString())
          if (answering) return
          await new Promise<void>(resolve => {
            answer = resolve
          })
        },
      }
    },
    async disconnect() {},
    reset: () => counted.resets++,
    refusal: () => new Error('given to another'),
    specs: new Map(topicSpecs.map(spec => [spec.topic, spec])),
    partitions: PARTITIONS,
    prefix: '',
    now: () => 0,
  })
  return { queue, sent, counted, answer: () => answer() }
}

describe('appends for partitions that a member owns', () => {
  it('wait while the member may not write, without holding up others, and go when it may', async () => {
    const { queue, sent } = queueUnderTest()
    let permission: Permission = 'later'
    const held = queue.append([record('held 1'), record('held 2')], () => permission)
    await queue.append([record('of a tap')])
    assert.deepEqual(sent, ['of a tap'])
    permission = 'now'
    await held
    assert.deepEqual(sent, ['of a tap', 'held 1', 'held 2'])
    await queue.close()
  })

  it('are refused, and never sent, once the partition is another member’s', async () => {
    const { queue, sent } = queueUnderTest()
    let permission: Permission = 'later'
    const held = queue.append([record('late')], () => permission)
    await queue.append([record('of a tap')])
    permission = 'never'
    await assert.rejects(held, /given to another/)
    await queue.close()
    assert.deepEqual(sent, ['of a tap'])
  })

  it('have their connection reset when they are under way as the lease ends; those of nobody have not', async () => {
    const { queue, counted, answer } = queueUnderTest({ answering: false })
    for (const [may, resets] of [
      [undefined, 0],
      [() => 'now' as const, 1],
    ] as const) {
      const appended = queue.append([record('under way')], may)
      await nextTurn()
      await nextTurn()
      queue.cut()
      assert.equal(counted.resets, resets)
      answer()
      await appended
    }
    await queue.close()
  })
})
