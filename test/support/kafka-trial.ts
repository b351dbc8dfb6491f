import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Activity, keyOf, type Topic, topics } from '../../engine/activity/index.ts'
import { createOutbox, type EventLog, openKafkaLog, partitionOf } from '../../engine/log/index.ts'
import type { Partition } from '../../engine/partition/index.ts'
import { activityRecord, ENGINE_GROUP } from '../../engine/runtime/index.ts'
import { restoreSnapshot } from '../../engine/snapshot/index.ts'
import { readAll } from '../contract/harness.ts'
import { trafficOf } from './activities.ts'
import type { KafkaCluster } from './kafka-broker.ts'
import { partitionOpener } from './kafka-engine.ts'
import { eventually } from './sockets.ts'

const program = fileURLToPath(new URL('./kafka-engine.js', import.meta.url))
const activity = topics.activity.topic
/** The longest that anything is waited for: faults take seconds to be noticed, on a busy machine too. */
const PATIENCE_MS = 120_000

export interface TrialOptions {
  readonly calls: number
  readonly seed: number
  readonly partitions?: number
  readonly replication?: number
}

/** A tap, and engines as processes of their own, whose work is held against that of an engine nobody disturbs. */
export interface Trial {
  readonly total: number
  readonly engines: ReadonlySet<ChildProcess>
  readonly log: EventLog
  /** Starts an engine, by default on the trial's own brokers; resolves when it has opened the log. */
  start(brokers?: readonly string[]): Promise<ChildProcess>
  /** Ends an engine and waits for it: SIGTERM in order, SIGKILL not. */
  stop(engine: ChildProcess, signal: NodeJS.Signals): Promise<void>
  /** How many records engines have written to verdicts and reputations, partition by partition. */
  written(): Promise<readonly number[]>
  /** The engines' group as the brokers know it. */
  readonly groupId: string
  /** Emits activities up to this share of all, through the tap's queue. */
  emit(share: number): void
  /** Waits until as many of all activities are judged. */
  judged(count: number): Promise<void>
  /** Emits the rest, waits until it is judged, ends the engines and compares everything. States what was lost: nothing. */
  conclude(): Promise<void>
}

