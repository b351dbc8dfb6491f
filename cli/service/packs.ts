import { hostname } from 'node:os'
import {
  createListFiles,
  createPackHolder,
  loadPacks,
  type PackHolder,
  type Reload,
  watchPacks,
} from '../../engine/rules/index.ts'
import { followControl } from '../../engine/runtime/index.ts'
import type { Scorer } from '../../engine/scorer/index.ts'
import { packFolders, vocabulary } from '../packs.ts'
import type { Ground } from './ground.ts'

/** Names this process among all of an installation, those of one host too: each follows a topic as a group of its own. */
export const instance = `${hostname()}-${process.pid}`

/**
 * The packs in force, for judging and for deciding: read from their folders, read again when those change, extended as the
 * control topic says.
 * @throws RingfenceError PACK_INVALID, or of the log
 */
export async function openPacks(ground: Ground, scorer: Scorer): Promise<PackHolder> {
  const { config, log, logger, counters, opened } = ground
  const folders = packFolders(config.engine.packs)
  // Lists are kept between reloads: one of five million numbers takes half a second to read.
  const listFiles = createListFiles()
  const packs = createPackHolder(() => loadPacks(folders, vocabulary, listFiles))
  counters.pack = packs.current.version
  const onReload = (result: Reload) => {
    counters.pack = packs.current.version
    counters.packReloads = packs.counts.reloads
    counters.packRefused = packs.counts.refused
    counters.packStale = !result.ok
    if (result.ok) logger.info({ version: result.version, changed: result.changed }, 'packs loaded')
    else logger.error({ reason: result.reason, hint: result.hint }, 'packs refused, the ones before stay')
  }
  const watch = await watchPacks(folders, () => onReload(packs.reload()))
  opened.push(async () => watch.close())
  const control = await followControl({ log, packs, scorer, instance, logger, onReload })
  opened.push(control.close)
  return packs
}
