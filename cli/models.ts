import type { Logger } from '../engine/observe/index.ts'
import { noScorer, type Scorer } from '../engine/scorer/index.ts'
import { type ModelsConfig, openScorer, shippedModel } from '../models/serving/index.ts'

const names = ['text', 'behaviour'] as const
type ModelName = (typeof names)[number]

/** The file of each model that is switched on. */
function filesOf(config: ModelsConfig): Partial<Record<ModelName, string>> {
  if (!config.enabled) return {}
  return Object.fromEntries(
    names
      .filter(name => config[name] !== 'off')
      .map(name => [name, config[name] === 'shipped' ? shippedModel(name) : config[name]]),
  )
}

function shadowsOf({ enabled, textShadow, behaviourShadow }: ModelsConfig): Partial<Record<ModelName, string>> {
  return {
    ...(!enabled || textShadow === undefined ? {} : { text: textShadow }),
    ...(!enabled || behaviourShadow === undefined ? {} : { behaviour: behaviourShadow }),
  }
}

/**
 * Reads every configured model as it would be to serve; gives the version of each live one.
 * @throws RingfenceError MODEL_INVALID for the first that cannot be used
 */
export async function checkModels(config: ModelsConfig): Promise<Partial<Record<ModelName, string>>> {
  const { readTextWeights } = await import('../models/text/index.ts')
  const { readBehaviourWeights } = await import('../models/behaviour/index.ts')
  const read = { text: readTextWeights, behaviour: readBehaviourWeights }
  for (const [name, file] of Object.entries(shadowsOf(config))) read[name as ModelName](file)
  return Object.fromEntries(
    Object.entries(filesOf(config)).map(([name, file]) => [name, read[name as ModelName](file).header.version]),
  )
}

/**
 * The models that configuration names, serving in their threads; without any, a scorer that answers nothing. TensorFlow is
 * loaded by the threads alone.
 * @throws RingfenceError MODEL_INVALID for a file that cannot be used
 */
export async function openModels(config: ModelsConfig, logger?: Logger): Promise<Scorer> {
  const files = filesOf(config)
  if (Object.keys(files).length === 0) return noScorer()
  const { backend, threads, batchRows, batchMs, queueRows, deadlineMs } = config
  return openScorer({
    ...files,
    shadow: shadowsOf(config),
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
