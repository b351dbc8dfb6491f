import { hostname } from 'node:os'
import type { Verdict } from '../../engine/activity/index.ts'
import { createListFiles, createPackHolder, loadPacks, type Reload, watchPacks } from '../../engine/rules/index.ts'
import { type Engine, followControl, startEngine } from '../../engine/runtime/index.ts'
import { openModels } from '../models.ts'
import { packFolders, vocabulary } from '../packs.ts'
import { openPartition } from '../partition.ts'
import { version } from '../version.ts'
import type { Ground } from './ground.ts'

/**
 * Starts the engine with its packs: from their folders, from the control topic.
 * @param onVerdict called after a verdict is durable
 * @throws RingfenceError of packs or log
 */
export async function openEngine(ground: Ground, onVerdict: ((verdict: Verdict) => void) | undefined): Promise<Engine> {
  const { config, log, logger, metrics, counters, opened } = ground
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
  const scorer = await openModels(config.models, logger)
  opened.push(scorer.close)
  metrics.addScorer(scorer)
  const control = await followControl({ log, packs, scorer, instance: hostname(), logger, onReload })
  opened.push(control.close)
  const engine = await startEngine({
    log,
    openPartition: pack => openPartition(config, pack, scorer),
    packs,
    scorer,
    snapshotIntervalMs: config.engine.snapshotSeconds * 1000,
    version,
    counters,
    metrics,
    logger,
    now: Date.now,
    ...(onVerdict === undefined ? {} : { onVerdict }),
  })
  opened.push(engine.close)
  return engine
}
