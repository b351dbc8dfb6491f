import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { after, before, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DeadLetter, keyOf, topics } from '../../../engine/activity/index.ts'
import { openKafkaLog, partitionOf } from '../../../engine/log/index.ts'
import { activityRecord } from '../../../engine/runtime/index.ts'
import { observe } from '../../contract/harness.ts'
import { trafficOf } from '../../support/activities.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'

const PARTITIONS = 2
const program = fileURLToPath(new URL('../../support/kafka-engine.js', import.meta.url))
const activity = topics.activity.topic
const jars = await kafkaJars()

if ('missing' in jars) {
  it('a poison record on Kafka', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  it('a record that is no activity is parked with its bytes and place, and the partition goes on', async t => {
    const topicPrefix = `${randomUUID()}.`
    const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, partitions: PARTITIONS, heartbeatMs: 200 })
    const engine = spawn(process.execPath, [program, cluster.brokers.join(','), topicPrefix, 'quick'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    t.after(async () => {
      engine.kill('SIGKILL')
      await log.close()
    })
    const traffic = trafficOf(300, 5)
    const poison = [Buffer.from('{"id":'), Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('{"kind":"call.attempt"}')]
    const key = keyOf(traffic[0]!)
    const partition = partitionOf(key, PARTITIONS)
    await log.append([
      ...poison.map(value => ({ topic: activity, key, value, timeMs: 1 })),
      ...traffic.map(each => activityRecord(each, keyOf(each))),
    ])
    const letters = await observe(log, { group: randomUUID(), topics: [topics.deadLetters.topic] })
    await letters.until(() => letters.values().length === poison.length)
    const parked = letters.values().map(value => JSON.parse(value!) as DeadLetter)
    assert.deepEqual(
      parked.map(letter => ({ at: [letter.topic, letter.partition, letter.offset], key: letter.key })),
      poison.map((_, offset) => ({ at: [activity, partition, offset], key })),
    )
    assert.deepEqual(
      parked.map(letter => Buffer.from(letter.value, 'base64')),
      poison,
    )
    for (const letter of parked) assert.notEqual(letter.reason, '')

    // What stands behind the poison in its partition is judged.
    const { next } = await log.bounds({ topic: activity, partition })
    for (
      let attempt = 0;
      (await log.committed('ringfence-engine', { topic: activity, partition })) !== next;
      attempt++
    ) {
      assert.ok(attempt < 600, 'the partition did not go on')
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    const gone = once(engine, 'exit')
    engine.kill('SIGTERM')
    assert.deepEqual(await gone, [0, null])
  })
}
