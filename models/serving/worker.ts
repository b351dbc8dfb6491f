import { platform, setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../engine/errors/index.ts'
import { vectorNames } from '../../engine/features/index.ts'
import { REASONS_SHOWN } from '../../engine/scorer/index.ts'
import { openBackend } from '../backend/index.ts'
import { type BehaviourJudge, createBehaviourJudge, readBehaviourWeights } from '../behaviour/index.ts'
import { createTextJudge, kindOfScore, readTextWeights, type TextJudge } from '../text/index.ts'
import type { ModelName } from '../training/index.ts'
import type { FromWorker, LoadedModel, Scores, Slot, ToWorker, WorkerOptions } from './protocol.ts'

/**
 * One scoring thread. It answers in the order it is asked; TensorFlow runs synchronously here, where nobody waits on the
 * event loop. Not imported by anyone: `pool.ts` starts it by its file name.
 */

/** Rounds before a model serves: the first ones take ten times as long, and live verdicts have a deadline. */
const WARM_UP = 8
const WARM_UP_TEXTS = Array.from(
  { length: 64 },
  (_, i) => `Warm-up ${i}: call +44 20 7946 0${i} or see example.com/${i}`,
)

/** How far the engine's thread goes first where both want one core: as `nice` counts, a third of its share. */
const NICE = 5

const port = parentPort!
yieldToEngine()
const { tf, name } = await openBackend((workerData as WorkerOptions).backend)
const text: Partial<Record<Slot | 'next-live' | 'next-shadow', TextJudge>> = {}
const behaviour: Partial<Record<Slot | 'next-live' | 'next-shadow', BehaviourJudge>> = {}

/** On Linux "this process" is the calling thread alone to setpriority(2); elsewhere it would slow the engine down too. */
function yieldToEngine(): void {
  if (platform() !== 'linux') return
  try {
    setPriority(NICE)
  } catch {
    // A container may forbid the call: then both go at one priority, as before.
  }
}

function say(messages: readonly FromWorker[]): void {
  port.postMessage(messages)
}

function prepare(model: ModelName, slot: Slot, path: string): LoadedModel {
  if (model === 'text') {
    const weights = readTextWeights(path)
    const judge = createTextJudge(tf, weights)
    for (let i = 0; i < WARM_UP; i++) judge.score(WARM_UP_TEXTS)
    text[`next-${slot}`] = judge
    return { version: weights.header.version, threshold: weights.header.threshold, reference: weights.header.reference }
  }
  const weights = readBehaviourWeights(path)
  const judge = createBehaviourJudge(tf, weights)
  for (let i = 0; i < WARM_UP; i++) judge.score(new Float32Array(vectorNames.length * 64), 64)
  behaviour[`next-${slot}`] = judge
  return { version: weights.header.version, threshold: weights.header.threshold, reference: weights.header.reference }
}

/** Puts what was prepared in its place; without anything prepared the place is emptied. */
function commit(model: ModelName, slot: Slot): void {
  const judges: Partial<Record<string, { close(): void }>> = model === 'text' ? text : behaviour
  judges[slot]?.close()
  judges[slot] = judges[`next-${slot}`]
  judges[`next-${slot}`] = undefined
}

function discard(model: ModelName, slot: Slot): void {
  const judges: Partial<Record<string, { close(): void }>> = model === 'text' ? text : behaviour
  judges[`next-${slot}`]?.close()
  judges[`next-${slot}`] = undefined
}

/** Rows that are spam get as many reasons as a verdict shows; no verdict takes up what the others would have. */
function scoreTexts(texts: readonly string[]): Scores | undefined {
  const judge = text.live
  if (judge === undefined) return undefined
  const { probability, familiarity, kind } = judge.score(texts)
  const reasons = new Map<number, Scores['reasons'] extends ReadonlyMap<number, infer R> ? R : never>()
  for (const [i, p] of probability.entries())
    if (p >= judge.threshold) reasons.set(i, judge.reasons(texts[i]!).slice(0, REASONS_SHOWN))
  const kinds = Array.from(kind, (k, i) => kindOfScore(k, probability[i]! >= judge.threshold))
  return { version: judge.version, threshold: judge.threshold, probability, confidence: familiarity, kinds, reasons }
}

function scoreVectors(vectors: Float32Array, rows: number): Scores | undefined {
  const judge = behaviour.live
  if (judge === undefined) return undefined
  const { probability, confidence } = judge.score(vectors, rows)
  const reasons = new Map<number, ReturnType<BehaviourJudge['reasons']>>()
  for (const [i, p] of probability.entries()) {
    // Nor does what the model is not sure of at all: a party's reasons cost 1 ms, thirty times its score.
    if (p >= judge.threshold && confidence[i]! > 0) reasons.set(i, judge.reasons(vectors, i).slice(0, REASONS_SHOWN))
  }
  return { version: judge.version, threshold: judge.threshold, probability, confidence, kinds: [], reasons }
}

function answer(message: ToWorker): FromWorker {
  switch (message.type) {
    case 'prepare':
      return { type: 'prepared', loaded: prepare(message.model, message.slot, message.path) }
    case 'commit':
      commit(message.model, message.slot)
      return { type: 'done' }
    case 'discard':
      discard(message.model, message.slot)
      return { type: 'done' }
    case 'text':
      return {
        type: 'scores',
        scores: scoreTexts(message.texts),
        shadow: text.shadow?.score(message.texts).probability,
      }
    case 'behaviour': {
      const { vectors, rows } = message
      return {
        type: 'scores',
        scores: scoreVectors(vectors, rows),
        shadow: behaviour.shadow?.score(vectors, rows).probability,
      }
    }
  }
}

function answerOrRefuse(message: ToWorker): FromWorker {
  try {
    return answer(message)
  } catch (error) {
    return { type: 'refused', reason: messageOf(error) }
  }
}

port.on('message', (messages: readonly ToWorker[]) => say(messages.map(answerOrRefuse)))
say([{ type: 'ready', backend: name }])
