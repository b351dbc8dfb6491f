import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { topics } from '../../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { readAll, text } from '../../contract/harness.ts'
import { limitFileSize } from '../../support/processes.ts'

const appender = fileURLToPath(new URL('./appender.js', import.meta.url))
const activity = topics.activity.topic
const reputation = topics.reputation.topic

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-crash-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** The lines that a child has written so far, and a way to wait for one. */
function follow(child: ChildProcess) {
  const lines: string[] = []
  let check = () => {}
  createInterface({ input: child.stdout! }).on('line', line => {
    lines.push(line)
    check()
  })
  return {
    lines,
    until: (condition: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        check = () => {
          if (condition()) resolve()
        }
        child.once('exit', code => reject(new Error(`child ended with ${code}`)))
        check()
      }),
  }
}

const acknowledged = (lines: readonly string[]) => lines.filter(line => /^\d+$/.test(line)).map(Number)

describe('the embedded log when its process is killed', () => {
  it('holds all that was acknowledged, once, in order, with the position and the table of the same call', async t => {
    const path = directory(t)
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [appender, path], { stdio: ['ignore', 'pipe', 'inherit'] })
      const { lines, until } = follow(child)
      await until(() => acknowledged(lines).length > 150 * (round + 1))
      child.kill('SIGKILL')
      await once(child, 'close')

      const log = await openEmbeddedLog({ directory: path })
      const records = await readAll(log, activity, 0)
      assert.deepEqual(
        records.map(each => Number(text(each.value)!.split(' ')[0])),
        records.map((_, i) => i),
      )
      assert.ok(records.length > Math.max(...acknowledged(lines)))
      assert.equal(await log.committed('g', { topic: activity, partition: 0 }), records.length)
      const table = new Map((await readAll(log, reputation, 1)).map(each => [each.key, Number(text(each.value))]))
      assert.equal(table.size, 10)
      for (let party = 0; party < 10; party++) {
        const last = records.length - 1
        assert.equal(table.get(`p${party}`), last - ((last - party + 10) % 10))
      }
      await log.close()
    }
  })

  it('lets a second process read but not write, and gives the directory up when the first is gone', async t => {
    const path = directory(t)
    const child = spawn(process.execPath, [appender, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const { lines, until } = follow(child)
    await until(() => acknowledged(lines).length > 20)
    await assert.rejects(openEmbeddedLog({ directory: path }), {
      code: 'LOG_UNAVAILABLE',
      message: `${path}: in use by process ${child.pid}`,
    })

    const reader = await openEmbeddedLog({ directory: path, readOnly: true })
    const before = await reader.bounds({ topic: activity, partition: 0 })
    const seen = acknowledged(lines).length
    await until(() => acknowledged(lines).length > seen + 20)
    assert.ok((await readAll(reader, activity, 0)).length > before.next)
    await assert.rejects(reader.append([]), { code: 'LOG_UNAVAILABLE', message: /reading only/ })
    await reader.close()

    child.kill('SIGKILL')
    await once(child, 'close')
    assert.ok(existsSync(join(path, 'writer.lock')))
    await (await openEmbeddedLog({ directory: path })).close()
    assert.ok(!existsSync(join(path, 'writer.lock')))
  })

  it('rejects appends while the disk is full, keeps nothing of them, and goes on when there is room', async t => {
    const path = directory(t)
    const child = spawn(process.execPath, [appender, path, '3000', '--one'], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.after(() => child.kill('SIGKILL'))
    const { lines, until } = follow(child)
    await until(() => acknowledged(lines).length > 5)
    limitFileSize(child.pid!, 1_500_000)
    await until(() => lines.filter(line => line === 'failed LOG_UNAVAILABLE').length >= 3)
    const full = acknowledged(lines)
    assert.deepEqual(
      full,
      full.map((_, i) => i),
    )
    limitFileSize(child.pid!, 1_000_000_000)
    await until(() => acknowledged(lines).length > full.length + 50)
    child.kill('SIGKILL')
    await once(child, 'close')
    const all = acknowledged(lines)
    assert.deepEqual(
      all,
      all.map((_, i) => i),
    )
    const log = await openEmbeddedLog({ directory: path })
    const records = await readAll(log, activity, 0)
    assert.deepEqual(
      records.map(each => Number(text(each.value)!.split(' ')[0])),
      records.map((_, i) => i),
    )
    assert.ok(records.length >= all.length)
    await log.close()
  })
})
