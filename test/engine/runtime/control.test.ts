import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { type Control, jsonCodec, Control as schema, topics } from '../../../engine/activity/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'
import type { Pack, Reload } from '../../../engine/rules/index.ts'
import { followControl } from '../../../engine/runtime/index.ts'
import { eventually } from '../../support/sockets.ts'

const { topic } = topics.control
const taken: Reload = { ok: true, version: '1', changed: true }

it('loads packs once for all who asked meanwhile, and before a list that they may bring', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-control-'))
  const log = await openEmbeddedLog({ directory, partitions: 1 })
  const codec = jsonCodec(schema)
  const asked: Control[] = [
    { kind: 'pack', name: 'pack-1', time: 1 },
    { kind: 'pack', name: 'pack-2', time: 2 },
    { kind: 'list', name: 'deny', time: 3, entries: ['+33162000001'] },
    { kind: 'pack', name: 'pack-3', time: 4 },
    { kind: 'pack', name: 'pack-4', time: 5 },
  ]
  await log.append(asked.map(each => ({ topic, key: each.name, value: codec.encode(each), timeMs: each.time })))
  const done: string[] = []
  let told = 0
  const control = await followControl({
    log,
    packs: {
      current: {} as Pack,
      counts: { reloads: 0, refused: 0 },
      reload: () => {
        done.push('packs')
        return taken
      },
      setEntries: name => {
        done.push(name)
        return taken
      },
    },
    scorer: { apply: async () => ({ swapped: true, version: '1' }) },
    instance: 'one',
    logger: createLogger({ level: 'silent' }),
    onReload: () => told++,
  })
  try {
    await eventually('all is followed', async () => done.length >= 3)
    assert.deepEqual(done, ['packs', 'deny', 'packs'])
    assert.equal(told, 3)
  } finally {
    await control.close()
    await log.close()
    rmSync(directory, { recursive: true, force: true })
  }
})
