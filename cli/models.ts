import type { Logger } from '../engine/observe/index.ts'
import { noScorer, type Scorer } from '../engine/scorer/index.ts'
import { type ModelsConfig, openScorer, shippedModel } from '../models/serving/index.ts'

/**
 * The models that configuration names, serving in their threads; without any, a scorer that answers nothing. TensorFlow is
 * loaded by the threads alone.
 * @throws RingfenceError MODEL_INVALID for a file that cannot be used
 */
export async function openModels(config: ModelsConfig, logger?: Logger): Promise<Scorer> {
  if (!config.enabled || (config.text === 'off' && config.behaviour === 'off')) return noScorer()
  const file = (model: 'text' | 'behaviour') => {
    if (config[model] === 'off') return {}
    return { [model]: config[model] === 'shipped' ? shippedModel(model) : config[model] }
  }
  const { textShadow, behaviourShadow, backend, threads, batchRows, batchMs, queueRows, deadlineMs } = config
  return openScorer({
    ...file('text'),
    ...file('behaviour'),
    shadow: {
      ...(textShadow === undefined ? {} : { text: textShadow }),
      ...(behaviourShadow === undefined ? {} : { behaviour: behaviourShadow }),
    },
    backend,
    threads,
    batchRows,
    waitMs: batchMs,
    capacity: queueRows,
    deadlineMs,
    ...(logger === undefined ? {} : { logger }),
  })
}

/** Runs work with the configured models and stops their threads after it, also when it failed: they keep a process alive. */
export async function withModels<T>(config: ModelsConfig, work: (scorer: Scorer) => Promise<T>): Promise<T> {
  const scorer = await openModels(config)
  try {
    return await work(scorer)
  } finally {
    await scorer.close()
  }
}
