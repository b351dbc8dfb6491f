import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import kafkajs, { type Admin } from 'kafkajs'
import { topics } from '../../../engine/activity/index.ts'
import { logCounters, openKafkaLog, verifyKafkaTopics } from '../../../engine/log/index.ts'
import { observe, readAll, record, text } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { eventually } from '../../support/sockets.ts'

const activity = topics.activity.topic
const QUOTA_BYTES = 20_000
const jars = await kafkaJars()

if ('missing' in jars) {
  it('a cluster that others use too', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  let admin: Admin
  before(async () => {
    cluster = await startKafka({
      brokers: 3,
      relayed: true,
      rack: broker => `rack-${broker}`,
      properties: {
        'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
        'quota.window.num': '2',
        'default.replication.factor': '3',
      },
    })
    admin = new kafkajs.Kafka({ brokers: [...cluster.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin()
    await admin.connect()
  })
  after(async () => {
    await admin?.disconnect()
    await cluster.close()
  })

  const create = async (topic: string, configuration: Record<string, string>, replicationFactor = 3) => {
    const configEntries = Object.entries(configuration).map(([name, value]) => ({ name, value }))
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic, numPartitions: 1, replicationFactor, configEntries }],
    })
    const known = async () => (await admin.fetchTopicOffsets(topic).catch(() => [])).length > 0
    await eventually(`${topic} has a leader`, known, { timeoutMs: 30_000, everyMs: 100 })
  }

  describe('a cluster that others use too', () => {
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
      it(`is read where its topics are compressed with ${codec}`, { timeout: 60_000 }, async t => {
        const topicPrefix = `${randomUUID()}.`
        await create(topicPrefix + activity, { 'compression.type': codec })
        const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, topics: [topics.activity] })
        t.after(() => log.close())
        const values = Array.from({ length: 500 }, (_, i) => `activity ${i} ${'of the same party '.repeat(i % 50)}`)
        await log.append(values.map(value => record(activity, 'k', value)))
        const stored = await readAll(log, activity, 0)
        assert.deepEqual(
          stored.map(({ value }) => text(value)),
          values,
        )
        assert.ok(stored.every(({ unreadable }) => unreadable === undefined))
      })
    }

    it('holds installations that know nothing of each other, though their groups have one name', {
      timeout: 60_000,
    }, async t => {
      const group = randomUUID()
      const install = async (count: number) => {
        const options = { brokers: cluster.brokers, topicPrefix: `${randomUUID()}.`, topics: [topics.activity] }
        const log = await openKafkaLog({ ...options, partitions: count, heartbeatMs: 100 })
        t.after(() => log.close())
        const member = await observe(log, { group, topics: [activity] })
        await log.append(Array.from({ length: 20 }, (_, i) => record(activity, `k${i}`, `${count} ${i}`)))
        return { log, member }
      }
      const installations = [await install(2), await install(3)]
      for (const { member } of installations) await member.until(() => member.values().length === 20)
      for (const { log } of installations)
        await log.append([], [{ group, topic: activity, partition: 0, nextOffset: 1 }])
      assert.equal(
        installations[0]!.member.values().every(value => value!.startsWith('2 ')),
        true,
      )
    })

    it('is read from the replica in our rack', { timeout: 60_000 }, async t => {
      const topicPrefix = `${randomUUID()}.`
      const common = { brokers: cluster.brokers, topicPrefix, topics: [topics.activity], partitions: 1, replication: 3 }
      const writer = await openKafkaLog(common)
      t.after(() => writer.close())
      const { topics: described } = await admin.fetchTopicMetadata({ topics: [topicPrefix + activity] })
      const leader = described[0]!.partitions[0]!.leader - 1
      const near = (leader + 1) % 3
      const log = await openKafkaLog({ ...common, rackId: `rack-${near}`, heartbeatMs: 100 })
      t.after(() => log.close())
      const member = await observe(log, { group: randomUUID(), topics: [activity] })
      await writer.append([record(activity, 'k', 'first')])
      await member.until(() => member.values().length === 1)
      const before = cluster.relays.map(relay => relay.received)
      const value = 'x'.repeat(1000)
      for (let i = 0; i < 10; i++) await writer.append(Array.from({ length: 50 }, () => record(activity, 'k', value)))
      await member.until(() => member.values().length === 501)
      const bytes = cluster.relays.map((relay, i) => relay.received - before[i]!)
      assert.ok(bytes[near]! > 450_000, `${bytes} bytes came from the brokers`)
      assert.ok(bytes[leader]! < 100_000, `${bytes} bytes came from the brokers, ${leader} leads`)
    })

    it('keeps to its quota, and says so', { timeout: 120_000 }, async t => {
      const clientId = `noisy-${randomUUID()}`
      await cluster.tool(
        'kafka.admin.ConfigCommand',
        ...['--alter', '--entity-type', 'clients', '--entity-name', clientId],
        ...['--add-config', `producer_byte_rate=${QUOTA_BYTES},consumer_byte_rate=${QUOTA_BYTES}`],
      )
      const counters = logCounters()
      const topicPrefix = `${randomUUID()}.`
      const options = { brokers: cluster.brokers, topicPrefix, topics: [topics.activity], partitions: 1 }
      const log = await openKafkaLog({ ...options, clientId, counters })
      t.after(() => log.close())
      const sent = Array.from({ length: 6 }, (_, i) => `${i} ${'x'.repeat(QUOTA_BYTES)}`)
      for (const value of sent) await log.append([record(activity, 'k', value)])
      assert.ok(counters.throttled > 0, 'the brokers asked us to slow down')
      assert.ok(counters.throttledMs > 0)
      const free = await openKafkaLog(options)
      t.after(() => free.close())
      assert.deepEqual(
        (await readAll(free, activity, 0)).map(({ value }) => text(value)),
        sent,
      )
    })

    it('has topics that are as safe as they should be, or we say what differs', { timeout: 60_000 }, async () => {
      const topicPrefix = `${randomUUID()}.`
      const names = (topic: string) => topicPrefix + topic
      await create(names(topics.activity.topic), { 'min.insync.replicas': '3' })
      await create(names(topics.verdicts.topic), { 'min.insync.replicas': '1' })
      await create(names(topics.feedback.topic), {
        'min.insync.replicas': '2',
        'unclean.leader.election.enable': 'true',
      })
      await create(names(topics.reputation.topic), { 'min.insync.replicas': '2' }, 1)
      const lines = await verifyKafkaTopics({ brokers: cluster.brokers, topicPrefix, replication: 3 })
      for (const line of [
        'ringfence.activity: min.insync.replicas is 3, needs at most 2: one broker away stops all writing',
        'ringfence.verdicts: min.insync.replicas is 1, needs at least 2: one broker that fails would take records with it',
        'ringfence.feedback: unclean.leader.election.enable is true, needs false: a replica that is behind could become leader',
        'ringfence.reputation: has 1 replicas, needs 3',
        'ringfence.reputation: min.insync.replicas is 2, with 1 replicas nothing can be written',
        'ringfence.reputation: cleanup.policy is delete, needs compact',
      ])
        assert.ok(lines.includes(topicPrefix + line), `${line}\nnot in\n${lines.join('\n')}`)
      // As Ringfence makes them there is nothing to say.
      const own = { brokers: cluster.brokers, topicPrefix: `${randomUUID()}.`, partitions: 2, replication: 3 }
      await (await openKafkaLog(own)).close()
      assert.deepEqual(await verifyKafkaTopics(own), [])
    })
  })
}
