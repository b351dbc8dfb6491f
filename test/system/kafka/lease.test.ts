import assert from 'node:assert/strict'
import { after, before, it, type TestContext } from 'node:test'
import { topics } from '../../../engine/activity/index.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { startTrial, type Trial } from '../../support/kafka-trial.ts'
import { eventually } from '../../support/sockets.ts'

const jars = await kafkaJars()

if ('missing' in jars) {
  it('engines that others have taken over from', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  /** The session of these engines lasts 2 s and their lease two thirds of it: nothing older may arrive. */
  let refusing: KafkaCluster
  before(async () => {
    cluster = await startKafka({ relayed: true })
    refusing = await startKafka({ relayed: true, properties: { 'log.message.timestamp.before.max.ms': '600' } })
  })
  after(() => Promise.all([cluster.close(), refusing.close()]))

  async function members(trial: Trial): Promise<number> {
    const program = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
    const printed = await cluster.tool(program, '--describe', '--members', '--group', trial.groupId)
    return printed.split('\n').filter(line => line.startsWith(trial.groupId)).length
  }

  /** One engine is cut off in the middle of its work, another does it all, and then the first comes back. */
  async function takenOver(
    t: TestContext,
    seed: number,
    cutOff: (pid: number) => void,
    comeBack: (pid: number) => void,
  ) {
    // The second engine and the tap do not go through the relay.
    const trial = await startTrial(t, { brokers: cluster.direct }, { calls: 1200, seed })
    const first = await trial.start(cluster.brokers)
    trial.emit(0.7)
    await trial.judged(Math.floor(trial.total * 0.05))
    cutOff(first.pid!)
    const second = await trial.start()
    // The new owner has everything there is, and nothing more to say.
    await trial.judged(Math.floor(trial.total * 0.7))
    const written = await trial.written()
    comeBack(first.pid!)
    await eventually('the engine that was cut off is a member again', async () => (await members(trial)) === 2, {
      timeoutMs: 30_000,
    })
    assert.deepEqual(await trial.written(), written, 'nothing of the old owner arrives after the new one')
    await trial.stop(second, 'SIGTERM')
    await trial.conclude()
  }

  it('says nothing more when it wakes up after its session', { timeout: 120_000 }, async t => {
    await takenOver(
      t,
      21,
      pid => process.kill(pid, 'SIGSTOP'),
      pid => process.kill(pid, 'SIGCONT'),
    )
  })

  it('has nothing arrive that was under way when the line was cut', { timeout: 120_000 }, async t => {
    await takenOver(
      t,
      22,
      () => {
        for (const relay of cluster.relays) relay.cut()
      },
      () => {
        for (const relay of cluster.relays) relay.mend()
      },
    )
  })

  /** An engine dies while a proxy has taken its last words, another does its work, and then the proxy delivers them. */
  async function deliveredLate(t: TestContext, kafka: KafkaCluster, seed: number) {
    const [relay] = kafka.relays
    const trial = await startTrial(t, { brokers: kafka.direct }, { calls: 1200, seed })
    const first = await trial.start(kafka.brokers)
    trial.emit(0.1)
    await trial.judged(Math.floor(trial.total * 0.05))
    relay!.hold(topics.verdicts.topic)
    trial.emit(0.7)
    await eventually('verdicts of the engine are with the proxy', () => relay!.holds())
    await trial.stop(first, 'SIGKILL')
    await trial.start()
    await trial.judged(Math.floor(trial.total * 0.7))
    const written = await trial.written()
    await relay!.release()
    return { trial, written, later: await trial.written() }
  }

  it('are heard after their death through a proxy that delivers late', { timeout: 120_000 }, async t => {
    const { written, later } = await deliveredLate(t, cluster, 23)
    assert.notDeepEqual(later, written)
  })

  it('are not heard so where brokers refuse what is older than a lease', { timeout: 120_000 }, async t => {
    const { trial, written, later } = await deliveredLate(t, refusing, 24)
    assert.deepEqual(later, written)
    await trial.conclude()
  })
}
