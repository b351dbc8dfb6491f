import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { topics } from '../../../engine/activity/index.ts'
import { type EmbeddedLogOptions, openEmbeddedLog } from '../../../engine/log/index.ts'
import { observe, readAll, record, text } from '../../contract/harness.ts'

const DAY_MS = 86_400_000
const activity = topics.activity.topic
const verdicts = topics.verdicts.topic
const reputation = topics.reputation.topic

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-log-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function fresh(t: TestContext, options: Partial<EmbeddedLogOptions> = {}) {
  const log = await openEmbeddedLog({ directory: directory(t), partitions: 1, ...options })
  t.after(() => log.close())
  return log
}

describe('the embedded log on disk', () => {
  it('keeps the number of partitions it was created with, and refuses another', async t => {
    const path = directory(t)
    await (await openEmbeddedLog({ directory: path, partitions: 3 })).close()
    const again = await openEmbeddedLog({ directory: path })
    assert.equal(again.partitions, 3)
    await again.close()
    await assert.rejects(openEmbeddedLog({ directory: path, partitions: 4 }), {
      code: 'CONFIG_INVALID',
      message: `${path}: holds 3 partitions, the configuration says 4`,
    })
    // The refusal left no lock behind.
    await (await openEmbeddedLog({ directory: path, partitions: 3 })).close()
  })

  it('is opened once by a process', async t => {
    const path = directory(t)
    const log = await openEmbeddedLog({ directory: path })
    await assert.rejects(openEmbeddedLog({ directory: path }), {
      code: 'LOG_UNAVAILABLE',
      message: /in use by process/,
    })
    await log.close()
    await log.close()
    await (await openEmbeddedLog({ directory: path })).close()
  })

  it('takes over a lock whose process number now belongs to another process, or that is damaged', async t => {
    const path = directory(t)
    await (await openEmbeddedLog({ directory: path })).close()
    for (const lock of [JSON.stringify({ pid: process.ppid, startTicks: 1, namespace: '' }), '{', '']) {
      writeFileSync(join(path, 'writer.lock'), lock)
      const log = await openEmbeddedLog({ directory: path })
      assert.equal((JSON.parse(readFileSync(join(path, 'writer.lock'), 'utf8')) as { pid: number }).pid, process.pid)
      await log.close()
    }
  })

  it('says in one line when the directory cannot be used', async t => {
    const path = directory(t)
    writeFileSync(join(path, 'file'), '')
    await assert.rejects(openEmbeddedLog({ directory: join(path, 'file', 'log') }), { code: 'LOG_UNAVAILABLE' })
    mkdirSync(join(path, 'empty'))
    await assert.rejects(openEmbeddedLog({ directory: join(path, 'none'), readOnly: true }), {
      code: 'LOG_UNAVAILABLE',
    })
    await assert.rejects(openEmbeddedLog({ directory: join(path, 'empty'), readOnly: true }), {
      code: 'LOG_UNAVAILABLE',
    })
  })

  it('names topic, partition and offset of a damaged record, after handing over what stands before it', async t => {
    const path = directory(t)
    let log = await openEmbeddedLog({ directory: path, partitions: 1 })
    for (const value of ['one', 'two', 'three']) await log.append([record(activity, 'k', `${value}-marker`)])
    await log.close()
    const file = join(path, 'data.mdb')
    const bytes = readFileSync(file)
    for (let at = bytes.indexOf('two-marker'); at >= 0; at = bytes.indexOf('two-marker', at + 1)) bytes[at] = 0x58
    writeFileSync(file, bytes)
    log = await openEmbeddedLog({ directory: path })
    t.after(() => log.close())
    const seen: (string | null)[] = []
    await assert.rejects(
      async () => {
        for await (const batch of log.read({ topic: activity, partition: 0 })) {
          seen.push(...batch.records.map(each => text(each.value)))
        }
      },
      { code: 'LOG_CORRUPT', message: 'ringfence.activity partition 0 offset 1: checksum does not match' },
    )
    assert.deepEqual(seen, ['one-marker'])
    const member = await observe(log, { group: 'g', topics: [activity] })
    await assert.rejects(member.subscription.ended, { code: 'LOG_CORRUPT' })
    assert.equal((await readAll(log, activity, 0, 2)).length, 1)
  })
})

