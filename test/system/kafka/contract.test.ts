import { randomUUID } from 'node:crypto'
import { after, before, it } from 'node:test'
import { openKafkaLog } from '../../../engine/log/index.ts'
import { eventLogContract } from '../../contract/event-log.contract.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'

const jars = await kafkaJars()

if ('missing' in jars) {
  it('the event log contract on a real Kafka', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  eventLogContract('Kafka log', async ({ partitions }) => {
    const topicPrefix = `${randomUUID()}.`
    const open = () => openKafkaLog({ brokers: cluster.brokers, partitions, topicPrefix, heartbeatMs: 100 })
    let log = await open()
    return {
      log,
      async reopen() {
        await log.close()
        log = await open()
        return log
      },
      release: () => log.close(),
    }
  })
}
