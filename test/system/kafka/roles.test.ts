import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import smpp, { type Received } from 'smpp'
import { topics, type Verdict } from '../../../engine/activity/index.ts'
import { openKafkaLog } from '../../../engine/log/index.ts'
import { observe } from '../../contract/harness.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { startRole } from '../../support/kafka-roles.ts'
import { startSmsc, submit } from '../../support/smsc.ts'
import { freeTcpPort } from '../../support/sockets.ts'

const MESSAGES = 300
const jars = await kafkaJars()

if ('missing' in jars) {
  it('taps and engine apart, on Kafka', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka()
  })
  after(() => cluster.close())

  it('an engine killed in the middle of a blast costs no PDU, and judges every message after its restart', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-roles-'))
    const smsc = await startSmsc()
    const topicPrefix = `${randomUUID()}.`
    const smppPort = await freeTcpPort()
    const installation = { folder, brokers: cluster.brokers, topicPrefix, partitions: 2 }
    t.after(() => {
      smsc.close()
      rmSync(folder, { recursive: true, force: true })
    })
    await startRole(t, installation, {
      role: 'tap',
      yaml: `taps: [{ name: smsc, type: smpp, host: 127.0.0.1, port: ${smppPort}, upstreamPort: ${smsc.port} }]`,
    })
    const first = await startRole(t, installation, { role: 'engine' })
    const esme = smpp.connect({ host: '127.0.0.1', port: smppPort })
    esme.on('error', () => {})
    t.after(() => esme.socket.destroy())
    await new Promise(resolve => esme.bind_transceiver({ system_id: 'shop' }, resolve))
    const sent: Buffer[] = []
    const blast = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, i) => {
          const pdu = submit(from + i, '33612345678', 'You have won! Claim your prize at http://bit.ly/win-now')
          sent.push(pdu.toBuffer())
          return new Promise<Received>(resolve => esme.send(pdu, resolve))
        }),
      )
    const answers = await blast(0, MESSAGES / 2)
    const underway = blast(MESSAGES / 2, MESSAGES)
    await first.stop('SIGKILL')
    answers.push(...(await underway))
    for (const answer of answers) assert.equal(answer.command_status, 0)
    assert.ok(smsc.octets().equals(Buffer.concat(sent)), 'every PDU in its order, octet for octet')

    await startRole(t, installation, { role: 'engine' })
    const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, partitions: 2 })
    t.after(() => log.close())
    const verdicts = await observe(log, { group: randomUUID(), topics: [topics.verdicts.topic] })
    const judged = () => {
      const all = verdicts.values().map(value => JSON.parse(value!) as Verdict)
      return new Map(all.filter(({ role }) => role === 'origin').map(verdict => [verdict.activity, verdict]))
    }
    await verdicts.until(() => judged().size === MESSAGES)
    const actions = new Set([...judged().values()].map(({ action }) => action))
    assert.ok(actions.size > 1, 'the blast was noticed')
  })
}
