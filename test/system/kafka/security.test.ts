import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { topics } from '../../../engine/activity/index.ts'
import { type KafkaLogOptions, openKafkaLog, verifyKafkaTopics } from '../../../engine/log/index.ts'
import { observe, record } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { testCertificate, testKey } from '../../support/tls.ts'

const jars = await kafkaJars()
const activity = topics.activity.topic

/** In a properties file a line break inside a value is written as backslash and n. */
const oneLine = (pem: string) => pem.replaceAll('\n', '\\n')

if ('missing' in jars) {
  it('Kafka with TLS and SASL', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka({
      protocol: 'SASL_SSL',
      scram: { scrammed: 'a scram secret' },
      properties: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.certificate.chain': oneLine(testCertificate),
        'ssl.keystore.key': oneLine(testKey),
        'listener.name.client.sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
        'listener.name.client.scram-sha-512.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'listener.name.client.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_plain="a plain secret";',
      },
    })
  })
  after(() => cluster.close())

  const options = (more: Partial<KafkaLogOptions> = {}): KafkaLogOptions => ({
    brokers: cluster.brokers,
    topicPrefix: `${randomUUID()}.`,
    partitions: 2,
    heartbeatMs: 100,
    tls: { ca: testCertificate },
    sasl: { mechanism: 'scram-sha-512', username: 'scrammed', password: 'a scram secret' },
    ...more,
  })

  describe('Kafka with TLS and SASL', () => {
    for (const sasl of [
      { mechanism: 'scram-sha-512', username: 'scrammed', password: 'a scram secret' },
      { mechanism: 'plain', username: 'plain', password: 'a plain secret' },
    ] as const) {
      it(`carries records for a user of ${sasl.mechanism}`, async () => {
        const log = await openKafkaLog(options({ sasl }))
        await log.append([record(activity, 'k', 'secured')])
        const member = await observe(log, { group: randomUUID(), topics: [activity] })
        await member.until(() => member.values().length === 1)
        await log.close()
        assert.deepEqual(member.values(), ['secured'])
      })
    }

    it('says in one line that the password is wrong, without saying it, and does not go on trying', async () => {
      const troubles: string[] = []
      const wrong = options({
        sasl: { mechanism: 'scram-sha-512', username: 'scrammed', password: 'guessed' },
        onTrouble: message => troubles.push(message),
      })
      await assert.rejects(openKafkaLog(wrong), (error: Error & { code?: string; hint?: string }) => {
        assert.equal(error.code, 'LOG_UNAVAILABLE')
        assert.match(error.message, /^Kafka 127\.0\.0\.1:\d+: .*authentication/i)
        assert.doesNotMatch(error.message, /guessed|\n/)
        assert.match(error.hint!, /password/)
        return true
      })
      assert.ok(troubles.length <= 2, troubles.join('\n'))
      assert.ok(troubles.every(line => !line.includes('guessed')))
    })

    it('says in one line that the certificate is not known', async () => {
      await assert.rejects(openKafkaLog(options({ tls: true })), {
        code: 'LOG_UNAVAILABLE',
        message: /self-signed certificate/,
        hint: /tls/,
      })
    })

    it('says in one line that nothing listens there', async () => {
      await assert.rejects(openKafkaLog(options({ brokers: ['127.0.0.1:1'] })), {
        code: 'LOG_UNAVAILABLE',
        message: /^Kafka 127\.0\.0\.1:1: .*ECONNREFUSED/,
      })
    })
  })

  describe('topics that an operator makes', () => {
    it('are verified: what is missing or differs, a line each', async () => {
      const wanted = options({ topicPrefix: `${randomUUID()}.` })
      const lines = await verifyKafkaTopics(wanted)
      assert.equal(lines.length, 7)
      assert.ok(lines.includes(`${wanted.topicPrefix}ringfence.activity: is missing`))
      await assert.rejects(openKafkaLog({ ...wanted, createTopics: false }), { code: 'CONFIG_INVALID' })

      // Topics as they would be for other policies: the names of compacted ones made for deletion and the reverse.
      const swapped = [
        { ...topics.activity, keeping: topics.reputation.keeping },
        { ...topics.reputation, keeping: { policy: 'delete', retentionMs: 1000 } as const },
        { ...topics.verdicts, keeping: { policy: 'delete', retentionMs: 1000 } as const },
      ]
      await (await openKafkaLog({ ...wanted, topics: swapped })).close()
      const differences = await verifyKafkaTopics({ ...wanted, partitions: 3 })
      for (const line of [
        'ringfence.activity: has 2 partitions, needs 3',
        'ringfence.activity: cleanup.policy is compact, needs delete',
        'ringfence.reputation: cleanup.policy is delete, needs compact',
        `ringfence.verdicts: retention.ms is 1000, needs at least ${30 * 86_400_000}`,
        'ringfence.dead-letters: is missing',
      ]) {
        assert.ok(differences.includes(wanted.topicPrefix + line), `${line}\nnot in\n${differences.join('\n')}`)
      }
      await assert.rejects(openKafkaLog({ ...wanted, partitions: 3 }), {
        code: 'CONFIG_INVALID',
        message: /has 2 partitions, the configuration says 3/,
      })
    })

    it('are in order as Ringfence makes them', async () => {
      const wanted = options()
      await (await openKafkaLog(wanted)).close()
      assert.deepEqual(await verifyKafkaTopics(wanted), [])
      const log = await openKafkaLog({ ...wanted, createTopics: false })
      assert.equal(log.partitions, 2)
      await log.close()
    })
  })
}
