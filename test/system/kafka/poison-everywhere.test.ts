import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { type DeadLetter, keyOf, type Topic, topics } from '../../../engine/activity/index.ts'
import { openKafkaLog } from '../../../engine/log/index.ts'
import { createLogger, createMetrics, engineCounters } from '../../../engine/observe/index.ts'
import { followReputation } from '../../../engine/reputation/index.ts'
import { createPackHolder, loadPacks } from '../../../engine/rules/index.ts'
import { activityRecord, ENGINE_GROUP, followControl, startEngine } from '../../../engine/runtime/index.ts'
import { noScorer } from '../../../engine/scorer/index.ts'
import { observe } from '../../contract/harness.ts'
import { archiveOf, duckOf, localArchive } from '../../engine/archive/support.ts'
import { trafficOf } from '../../support/activities.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { partitionOpener } from '../../support/kafka-engine.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { eventually } from '../../support/sockets.ts'

const poisoned: readonly Topic[] = [
  topics.activity.topic,
  topics.verdicts.topic,
  topics.reputation.topic,
  topics.feedback.topic,
  topics.control.topic,
  topics.snapshots.topic,
]
const jars = await kafkaJars()

if ('missing' in jars) {
  it('a poison record in every topic', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  it('a poison record in every topic is reported, parked once and passed, and a restart does not park it again', {
    timeout: 120_000,
  }, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-poison-'))
    const options = { brokers: cluster.brokers, topicPrefix: `${randomUUID()}.`, partitions: 1, heartbeatMs: 100 }
    const log = await openKafkaLog(options)
    t.after(async () => {
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const poison = Buffer.from([0xff, 0x00, 0x7b])
    await log.append(poisoned.map(topic => ({ topic, key: 'nonsense', value: poison, timeMs: 1, partition: 0 })))
    const traffic = trafficOf(200, 3)
    await log.append(traffic.map(each => activityRecord(each, keyOf(each))))
    const duck = await duckOf(t)

    /** Everything that reads a topic in production, until all has been read. */
    async function work(): Promise<string[]> {
      const lines: string[] = []
      const logger = createLogger({ level: 'warn', destination: { write: line => lines.push(line) } })
      const packs = createPackHolder(() => loadPacks([defaultPack], vocabulary))
      const counters = engineCounters()
      const instance = randomUUID()
      const engine = await startEngine({
        log,
        openPartition: partitionOpener(packs.current),
        packs,
        snapshotIntervalMs: 100,
        version: 'test',
        counters,
        metrics: createMetrics(counters, 'test'),
        logger,
        now: Date.now,
      })
      const control = await followControl({ log, packs, scorer: noScorer(), instance, logger, onReload: () => {} })
      const reputation = await followReputation({ log, instance, maxParties: 1000, logger, now: Date.now })
      const place = {
        log,
        duck,
        path: join(folder, 'archive'),
        store: localArchive(join(folder, 'archive')),
        spool: join(folder, 'spool'),
      }
      const { archive } = await archiveOf(place)
      await eventually(
        'all is read',
        async () => {
          const { next } = await log.bounds({ topic: topics.activity.topic, partition: 0 })
          const judged = await log.committed(ENGINE_GROUP, { topic: topics.activity.topic, partition: 0 })
          return judged === next && counters.snapshots > 0 && reputation.notReady().length === 0
        },
        { timeoutMs: 60_000 },
      )
      await eventually('every poison record is parked', async () => (await letters()) >= poisoned.length, {
        timeoutMs: 60_000,
      })
      await Promise.all([engine.close(), control.close(), reputation.close(), archive.close()])
      return lines
    }
    const letters = async () => (await log.bounds({ topic: topics.deadLetters.topic, partition: 0 })).next

    const reported = (await work()).join('')
    for (const topic of ['activity', 'reputation', 'control', 'snapshot'])
      assert.match(reported, new RegExp(`"msg":"${topic} record (parked|passed over)"`))
    const more = trafficOf(50, 4)
    await log.append(more.map(each => activityRecord(each, keyOf(each))))
    await work()

    const parked = await observe(log, { group: randomUUID(), topics: [topics.deadLetters.topic] })
    await parked.until(() => parked.values().length >= poisoned.length)
    await parked.subscription.close()
    const found = parked.values().map(value => JSON.parse(value!) as DeadLetter)
    assert.deepEqual(found.map(({ topic }) => topic).sort(), [...poisoned].sort())
    for (const { offset, partition, value, reason } of found) {
      assert.deepEqual({ offset, partition }, { offset: 0, partition: 0 })
      assert.deepEqual(Buffer.from(value, 'base64'), poison)
      assert.notEqual(reason, '')
    }
  })
}
