import { setTimeout as sleep } from 'node:timers/promises'
import type { Control } from '../../engine/activity/index.ts'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import { vectorNames } from '../../engine/features/index.ts'
import type { Logger } from '../../engine/observe/index.ts'
import type {
  ScoreReason,
  ScoreRequest,
  ScoreResult,
  Scorer,
  ScorerCounts,
  SkipReason,
  SwapResult,
} from '../../engine/scorer/index.ts'
import type { BackendChoice } from '../backend/index.ts'
import type { ModelName } from '../training/index.ts'
import { type Batcher, createBatcher, type Waiting } from './batcher.ts'
import { createGauges } from './gauges.ts'
import { startThread, type Thread } from './pool.ts'
import type { FromWorker, LoadedModel, Scores, Slot } from './protocol.ts'

export interface ScorerOptions {
  /** Model files to begin with; a sort without one is not scored. */
  readonly text?: string
  readonly behaviour?: string
  readonly backend?: BackendChoice
  /** Scoring threads; one scores 20,000 texts a second. Default 1. */
  readonly threads?: number
  /** Rows in a batch at most, and how long its oldest row may wait for it to fill. Defaults 256 and 2 ms. */
  readonly batchRows?: number
  readonly waitMs?: number
  /** Rows that may wait; default 4,096, a fifth of a second's work of one thread. */
  readonly capacity?: number
  /** How long a live caller waits for its scores, ms; rows without one by then are skipped. Default 1,000. */
  readonly deadlineMs?: number
  /** Model files that score beside the live ones from the start, without effect. */
  readonly shadow?: { readonly text?: string; readonly behaviour?: string }
  readonly logger?: Logger
}

/** Batches a thread may hold: one that it works on, one that lies ready, so that it never idles for a hop of 30 µs. */
const IN_FLIGHT_A_THREAD = 2
/** Pause before a dead thread is started again. */
const RESTART_MS = 1_000

/**
 * Starts scoring threads with the given models. Throws MODEL_INVALID when a model file cannot be used: at the start there is
 * no old model to go on with. Rows travel: caller → queue → batch of one sort → thread → caller.
 */
