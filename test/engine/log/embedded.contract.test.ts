import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '../../../engine/log/index.ts'
import { eventLogContract } from '../../contract/event-log.contract.ts'

eventLogContract('embedded log', async ({ partitions }) => {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-log-'))
  let log = await openEmbeddedLog({ directory, partitions })
  return {
    log,
    async reopen() {
      await log.close()
      log = await openEmbeddedLog({ directory, partitions })
      return log
    },
    async release() {
      await log.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
})
