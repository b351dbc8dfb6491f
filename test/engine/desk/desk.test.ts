import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openDesk } from '../../../engine/desk/index.ts'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { createLogger } from '../../../engine/observe/index.ts'

describe('changes made at the desk', () => {
  it('all come back, those too that a later change of the same key stands for on a compacted topic', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ringfence-desk-'))
    const log = await openEmbeddedLog({ directory, partitions: 1 })
    const desk = await openDesk({ log, logger: createLogger({ level: 'silent' }), now: Date.now, instance: 'one' })
    try {
      // Sent in one turn, so written in one transaction: the last of each key alone can be read afterwards.
      const lists = ['+33162000001', '+33162000002', '+33162000003'].map(number =>
        desk.setList('deny', [number], 'ann'),
      )
      await Promise.all([...lists, ...Array.from({ length: 20 }, () => desk.reloadPacks('ann'))])
      assert.deepEqual(desk.list('deny')?.entries, ['+33162000003'])
    } finally {
      await desk.close()
      await log.close()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