export async function openScorer(options: ScorerOptions = {}): Promise<Scorer> {
  const { batchRows = 256, capacity = 4_096, deadlineMs = 1_000 } = options
  const backend = options.backend ?? 'auto'
  const gauges = createGauges()
  const threads: Thread[] = []
  const live: Partial<Record<ModelName, LoadedModel & { path: string }>> = {}
  const shadows: Partial<Record<ModelName, LoadedModel & { path: string }>> = {}
  /** Asked for with every activity: put together when a model changes. */
  let version = 'none'
  let closed = false
  let turn = 0
  let swapping: Promise<unknown> = Promise.resolve()

  async function start(): Promise<Thread> {
    return startThread({ backend }, reason => {
      options.logger?.error({ reason }, 'a scoring thread died; it is started again')
      void revive()
    })
  }

  /** Starts a thread in the place of a dead one, with the models that serve now. */
  async function revive(): Promise<void> {
    await sleep(RESTART_MS, undefined, { ref: false })
    if (closed) return
    try {
      const thread = await start()
      for (const [slot, models] of [
        ['live', live],
        ['shadow', shadows],
      ] as const) {
        for (const [model, { path }] of Object.entries(models) as [ModelName, { path: string }][]) {
          await thread.ask({ type: 'prepare', model, slot, path })
          await thread.ask({ type: 'commit', model, slot })
        }
      }
      threads.splice(
        threads.findIndex(t => t.dead),
        1,
        thread,
      )
    } catch (error) {
      options.logger?.error({ reason: messageOf(error) }, 'a scoring thread could not be started again')
      void revive()
    }
  }

  /** The thread with the fewest requests waiting, by turns among equals. */
  function idlest(): Thread | undefined {
    let best: Thread | undefined
    for (let i = 0; i < threads.length; i++) {
      const thread = threads[(turn + i) % threads.length]!
      if (!thread.dead && (best === undefined || thread.waiting < best.waiting)) best = thread
    }
    turn++
    return best
  }

  async function run(rows: readonly Waiting[]): Promise<void> {
    const thread = idlest()
    const answer = thread === undefined ? undefined : await thread.ask(batchMessage(rows))
    const about = rows[0]!.request.about
    if (answer?.type !== 'scores' || answer.scores === undefined) {
      const reason: SkipReason = answer?.type === 'scores' ? 'no-model' : 'failed'
      for (const row of rows) settleSkipped(row, reason)
      return
    }
    gauges.batch(about, rows, answer, performance.now())
    for (const [i, row] of rows.entries()) row.settle(resultOf(about, answer.scores, i))
  }

  function settleSkipped(row: Waiting, reason: SkipReason): void {
    gauges.skip(reason)
    row.settle({ scored: false, reason })
  }

  const batcher: Batcher = createBatcher({
    batchRows,
    waitMs: options.waitMs ?? 2,
    capacity,
    inFlight: () => threads.filter(thread => !thread.dead).length * IN_FLIGHT_A_THREAD,
    run,
    now: () => performance.now(),
    later(callback, ms) {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
  })

  /** All threads make the model ready, then all change over; one that cannot makes all keep the old one. */
  async function swap(model: ModelName, slot: Slot, path: string): Promise<SwapResult> {
    const current = threads.filter(thread => !thread.dead)
    const answers = await Promise.all(current.map(thread => thread.ask({ type: 'prepare', model, slot, path })))
    const refusal = answers.find(answer => answer.type !== 'prepared')
    if (refusal !== undefined || current.length === 0) {
      await Promise.all(current.map(thread => thread.ask({ type: 'discard', model, slot })))
      gauges.refused()
      const reason = refusal?.type === 'refused' ? refusal.reason : 'no scoring thread is up'
      options.logger?.warn({ model, reason }, 'model refused; the old one serves on')
      return { swapped: false, reason }
    }
    await Promise.all(current.map(thread => thread.ask({ type: 'commit', model, slot })))
    const { loaded } = answers[0] as Extract<FromWorker, { type: 'prepared' }>
    const places = slot === 'live' ? live : shadows
    places[model] = { ...loaded, path }
    version = Object.values(live)
      .map(served => served.version)
      .join('+')
    gauges.loaded(model, slot, loaded)
    return { swapped: true, version: loaded.version }
  }

  async function removeShadow(model: ModelName): Promise<SwapResult> {
    await Promise.all(threads.map(thread => thread.ask({ type: 'discard', model, slot: 'shadow' })))
    await Promise.all(threads.map(thread => thread.ask({ type: 'commit', model, slot: 'shadow' })))
    delete shadows[model]
    gauges.loaded(model, 'shadow', undefined)
    return { swapped: true, version: 'none' }
  }

  /** Queues one row of a call, or says at once why not. */
  function enqueue(call: Call, request: ScoreRequest, place: number): Waiting {
    const row = call.row(copied(request), place)
    const reason = refusal(request)
    if (reason !== undefined) settleSkipped(row, reason)
    else if (!batcher.push(row)) settleSkipped(row, 'queue-full')
    return row
  }

  function refusal({ about }: ScoreRequest): SkipReason | undefined {
    if (closed) return 'closed'
    return live[about] === undefined ? 'no-model' : undefined
  }

  async function scoreLive(requests: readonly ScoreRequest[]): Promise<readonly ScoreResult[]> {
    const call = openCall(requests.length)
    const rows = requests.map((request, place) => enqueue(call, request, place))
    batcher.hurry()
    const timer = setTimeout(() => {
      for (const row of rows) if (!row.over) settleSkipped(row, 'late')
    }, deadlineMs)
    const results = await call.results
    clearTimeout(timer)
    return results
  }

  async function scorePatiently(requests: readonly ScoreRequest[]): Promise<readonly ScoreResult[]> {
    const call = openCall(requests.length)
    for (const [place, request] of requests.entries()) {
      while (batcher.queued >= capacity && refusal(request) === undefined) await batcher.room()
      enqueue(call, request, place)
    }
    batcher.hurry()
    return call.results
  }

  for (let i = 0; i < (options.threads ?? 1); i++) threads.push(await start())
  for (const [model, slot, path] of [
    ['text', 'live', options.text],
    ['behaviour', 'live', options.behaviour],
    ['text', 'shadow', options.shadow?.text],
    ['behaviour', 'shadow', options.shadow?.behaviour],
  ] as const) {
    if (path === undefined) continue
    const result = await swap(model, slot, path)
    if (result.swapped) continue
    closed = true
    await Promise.all(threads.map(thread => thread.close()))
    throw new RingfenceError('MODEL_INVALID', result.reason, {
      hint: 'train it again with `ringfence train`, or switch the model off',
    })
  }

  return {
    get version() {
      return version
    },
    features: vectorNames,
    accepts: about => !closed && live[about] !== undefined,
    score: (requests, urgency = 'live') => (urgency === 'live' ? scoreLive(requests) : scorePatiently(requests)),
    apply(control) {
      const next = swapping.then(() => applyControl(control))
      swapping = next
      return next
    },
    counts: (): ScorerCounts => ({
      ...gauges.counts(),
      backend: threads[0]?.backend ?? 'none',
      queued: batcher.queued,
    }),
    async close() {
      closed = true
      await batcher.idle()
      await Promise.all(threads.map(thread => thread.close()))
    },
  }

  async function applyControl(control: Control): Promise<SwapResult> {
    const [model, slot = 'live'] = control.name.split('/')
    if (closed) return { swapped: false, reason: 'the scorer is closed' }
    if ((model !== 'text' && model !== 'behaviour') || (slot !== 'live' && slot !== 'shadow')) {
      gauges.refused()
      return {
        swapped: false,
        reason: `no model is named ${control.name}; there are text, behaviour, text/shadow and behaviour/shadow`,
      }
    }
    const configured = slot === 'live' ? options[model] : options.shadow?.[model]
    const path = control.path === undefined || control.path === '' ? configured : control.path
    if (path !== undefined) return swap(model, slot, path)
    if (slot === 'shadow') return removeShadow(model)
    gauges.refused()
    return { swapped: false, reason: `the control record for model ${control.name} has no path` }
  }
}

/** What one caller has asked: a promise for all its rows, since one a row is work for the engine's thread and its collector. */
interface Call {
  row(request: ScoreRequest, place: number): Waiting
  /** Resolves when each place has its result. */
  readonly results: Promise<readonly ScoreResult[]>
}

function openCall(size: number): Call {
  const results: ScoreResult[] = new Array(size)
  let left = size
  let finish: (results: readonly ScoreResult[]) => void = () => {}
  const all = new Promise<readonly ScoreResult[]>(resolve => {
    finish = resolve
  })
  if (size === 0) finish(results)
  return {
    results: all,
    row(request, place) {
      const row = {
        request,
        sinceMs: performance.now(),
        over: false,
        settle(result: ScoreResult) {
          if (row.over) return
          row.over = true
          results[place] = result
          if (--left === 0) finish(results)
        },
      }
      return row
    },
  }
}

/** Vectors are the caller's to reuse: taken over before the call returns. */
function copied(request: ScoreRequest): ScoreRequest {
  return request.about === 'text' ? request : { about: 'behaviour', vector: request.vector.slice() }
}

function batchMessage(rows: readonly Waiting[]) {
  if (rows[0]!.request.about === 'text') {
    const texts = rows.map(row => (row.request.about === 'text' ? row.request.text : ''))
    return { type: 'text', texts } as const
  }
  const width = vectorNames.length
  const vectors = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) {
    if (row.request.about === 'behaviour') vectors.set(row.request.vector.subarray(0, width), i * width)
  }
  return { type: 'behaviour', rows: rows.length, vectors } as const
}

const NO_REASONS: readonly ScoreReason[] = []

function resultOf(about: ScoreRequest['about'], scores: Scores, i: number): ScoreResult {
  const probability = scores.probability[i]!
  return {
    scored: true,
    model: about,
    version: scores.version,
    probability,
    spam: probability >= scores.threshold,
    confidence: scores.confidence[i]!,
    kind: scores.kinds[i],
    reasons: scores.reasons.get(i) ?? NO_REASONS,
  }
}
