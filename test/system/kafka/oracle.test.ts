import { after, before, it } from 'node:test'
import { random } from '../../support/activities.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'
import { startTrial } from '../../support/kafka-trial.ts'

const KILLS = 20
const CUT_SECONDS = 30
const jars = await kafkaJars()

if ('missing' in jars) {
  it('engines that are killed, moved and cut off', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  before(async () => {
    cluster = await startKafka({ relayed: true })
  })
  after(() => cluster.close())

  it(`engines killed ${KILLS} times, between one and three of them, come to what an undisturbed one comes to`, {
    timeout: 300_000,
  }, async t => {
    const trial = await startTrial(t, cluster, { calls: 4000, seed: 11 })
    const next = random(7)
    await trial.start()
    for (let kill = 0; kill < KILLS; kill++) {
      const from = kill / (KILLS + 1)
      trial.emit((kill + 1) / (KILLS + 1))
      // At any point of the work on this part: before it, in the middle, at its end.
      await trial.judged(Math.floor(trial.total * (from + (next() * 0.9) / (KILLS + 1))))
      const alive = [...trial.engines]
      await trial.stop(alive[Math.floor(next() * alive.length)]!, 'SIGKILL')
      const wanted = 1 + Math.floor(next() * 3)
      await Promise.all(Array.from({ length: wanted - trial.engines.size }, trial.start))
    }
    await trial.conclude()
  })

  it('partitions handed from one engine to three and back to one lose no count', { timeout: 180_000 }, async t => {
    const trial = await startTrial(t, cluster, { calls: 1500, seed: 12 })
    const first = await trial.start()
    trial.emit(0.2)
    await trial.judged(Math.floor(trial.total * 0.1))
    const others = await Promise.all([trial.start(), trial.start()])
    trial.emit(0.6)
    await trial.judged(Math.floor(trial.total * 0.5))
    await trial.stop(first, 'SIGTERM')
    trial.emit(0.8)
    await trial.stop(others[0]!, 'SIGTERM')
    await trial.conclude()
  })

  it(`a connection cut for ${CUT_SECONDS} seconds loses nothing, though the group gives the partitions up`, {
    timeout: 240_000,
  }, async t => {
    const trial = await startTrial(t, cluster, { calls: 1500, seed: 13 })
    await trial.start()
    trial.emit(0.3)
    await trial.judged(Math.floor(trial.total * 0.2))
    for (const relay of cluster.relays) relay.cut()
    trial.emit(0.6)
    await new Promise(resolve => setTimeout(resolve, CUT_SECONDS * 1000))
    for (const relay of cluster.relays) relay.mend()
    await trial.conclude()
  })
}
