import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { defaultPack, vocabulary } from '../../../cli/packs.ts'
import { type Activity, type DeadLetter, type Topic, topics, type Verdict } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { type EventLog, openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger, createMetrics, engineCounters } from '../../../engine/observe/index.ts'
import { createPartition, type Partition } from '../../../engine/partition/index.ts'
import { createPackHolder, loadPacks, type Pack } from '../../../engine/rules/index.ts'
import { ENGINE_GROUP, type Engine, followControl, startEngine } from '../../../engine/runtime/index.ts'
import { noScorer } from '../../../engine/scorer/index.ts'
import { restoreSnapshot } from '../../../engine/snapshot/index.ts'
import { mixedTraffic, records } from '../../support/traffic.ts'

const identity = createIdentity({ defaultCountry: 'FR' })
const pack = loadPacks([defaultPack], vocabulary)
const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-engine-'))
  folders.push(folder)
  return folder
}

/** An engine on a log, and a promise of the moment when it has committed everything that the log holds. */
async function run(
  log: EventLog,
  snapshotIntervalMs = 3_600_000,
  packs: { readonly current: Pack } = { current: pack },
  relaid: (partition: Partition) => Partition = partition => partition,
  onLine: (line: string) => void = () => {},
) {
  const counters = engineCounters()
  const engine: Engine = await startEngine({
    log,
    openPartition: current => relaid(createPartition({ pack: current, identity })),
    packs,
    snapshotIntervalMs,
    version: 'test',
    counters,
    metrics: createMetrics(counters, 'test'),
    logger: createLogger({ level: 'warn', destination: { write: onLine } }),
    now: Date.now,
  })
  const caughtUp = async () => {
    for (let partition = 0; partition < log.partitions; partition++) {
      const place = { topic: topics.activity.topic, partition }
      const { next } = await log.bounds(place)
      while (((await log.committed(ENGINE_GROUP, place)) ?? 0) < next)
        await new Promise(resolve => setImmediate(resolve))
    }
  }
  return { engine, counters, caughtUp }
}

async function contents<T>(log: EventLog, topic: Topic): Promise<T[]> {
  const values: T[] = []
  for (let partition = 0; partition < log.partitions; partition++) {
    for await (const batch of log.read({ topic, partition })) {
      for (const { value } of batch.records)
        if (value !== null) values.push(JSON.parse(Buffer.from(value).toString()) as T)
    }
  }
  return values
}

/** All that an engine has said about some activities. */
async function outcome(log: EventLog) {
  return {
    verdicts: await contents<object>(log, topics.verdicts.topic),
    reputations: await contents<object>(log, topics.reputation.topic),
  }
}

async function undisturbed(activities: readonly Activity[], partitions: number) {
  const log = await openEmbeddedLog({ directory: freshFolder(), partitions })
  const { engine, caughtUp } = await run(log)
  await log.append(records(activities))
  await caughtUp()
  await engine.close()
  const result = await outcome(log)
  await log.close()
  return result
}

