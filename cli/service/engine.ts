import type { Verdict } from '../../engine/activity/index.ts'
import { messageOf } from '../../engine/errors/index.ts'
import type { PackHolder } from '../../engine/rules/index.ts'
import { type Engine, followFeedback, startEngine } from '../../engine/runtime/index.ts'
import type { Scorer } from '../../engine/scorer/index.ts'
import { openModels } from '../models.ts'
import { openPartition } from '../partition.ts'
import { version } from '../version.ts'
import type { Ground } from './ground.ts'

/** The models, in threads of their own. @throws RingfenceError MODEL_INVALID */
export async function openScorer({ config, logger, metrics, opened }: Ground): Promise<Scorer> {
  const scorer = await openModels(config.models, logger)
  opened.push(scorer.close)
  metrics.addScorer(scorer)
  return scorer
}

/**
 * Starts the engine.
 * @param onVerdict called after a verdict is durable
 * @throws RingfenceError of the log
 */
export async function openEngine(
  ground: Ground,
  packs: PackHolder,
  scorer: Scorer,
  onVerdict: ((verdict: Verdict) => void) | undefined,
): Promise<Engine> {
  const { config, log, logger, metrics, counters, tracing, opened } = ground
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
    tracing,
    ...(onVerdict === undefined ? {} : { onVerdict }),
  })
  opened.push(engine.close)
  const feedback = await followFeedback({ log, logger })
  feedback.ended.catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'feedback is no longer read'))
  opened.push(feedback.close)
  return engine
}
