import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { topics } from '../../engine/activity/index.ts'
import type { EventLog, RecordBatch } from '../../engine/log/index.ts'
import { gate, type OpenLog, observe, record, text } from './harness.ts'

const activity = topics.activity.topic
const feedback = topics.feedback.topic

const commitOf = (group: string, { topic, partition, nextOffset }: RecordBatch) => [
  { group, topic, partition, nextOffset },
]

/** The part of the contract about groups: hand-over, resumption, back-pressure, failure. */
export function groupContract(name: string, open: OpenLog): void {
  const fresh = async (t: TestContext, partitions = 4): Promise<EventLog> => {
    const under = await open({ partitions })
    t.after(() => under.release())
    return under.log
  }

  describe(`${name}: subscriptions`, () => {
    it('hands over what was there and what comes, batch after batch, with the offset to go on from', async t => {
      const log = await fresh(t, 1)
      await log.append([record(activity, 'k', '0'), record(activity, 'k', '1')])
      const member = await observe(log, { group: randomUUID(), topics: [activity] })
      await member.until(() => member.values().length === 2)
      await log.append([record(activity, 'k', '2')])
      await member.until(() => member.values().length === 3)
      await member.subscription.close()
      assert.deepEqual(member.values(), ['0', '1', '2'])
      assert.equal(member.batches.at(-1)?.nextOffset, 3)
      assert.equal(member.batches.at(-1)?.endOffset, 3)
      assert.equal(member.events[0], `member assigned ${activity}/0`)
      assert.equal(member.events.at(-1), `member revoked ${activity}/0`)
    })

    it('never hands over more than maxBatchRecords', async t => {
      const log = await fresh(t, 1)
      await log.append(Array.from({ length: 1000 }, (_, i) => record(activity, 'k', `${i}`)))
      const member = await observe(log, { group: randomUUID(), topics: [activity], maxBatchRecords: 64 })
      await member.until(() => member.values().length === 1000)
      await member.subscription.close()
      assert.ok(member.batches.every(batch => batch.records.length <= 64 && batch.records.length > 0))
      assert.deepEqual(
        member.values().map(Number),
        Array.from({ length: 1000 }, (_, i) => i),
      )
    })

    it('waits for the handler before it gives the next batch of a partition', async t => {
      const log = await fresh(t, 1)
      await log.append(Array.from({ length: 10 }, (_, i) => record(activity, 'k', `${i}`)))
      let inside = 0
      let most = 0
      const held = gate()
      const member = await observe(log, {
        group: randomUUID(),
        topics: [activity],
        maxBatchRecords: 2,
        async onBatch() {
          most = Math.max(most, ++inside)
          await held.opened
          inside--
        },
      })
      await log.append([record(activity, 'k', '10')])
      held.open()
      await member.until(() => member.values().length === 11)
      await member.subscription.close()
      assert.equal(most, 1)
    })

    it('gives every group everything', async t => {
      const log = await fresh(t, 2)
      await log.append(Array.from({ length: 50 }, (_, i) => record(activity, `k${i}`, `${i}`)))
      const one = await observe(log, { group: randomUUID(), topics: [activity] })
      const two = await observe(log, { group: randomUUID(), topics: [activity] })
      await Promise.all([one, two].map(each => each.until(() => each.values().length === 50)))
      await Promise.all([one, two].map(each => each.subscription.close()))
      assert.deepEqual([...one.values()].sort(), [...two.values()].sort())
    })

    it('starts where the group committed', async t => {
      const under = await open({ partitions: 1 })
      t.after(() => under.release())
      const group = randomUUID()
      await under.log.append(Array.from({ length: 10 }, (_, i) => record(activity, 'k', `${i}`)))
      const first = await observe(under.log, {
        group,
        topics: [activity],
        maxBatchRecords: 4,
        onBatch: batch => under.log.append([], commitOf(group, batch)),
      })
      await first.until(() => first.values().length >= 8)
      await first.subscription.close()
      const position = (await under.log.committed(group, { topic: activity, partition: 0 }))!
      const log = await under.reopen()
      await log.append([record(activity, 'k', '10')])
      const second = await observe(log, { group, topics: [activity] })
      await second.until(() => second.values().includes('10'))
      await second.subscription.close()
      assert.deepEqual(
        second.values().map(Number),
        Array.from({ length: 11 - position }, (_, i) => position + i),
      )
    })

    it('starts where the handler says, whatever was committed', async t => {
      const log = await fresh(t, 1)
      const group = randomUUID()
      await log.append(
        Array.from({ length: 10 }, (_, i) => record(activity, 'k', `${i}`)),
        [{ group, topic: activity, partition: 0, nextOffset: 9 }],
      )
      const member = await observe(log, { group, topics: [activity], from: 3 })
      await member.until(() => member.values().length === 7)
      await member.subscription.close()
      assert.equal(member.values()[0], '3')
    })

    it('lets a handler append to the log, with its commit', async t => {
      const log = await fresh(t, 2)
      const group = randomUUID()
      await log.append(Array.from({ length: 20 }, (_, i) => record(activity, `k${i}`, `${i}`)))
      const member = await observe(log, {
        group,
        topics: [activity],
        onBatch: batch =>
          log.append(
            batch.records.map(each => record(feedback, each.key, text(each.value))),
            commitOf(group, batch),
          ),
      })
      await member.until(() => member.values().length === 20)
      await member.subscription.close()
      const out = await observe(log, { group: randomUUID(), topics: [feedback] })
      await out.until(() => out.values().length === 20)
      await out.subscription.close()
    })
  })

  describe(`${name}: members of a group`, () => {
    it('share the partitions, and hand them over in order when one comes and one leaves', async t => {
      const log = await fresh(t, 4)
      const group = randomUUID()
      const events: string[] = []
      const first = await observe(log, { group, topics: [activity], name: 'first', events })
      await first.until(() => count(events, 'first assigned') === 4)
      const second = await observe(log, { group, topics: [activity], name: 'second', events })
      await second.until(() => owned(events, 'second') === 2 && owned(events, 'first') === 2)
      assertHandedOver(events)
      await first.subscription.close()
      await second.until(() => owned(events, 'second') === 4)
      await second.subscription.close()
      assertHandedOver(events)
      assert.equal(owned(events, 'first') + owned(events, 'second'), 0)
    })

    it('lose no record and see none twice when positions are committed at the hand-over', async t => {
      const log = await fresh(t, 4)
      const group = randomUUID()
      const total = 400
      const seen: string[] = []
      const join = (label: string) =>
        observe(log, {
          group,
          topics: [activity],
          name: label,
          maxBatchRecords: 8,
          async onBatch(batch) {
            await log.append([], commitOf(group, batch))
            seen.push(...batch.records.map(each => text(each.value)!))
          },
        })
      const append = (from: number) =>
        log.append(Array.from({ length: total / 4 }, (_, i) => record(activity, `k${from + i}`, `${from + i}`)))
      const first = await join('first')
      await append(0)
      await first.until(() => seen.length > 20)
      const second = await join('second')
      await append(100)
      await second.until(() => owned(second.events, 'second') === 2)
      await append(200)
      await first.subscription.close()
      await append(300)
      await second.until(() => seen.length >= total)
      await second.subscription.close()
      assert.deepEqual(
        seen.map(Number).sort((a, b) => a - b),
        Array.from({ length: total }, (_, i) => i),
      )
    })

    it('own a partition number for all their topics', async t => {
      const log = await fresh(t, 4)
      const group = randomUUID()
      const events: string[] = []
      const join = (label: string) => observe(log, { group, topics: [activity, feedback], name: label, events })
      const first = await join('first')
      const second = await join('second')
      await second.until(() => owned(events, 'first') === 4 && owned(events, 'second') === 4)
      const places = (label: string, topic: string) =>
        [...held(events, label)]
          .filter(place => place.startsWith(topic))
          .map(place => place.split('/')[1])
          .sort()
      for (const label of ['first', 'second']) assert.deepEqual(places(label, activity), places(label, feedback))
      await Promise.all([first.subscription.close(), second.subscription.close()])
    })

    it('take over from a member whose handler failed, from its last commit', async t => {
      const log = await fresh(t, 1)
      const group = randomUUID()
      await log.append(Array.from({ length: 6 }, (_, i) => record(activity, 'k', `${i}`)))
      const failing = await observe(log, {
        group,
        topics: [activity],
        maxBatchRecords: 2,
        name: 'failing',
        async onBatch(batch) {
          if (batch.records[0]!.offset >= 2) throw new Error('handler broke')
          await log.append([], commitOf(group, batch))
        },
      })
      await assert.rejects(failing.subscription.ended, /handler broke/)
      assert.equal(count(failing.events, 'failing revoked'), 0)
      const next = await observe(log, { group, topics: [activity] })
      await next.until(() => next.values().length === 4)
      assert.deepEqual(next.values(), ['2', '3', '4', '5'])
      await failing.subscription.close()
      await next.subscription.close()
    })

    it('let the batch in hand finish and save their state when closed', async t => {
      const log = await fresh(t, 1)
      const group = randomUUID()
      await log.append([record(activity, 'k', '0'), record(activity, 'k', '1')])
      const entered = gate()
      const held = gate()
      const events: string[] = []
      const member = await observe(log, {
        group,
        topics: [activity],
        maxBatchRecords: 1,
        events,
        async onBatch() {
          entered.open()
          await held.opened
        },
        onRevoked: () =>
          log.append([record(feedback, 'k', 'saved')], [{ group, topic: activity, partition: 0, nextOffset: 1 }]),
      })
      await entered.opened
      const closing = member.subscription.close()
      assert.deepEqual(events, [`member assigned ${activity}/0`])
      held.open()
      await closing
      await member.subscription.ended
      assert.deepEqual(events.slice(1), [`member batch ${activity}/0`, `member revoked ${activity}/0`])
      assert.equal(await log.committed(group, { topic: activity, partition: 0 }), 1)
    })

    it('are revoked when the log closes, while it still takes their last append', async t => {
      const under = await open({ partitions: 2 })
      t.after(() => under.release())
      const group = randomUUID()
      const events: string[] = []
      const member = await observe(under.log, {
        group,
        topics: [activity],
        events,
        onRevoked: partition =>
          under.log.append([], [{ group, topic: activity, partition, nextOffset: 5 + partition }]),
      })
      await member.until(() => owned(events, 'member') === 2)
      const log = await under.reopen()
      assert.equal(owned(events, 'member'), 0)
      assert.equal(await log.committed(group, { topic: activity, partition: 1 }), 6)
    })
  })
}

function count(events: readonly string[], start: string): number {
  return events.filter(event => event.startsWith(start)).length
}

function held(events: readonly string[], name: string): Set<string> {
  const places = new Set<string>()
  for (const event of events) {
    const [who, what, place] = event.split(' ')
    if (who !== name) continue
    if (what === 'assigned') places.add(place!)
    if (what === 'revoked') places.delete(place!)
  }
  return places
}

function owned(events: readonly string[], name: string): number {
  return held(events, name).size
}

/** No partition has two owners at any time. */
function assertHandedOver(events: readonly string[]): void {
  const owners = new Map<string, string>()
  for (const event of events) {
    const [who, what, place] = event.split(' ')
    if (what === 'assigned') {
      assert.equal(owners.get(place!), undefined, `${place} assigned to ${who} while held\n${events.join('\n')}`)
      owners.set(place!, who!)
    }
    if (what === 'revoked') owners.delete(place!)
  }
}