describe('retention', () => {
  it('goes by the time of appending and by topic, and leaves the offsets where they were', async t => {
    let now = 1_764_000_000_000
    const log = await fresh(t, { now: () => now })
    await log.append([record(activity, 'k', 'a1'), record(activity, 'k', 'a2'), record(verdicts, 'k', 'v1')])
    now += 5 * DAY_MS
    await log.append([record(activity, 'k', 'a3', { timeMs: 0 })])
    assert.equal(await log.sweep(now), 0)
    now += 2 * DAY_MS + 1
    assert.equal(await log.sweep(now), 1)
    assert.deepEqual(await log.bounds({ topic: activity, partition: 0 }), { earliest: 2, next: 3 })
    assert.deepEqual(
      (await readAll(log, activity, 0)).map(each => text(each.value)),
      ['a3'],
    )
    assert.equal((await readAll(log, verdicts, 0)).length, 1)
    now += 30 * DAY_MS
    await log.sweep(now)
    assert.deepEqual(await log.bounds({ topic: activity, partition: 0 }), { earliest: 3, next: 3 })
    await log.append([record(activity, 'k', 'a4')])
    assert.equal((await readAll(log, activity, 0))[0]?.offset, 3)
  })

  it('removes many frames in steps, and lets a reader that was behind go on at what is left', async t => {
    let now = 1_764_000_000_000
    const log = await fresh(t, { now: () => now })
    await Promise.all(Array.from({ length: 700 }, (_, i) => log.append([record(activity, 'k', `${i}`)])))
    now += 8 * DAY_MS
    await log.append([record(activity, 'k', 'new')])
    const reading = log.read({ topic: activity, partition: 0 }, 10)[Symbol.asyncIterator]()
    assert.equal(await log.sweep(now), 700)
    const { value } = await reading.next()
    assert.deepEqual(
      value.records.map((each: { offset: number }) => each.offset),
      [700],
    )
  })

  it('gives the room back to new records', async t => {
    let now = 0
    const path = directory(t)
    const log = await openEmbeddedLog({ directory: path, partitions: 1, now: () => now })
    t.after(() => log.close())
    const value = 'x'.repeat(20_000)
    const fill = async () => {
      await Promise.all(Array.from({ length: 100 }, () => log.append([record(activity, 'k', value)])))
      now += 8 * DAY_MS
      await log.sweep(now)
    }
    await fill()
    await fill()
    const size = statSync(join(path, 'data.mdb')).size
    for (let round = 0; round < 5; round++) await fill()
    assert.ok(statSync(join(path, 'data.mdb')).size < size * 1.5)
  })
})

describe('compaction', () => {
  it('keeps one record a key, also when a key comes twice in one append', async t => {
    const log = await fresh(t)
    await log.append([record(reputation, 'a', '1'), record(reputation, 'b', '1'), record(reputation, 'a', '2')])
    await log.append([record(reputation, 'b', '2')])
    assert.deepEqual(
      (await readAll(log, reputation, 0)).map(each => [each.offset, each.key, text(each.value)]),
      [
        [2, 'a', '2'],
        [3, 'b', '2'],
      ],
    )
  })

  it('shows a deletion to readers for a day, then forgets the key, unless it came back', async t => {
    let now = 1_764_000_000_000
    const log = await fresh(t, { now: () => now })
    await log.append([record(reputation, 'a', '1'), record(reputation, 'b', '1'), record(reputation, 'c', '1')])
    await log.append([record(reputation, 'a', null), record(reputation, 'b', null)])
    await log.append([record(reputation, 'b', 'back')])
    const table = async () => (await readAll(log, reputation, 0)).map(each => `${each.key}=${text(each.value)}`)
    assert.deepEqual(await table(), ['c=1', 'a=null', 'b=back'])
    await log.sweep(now + DAY_MS - 1)
    assert.equal((await table()).length, 3)
    now += DAY_MS + 1
    await log.sweep(now)
    assert.deepEqual(await table(), ['c=1', 'b=back'])
    await log.append([record(reputation, 'a', 'new')])
    assert.deepEqual(await table(), ['c=1', 'b=back', 'a=new'])
  })

  it('tells very long keys apart', async t => {
    const log = await fresh(t)
    const long = 'k'.repeat(3000)
    await log.append([record(reputation, `${long}1`, '1'), record(reputation, `${long}2`, '1')])
    await log.append([record(reputation, `${long}1`, '2')])
    assert.deepEqual(
      (await readAll(log, reputation, 0)).map(each => [each.key?.at(-1), text(each.value)]),
      [
        ['2', '1'],
        ['1', '2'],
      ],
    )
  })
})