describe('engine on the event log', () => {
  const traffic = mixedTraffic(120)

  it('gives every attempt a verdict, and the attacker a reputation with reasons', async () => {
    const { verdicts, reputations } = (await undisturbed(traffic, 2)) as {
      verdicts: { kind: string; role: string; party: string; action: string }[]
      reputations: { party: string; action: string; reasons: { says: { fr: string } }[] }[]
    }
    const attempts = traffic.filter(({ kind, role }) => kind === 'call.attempt' && role === 'origin')
    assert.equal(
      verdicts.filter(({ kind, role }) => kind === 'call.attempt' && role === 'origin').length,
      attempts.length,
    )
    assert.deepEqual(
      [...new Set(verdicts.filter(({ action }) => action !== 'allow').map(({ party }) => party))],
      ['+2693212345'],
    )
    const [attacker] = reputations
    assert.equal(attacker?.party, '+2693212345')
    assert.ok(attacker.reasons.every(({ says }) => says.fr.length > 0))
  })

  it('says the same, once, when it is stopped and started again at any point, with and without snapshots', async () => {
    const whole = await undisturbed(traffic, 2)
    for (const [cut, snapshots] of [
      [1, true],
      [100, false],
      [333, true],
    ] as const) {
      const directory = freshFolder()
      let log = await openEmbeddedLog({ directory, partitions: 2 })
      let { engine, caughtUp } = await run(log, snapshots ? 0 : 3_600_000)
      await log.append(records(traffic.slice(0, cut)))
      await caughtUp()
      await engine.close()
      await log.close()
      log = await openEmbeddedLog({ directory, partitions: 2 })
      ;({ engine, caughtUp } = await run(log))
      await log.append(records(traffic.slice(cut)))
      await caughtUp()
      await engine.close()
      const result = await outcome(log)
      await log.close()
      assert.deepEqual(result, whole, `cut at ${cut}`)
    }
  })

  it('rebuilds its state from the log, silently, when there is no snapshot', async () => {
    const whole = await undisturbed(traffic, 1)
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    const first = await run(withoutSnapshots(log))
    await log.append(records(traffic.slice(0, 200)))
    await first.caughtUp()
    await first.engine.close().catch(() => {})
    const second = await run(log)
    await log.append(records(traffic.slice(200)))
    await second.caughtUp()
    await second.engine.close()
    assert.deepEqual(await outcome(log), whole)
    await log.close()
  })

  it('rebuilds its state from the log, silently, when a version with another layout takes over', async () => {
    const whole = await undisturbed(traffic, 1)
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    const first = await run(log, 0)
    await log.append(records(traffic.slice(0, 200)))
    await first.caughtUp()
    await first.engine.close()
    // The same state, called another layout: its pages must not be believed.
    const relaid = (partition: Partition): Partition => ({
      ...partition,
      states: partition.states.map(state => ({ ...state, layout: `${state.layout}/next` })),
    })
    const lines: string[] = []
    const next = await run(log, 0, { current: pack }, relaid, line => lines.push(line))
    await log.append(records(traffic.slice(200)))
    await next.caughtUp()
    await next.engine.close()
    assert.match(lines.join(''), /"code":"SNAPSHOT_INCOMPATIBLE".*layout/)
    assert.deepEqual(await outcome(log), whole)
    // Its own snapshot says which versions made it, and is taken up again.
    const restored = await restoreSnapshot(log, 0, () => relaid(createPartition({ pack, identity })).states)
    assert.ok(restored.outcome === 'restored')
    assert.deepEqual(restored.mark.versions, { pack: pack.version, model: 'none', engine: 'test' })
    await log.close()
  })

  it('loses no verdict and no count while packs are reloaded a thousand times, bad ones among them', async () => {
    const whole = await undisturbed(traffic, 1)
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    // Two packs that judge alike under different versions, and every third load fails.
    const other = { ...loadPacks([defaultPack], vocabulary), version: 'other' }
    let loads = 0
    const packs = createPackHolder(() => {
      if (++loads % 3 === 0) throw new Error('bad pack')
      return loads % 2 === 0 ? other : pack
    })
    const { engine, counters, caughtUp } = await run(log, 3_600_000, packs)
    const sent = records(traffic)
    for (let i = 0; i < 1000; i++) {
      packs.reload()
      await log.append(sent.slice(Math.floor((i * sent.length) / 1000), Math.floor(((i + 1) * sent.length) / 1000)))
    }
    await caughtUp()
    await engine.close()
    const { verdicts, reputations } = await outcome(log)
    assert.equal(new Set(verdicts.map(verdict => (verdict as Verdict).pack)).size, 2)
    assert.deepEqual(verdicts.map(unversioned), whole.verdicts.map(unversioned))
    assert.deepEqual(reputations.map(unversioned), whole.reputations.map(unversioned))
    assert.equal(counters.activities.total(), traffic.length)
    assert.equal(packs.counts.reloads + packs.counts.refused, 1000)
    assert.ok(packs.counts.refused > 300)
    await log.close()
  })

  it('follows the control topic: a list entry counts from the next batch on, and is taken back by a tombstone', async () => {
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    const packs = createPackHolder(() => loadPacks([defaultPack], vocabulary))
    const versions: string[] = []
    let heard: () => void = () => {}
    const control = await followControl({
      log,
      packs,
      scorer: noScorer(),
      instance: 'test',
      logger: createLogger({ level: 'silent' }),
      onReload(result) {
        versions.push(result.ok ? result.version : result.reason)
        heard()
      },
    })
    const say = async (key: string, value: object | null) => {
      const next = new Promise<void>(resolve => {
        heard = resolve
      })
      const bytes = value === null ? null : Buffer.from(JSON.stringify(value))
      await log.append([{ topic: topics.control.topic, key, value: bytes, timeMs: 1 }])
      await next
    }
    const before = packs.current.version
    await say('deny', { kind: 'list', name: 'deny', time: 1, entries: ['+2693212345'] })
    assert.notEqual(packs.current.version, before)
    assert.ok(packs.current.lists.has('deny', '+2693212345'))
    await say('none', { kind: 'list', name: 'none', time: 1, entries: ['x'] })
    assert.match(versions.at(-1)!, /no list is named "none"/)
    await say('deny', null)
    assert.equal(packs.current.version, before)
    await control.close()
    await log.close()
  })

  it('parks a record that is none, with its bytes and the reason, and goes on', async () => {
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    const { engine, counters, caughtUp } = await run(log)
    const poison = [
      Buffer.from('{"kind":"call.attempt"'),
      Buffer.from('{"kind":"nonsense"}'),
      Buffer.from([0xff, 0xfe]),
    ]
    await log.append([
      ...records(traffic.slice(0, 30)),
      ...poison.map(value => ({ topic: topics.activity.topic, key: '+1', value, timeMs: 1 })),
      ...records(traffic.slice(30, 60)),
    ])
    await caughtUp()
    await engine.close()
    const letters = await contents<DeadLetter>(log, topics.deadLetters.topic)
    assert.deepEqual(
      letters.map(letter => Buffer.from(letter.value, 'base64')),
      poison,
    )
    assert.deepEqual(
      letters.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
      [30, 31, 32].map(offset => ({ topic: 'ringfence.activity', partition: 0, offset })),
    )
    assert.ok(letters.every(({ reason }) => reason.length > 0))
    assert.equal(counters.deadLetters, 3)
    assert.equal(counters.activities.total(), 60)
    await log.close()
  })

  it('stops rather than lose a verdict that cannot be written, and says it all after a restart', async () => {
    const whole = await undisturbed(traffic, 1)
    const log = await openEmbeddedLog({ directory: freshFolder(), partitions: 1 })
    const broken = await run({ ...log, append: () => Promise.reject(new Error('disk full')) })
    await log.append(records(traffic))
    await assert.rejects(broken.engine.ended, /disk full/)
    const { engine, caughtUp } = await run(log)
    await caughtUp()
    await engine.close()
    assert.deepEqual(await outcome(log), whole)
    await log.close()
  })
})

/** A record without what names the pack version. */
function unversioned(record: object): object {
  return { ...record, id: '', pack: '' }
}

/** The log of a process that dies before it ever completes a snapshot. */
function withoutSnapshots(log: EventLog): EventLog {
  return {
    ...log,
    append: (appended, commit) =>
      appended.some(({ topic }) => topic === topics.snapshots.topic)
        ? Promise.reject(new Error('killed'))
        : log.append(appended, commit),
  }
}