/** Starts a trial on a cluster, without engines. */
export async function startTrial(
  t: TestContext,
  cluster: Pick<KafkaCluster, 'brokers'>,
  options: TrialOptions,
): Promise<Trial> {
  const { partitions = 4, replication } = options
  const activities = trafficOf(options.calls, options.seed)
  const topicPrefix = `${randomUUID()}.`
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-trial-'))
  const log = await openKafkaLog({
    brokers: cluster.brokers,
    topicPrefix,
    partitions,
    requestTimeoutMs: 5000,
    ...(replication === undefined ? {} : { replication }),
  })
  const outbox = createOutbox({ log, queueBytes: 200_000, spill: { directory, maxBytes: 100_000_000 } })
  const engines = new Set<ChildProcess>()
  let emitted = 0
  let known = 0
  t.after(async () => {
    for (const engine of engines) engine.kill('SIGKILL')
    await log.close()
    await outbox.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function positions(): Promise<number> {
    const all = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => log.committed(ENGINE_GROUP, { topic: activity, partition })),
    )
    return all.reduce<number>((sum, position) => sum + (position ?? 0), 0)
  }

  async function judged(count: number): Promise<void> {
    await eventually(
      `${count} of ${activities.length} activities are judged`,
      async () => {
        // Brokers may be away: then it is as far as it was.
        known = await positions().catch(() => known)
        return known >= count
      },
      { timeoutMs: PATIENCE_MS },
    )
  }

  async function stop(engine: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const gone = once(engine, 'exit')
    engine.kill(signal)
    await gone
  }

  function emit(share: number): void {
    for (const upTo = Math.ceil(activities.length * share); emitted < upTo; emitted++)
      outbox.emit(activityRecord(activities[emitted]!, keyOf(activities[emitted]!)))
  }

  return {
    total: activities.length,
    engines,
    log,
    async start(brokers = cluster.brokers) {
      const engine = spawn(process.execPath, [program, brokers.join(','), topicPrefix, 'quick'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      engines.add(engine)
      engine.once('exit', () => engines.delete(engine))
      await Promise.race([once(engine.stdout!, 'data'), once(engine, 'exit')])
      return engine
    },
    stop,
    groupId: topicPrefix + ENGINE_GROUP,
    async written() {
      const places = [topics.verdicts.topic, topics.reputation.topic].flatMap(topic =>
        Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
      )
      return (await Promise.all(places.map(place => log.bounds(place)))).map(({ next }) => next)
    },
    emit,
    judged,
    async conclude() {
      emit(1)
      await eventually('everything is in the log', () => outbox.counters.appended >= activities.length, {
        timeoutMs: PATIENCE_MS,
      })
      let ends = 0
      for (let partition = 0; partition < partitions; partition++)
        ends += (await log.bounds({ topic: activity, partition })).next
      await judged(ends)
      await Promise.all([...engines].map(engine => stop(engine, 'SIGTERM')))
      assert.deepEqual(
        { dropped: outbox.counters.dropped, invalid: outbox.counters.invalid },
        { dropped: 0, invalid: 0 },
      )
      await compare(log, activities, partitions, ends === activities.length)
    },
  }
}

/** Verdict ids, reputations and counts of every partition, against an engine that is never disturbed. */
async function compare(
  log: EventLog,
  activities: readonly Activity[],
  partitions: number,
  eachOnce: boolean,
): Promise<void> {
  const expected = undisturbed(activities, partitions)
  assert.ok(expected.verdicts.size > 100, 'the traffic must give verdicts')
  const verdicts = new Set((await jsonOf(log, topics.verdicts.topic, partitions)).map(({ id }) => id))
  assert.deepEqual(
    {
      lost: [...expected.verdicts].filter(id => !verdicts.has(id)),
      invented: [...verdicts].filter(id => !expected.verdicts.has(id)),
    },
    { lost: [], invented: [] },
  )
  assert.deepEqual(
    new Map((await jsonOf(log, topics.reputation.topic, partitions)).map(each => [each.party, each])),
    expected.reputations,
  )
  for (let partition = 0; partition < partitions; partition++) {
    let state = partitionOpener()()
    const restored = await restoreSnapshot(log, partition, () => {
      state = partitionOpener()()
      return state.states
    })
    assert.equal(restored.outcome, 'restored')
    // What the tap's retries put on the log twice is counted as such, and only so.
    assert.deepEqual(
      countsOf(state, eachOnce),
      countsOf(expected.partitions[partition]!, eachOnce),
      `counts of partition ${partition}`,
    )
  }
}

function undisturbed(activities: readonly Activity[], count: number) {
  const open = partitionOpener()
  const partitions = Array.from({ length: count }, open)
  const verdicts = new Set<string>()
  const reputations = new Map<string, unknown>()
  for (const each of activities) {
    const { verdict, reputation } = partitions[partitionOf(keyOf(each), count)]!.apply(each)
    if (verdict !== undefined) verdicts.add(verdict.id)
    if (reputation !== undefined) reputations.set(reputation.party, JSON.parse(JSON.stringify(reputation)))
  }
  return { partitions, verdicts, reputations }
}

async function jsonOf(log: EventLog, topic: Topic, partitions: number) {
  const all = await Promise.all(Array.from({ length: partitions }, (_, partition) => readAll(log, topic, partition)))
  return all.flat().map(record => JSON.parse(Buffer.from(record.value!).toString()) as { id: string; party: string })
}

const countsOf = (partition: Partition, eachOnce: boolean) => {
  const { parties, suspects, late, clamped, duplicates } = partition.figures()
  return { parties, suspects, late, clamped, duplicates: eachOnce ? duplicates : undefined }
}
