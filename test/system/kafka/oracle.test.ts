import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { after, before, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Activity, keyOf, topics } from '../../../engine/activity/index.ts'
import { type EventLog, openKafkaLog, partitionOf } from '../../../engine/log/index.ts'
import type { Partition } from '../../../engine/partition/index.ts'
import { activityRecord } from '../../../engine/runtime/index.ts'
import { restoreSnapshot } from '../../../engine/snapshot/index.ts'
import { readAll } from '../../contract/harness.ts'
import { random, trafficOf } from '../../support/activities.ts'
import { type KafkaCluster, startKafka } from '../../support/kafka-broker.ts'
import { partitionOpener } from '../../support/kafka-engine.ts'
import { kafkaJars } from '../../support/kafka-jars.ts'

const PARTITIONS = 4
const KILLS = 20
const GROUP = 'ringfence-engine'
const program = fileURLToPath(new URL('../../support/kafka-engine.js', import.meta.url))
const activity = topics.activity.topic

/** What an engine that is never disturbed makes of the same activities. */
function oracle(activities: readonly Activity[]) {
  const open = partitionOpener()
  const partitions = Array.from({ length: PARTITIONS }, open)
  const verdicts = new Set<string>()
  const reputations = new Map<string, unknown>()
  for (const each of activities) {
    const { verdict, reputation } = partitions[partitionOf(keyOf(each), PARTITIONS)]!.apply(each)
    if (verdict !== undefined) verdicts.add(verdict.id)
    if (reputation !== undefined) reputations.set(reputation.party, JSON.parse(JSON.stringify(reputation)))
  }
  return { partitions, verdicts, reputations }
}

async function jsonOf(log: EventLog, topic: typeof topics.verdicts.topic | typeof topics.reputation.topic) {
  const all = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => readAll(log, topic, partition)))
  return all.flat().map(record => JSON.parse(Buffer.from(record.value!).toString()) as { id: string; party: string })
}

const figuresOf = (partition: Partition) => {
  const { parties, suspects, duplicates, late, clamped } = partition.figures()
  return { parties, suspects, duplicates, late, clamped }
}

const jars = await kafkaJars()

if ('missing' in jars) {
  it('engines killed at random points', { skip: jars.missing }, () => {})
} else {
  let cluster: KafkaCluster
  const engines = new Set<ChildProcess>()
  before(async () => {
    cluster = await startKafka()
  })
  after(async () => {
    for (const engine of engines) engine.kill('SIGKILL')
    await cluster.close()
  })

  it(`engines killed ${KILLS} times, between one and three of them, come to what an undisturbed one comes to`, async () => {
    const topicPrefix = `${randomUUID()}.`
    const log = await openKafkaLog({ brokers: cluster.brokers, topicPrefix, partitions: PARTITIONS })
    const next = random(7)
    const start = () => {
      const engine = spawn(process.execPath, [program, cluster.brokers.join(','), topicPrefix, 'quick'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      engines.add(engine)
      engine.once('exit', () => engines.delete(engine))
    }
    const judged = async () => {
      const positions = await Promise.all(
        Array.from({ length: PARTITIONS }, (_, partition) => log.committed(GROUP, { topic: activity, partition })),
      )
      return positions.reduce<number>((sum, position) => sum + (position ?? 0), 0)
    }
    const judgedReach = async (count: number) => {
      for (let attempt = 0; (await judged()) < count; attempt++) {
        assert.ok(attempt < 600, `only ${await judged()} of ${count} activities were judged within a minute`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }

    const activities = trafficOf(4000, 11)
    const step = Math.ceil(activities.length / (KILLS + 1))
    start()
    let sent = 0
    for (let kill = 0; kill <= KILLS; kill++) {
      const part = activities.slice(kill * step, (kill + 1) * step)
      await log.append(part.map(each => activityRecord(each, keyOf(each))))
      if (kill === KILLS) break
      // At any point of the work on this part: before it, in the middle, at its end.
      await judgedReach(sent + Math.floor(part.length * next() * 0.9))
      sent += part.length
      const alive = [...engines]
      const victim = alive[Math.floor(next() * alive.length)]!
      const gone = once(victim, 'exit')
      victim.kill('SIGKILL')
      await gone
      while (engines.size < 1 + Math.floor(next() * 3)) start()
    }
    await judgedReach(activities.length)
    await Promise.all(
      [...engines].map(async engine => {
        const gone = once(engine, 'exit')
        engine.kill('SIGTERM')
        await gone
      }),
    )

    const expected = oracle(activities)
    assert.ok(expected.verdicts.size > 100, 'the traffic must give verdicts')
    assert.deepEqual(new Set((await jsonOf(log, topics.verdicts.topic)).map(({ id }) => id)), expected.verdicts)
    assert.deepEqual(
      new Map((await jsonOf(log, topics.reputation.topic)).map(each => [each.party, each])),
      expected.reputations,
    )
    for (let partition = 0; partition < PARTITIONS; partition++) {
      let state = partitionOpener()()
      const restored = await restoreSnapshot(log, partition, () => {
        state = partitionOpener()()
        return state.states
      })
      assert.equal(restored.outcome, 'restored')
      assert.deepEqual(figuresOf(state), figuresOf(expected.partitions[partition]!))
    }
    await log.close()
  })
}
