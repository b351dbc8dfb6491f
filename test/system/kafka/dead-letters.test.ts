import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { after, before, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import kafkajs from 'kafkajs'
import { type DeadLetter, keyOf, topics } from '../../../engine/activity/index.ts'
import { openKafkaLog, partitionOf } from '../../../engine/log/index.ts'
import { activityRecord, ENGINE_GROUP } from '../../../engine/runtime/index.ts'
import { observe } from '../../contract/harness.ts'
import { trafficOf } from '../../support/activities.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { eventually } from '../../support/sockets.ts'

const PARTITIONS = 2
const PATIENCE = { timeoutMs: 60_000 }
const program = fileURLToPath(new URL('../../support/kafka-engine.js', import.meta.url))
const activity = topics.activity.topic
const jars = await kafkaJars()

if ('missing' in jars) {
  it('dead letters that cannot be written', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  it('a dead letter that cannot be written stops its partition, not the others, and is not lost', {
    timeout: 180_000,
  }, async t => {
    const topicPrefix = `${randomUUID()}.`
    const options = { brokers: cluster.brokers, topicPrefix, partitions: PARTITIONS, heartbeatMs: 200 }
    const log = await openKafkaLog(options)
    const engine = spawn(process.execPath, [program, cluster.brokers.join(','), topicPrefix, 'quick'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const admin = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    t.after(async () => {
      engine.kill('SIGKILL')
      await admin.disconnect()
      await log.close()
    })
    await once(engine.stdout!, 'data')
    const position = async (partition: number) =>
      (await log.committed(ENGINE_GROUP, { topic: activity, partition }).catch(() => undefined)) ?? 0
    const end = async (partition: number) => (await log.bounds({ topic: activity, partition })).next

    const traffic = trafficOf(200, 8)
    const key = traffic.map(keyOf).find(each => partitionOf(each, PARTITIONS) === 0)!
    await admin.connect()
    await admin.deleteTopics({ topics: [`${topicPrefix}${topics.deadLetters.topic}`] })
    const poison = Buffer.from('no activity')
    await log.append([
      { topic: activity, key, value: poison, timeMs: 1 },
      ...traffic.map(each => activityRecord(each, keyOf(each))),
    ])
    const other = await end(1)
    await eventually('the other partition goes on', async () => (await position(1)) === other, PATIENCE)
    assert.equal(await position(0), 0)

    await admin.createTopics({
      topics: [{ topic: `${topicPrefix}${topics.deadLetters.topic}`, numPartitions: 1, replicationFactor: 1 }],
    })
    const own = await end(0)
    await eventually('the partition goes on', async () => (await position(0)) === own, PATIENCE)
    const again = await openKafkaLog(options)
    const letters = await observe(again, { group: randomUUID(), topics: [topics.deadLetters.topic] })
    await letters.until(() => letters.values().length > 0)
    await letters.subscription.close()
    await again.close()
    const [letter] = letters.values().map(value => JSON.parse(value!) as DeadLetter)
    assert.deepEqual([letter!.partition, letter!.offset], [0, 0])
    assert.deepEqual(Buffer.from(letter!.value, 'base64'), poison)
    assert.equal(engine.exitCode, null)
  })
}
