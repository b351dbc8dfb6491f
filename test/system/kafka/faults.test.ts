import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { topics } from '../../../engine/activity/index.ts'
import { createOutbox, type EventLog, openKafkaLog } from '../../../engine/log/index.ts'
import { type Observed, observe, record } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'

const jars = await kafkaJars()
const activity = topics.activity.topic
const PARTITIONS = 3

if ('missing' in jars) {
  it('three Kafka brokers that fail', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka({ brokers: 3, properties: { 'min.insync.replicas': '2' } })
  })
  after(() => cluster.close())

  /** A tap's queue towards the brokers, and an engine's subscription on connections of its own. */
  async function tapAndEngine(t: TestContext) {
    const directory = mkdtempSync(join(tmpdir(), 'ringfence-faults-'))
    const options = {
      brokers: cluster.brokers,
      topicPrefix: `${randomUUID()}.`,
      partitions: PARTITIONS,
      replication: 3,
      heartbeatMs: 200,
      sessionTimeoutMs: 20_000,
      requestTimeoutMs: 3000,
    }
    const tap = await openKafkaLog(options)
    const engine = await openKafkaLog(options)
    const outbox = createOutbox({
      log: tap,
      queueBytes: 20_000,
      batchBytes: 5000,
      spill: { directory, maxBytes: 50_000_000 },
    })
    const member = await observe(engine, { group: randomUUID(), topics: [activity] })
    let emitted = 0
    t.after(async () => {
      await Promise.all([tap.close(), engine.close()])
      rmSync(directory, { recursive: true, force: true })
    })
    return {
      outbox,
      member,
      engine,
      emit(count: number) {
        for (let i = 0; i < count; i++) outbox.emit(record(activity, `party-${emitted % 50}`, String(emitted++)))
      },
      /** Everything arrived, nothing is missing, and each party's records are in order (a retry may double some). */
      async complete() {
        await outbox.durable()
        await member.until(() => new Set(member.values()).size >= emitted)
        assertComplete(member, emitted)
        assert.equal(outbox.counters.dropped, 0)
      },
    }
  }

  describe('three Kafka brokers', () => {
    it('lose nothing when one of them is killed and started again', async t => {
      const { emit, complete } = await tapAndEngine(t)
      emit(500)
      await complete()
      for (const broker of [0, 1]) {
        emit(250)
        await cluster.kill(broker)
        emit(250)
        await complete()
        await cluster.start(broker)
        emit(250)
        await complete()
      }
    })

    it('lose nothing when all are away: the tap spills to its disk and delivers when they are back', async t => {
      const { emit, complete, outbox } = await tapAndEngine(t)
      emit(100)
      await complete()
      await Promise.all([0, 1, 2].map(broker => cluster.kill(broker)))
      emit(3000)
      assert.ok(outbox.counters.spilled > 0)
      assert.equal(outbox.congested(), true)
      await Promise.all([0, 1, 2].map(broker => cluster.start(broker)))
      await complete()
      assert.equal(outbox.counters.spilled, 0)
    })

    it('lose nothing when one hangs with its connections open', async t => {
      const { emit, complete } = await tapAndEngine(t)
      emit(100)
      await complete()
      process.kill(cluster.pid(2)!, 'SIGSTOP')
      emit(300)
      // The two others go on without it once they have noticed.
      await complete()
      process.kill(cluster.pid(2)!, 'SIGCONT')
      emit(300)
      await complete()
    })

    it('let a log without traffic sleep: a few wake-ups a second, not a thousand', async t => {
      const { engine, complete, emit } = await tapAndEngine(t)
      emit(10)
      await complete()
      const original = globalThis.setTimeout
      let timers = 0
      const counting = ((...parameters: Parameters<typeof setTimeout>) => {
        timers++
        return original(...parameters)
      }) as typeof setTimeout
      globalThis.setTimeout = Object.assign(counting, original)
      try {
        await new Promise(resolve => original(resolve, 2000))
      } finally {
        globalThis.setTimeout = original
      }
      assert.ok(timers < 200, `${timers} timers were set in two seconds`)
      await stillThere(engine)
    })
  })
}

function assertComplete(member: Observed, emitted: number): void {
  const seen = new Set<number>()
  const last = new Map<number, number>()
  for (const value of member.values().map(Number)) {
    // First sight of each record is in the order of its party; a repetition is one the broker got twice.
    if (seen.has(value)) continue
    seen.add(value)
    const party = value % 50
    assert.ok(value > (last.get(party) ?? -1), `${value} came after ${last.get(party)}`)
    last.set(party, value)
  }
  assert.equal(seen.size, emitted)
}

async function stillThere(log: EventLog): Promise<void> {
  assert.ok((await log.bounds({ topic: activity, partition: 0 })).next >= 0)
}
