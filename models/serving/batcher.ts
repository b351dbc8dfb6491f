import type { ScoreRequest, ScoreResult, SkipReason } from '../../engine/scorer/index.ts'

/** One row that waits for its score. */
export interface Waiting {
  readonly request: ScoreRequest
  /** When it came, ms of a monotonic clock. */
  readonly sinceMs: number
  settle(result: ScoreResult): void
}

export interface BatcherOptions {
  readonly batchRows: number
  readonly waitMs: number
  /** Rows that may wait; more are turned away, or wait outside when `whenFull` is `wait`. */
  readonly capacity: number
  /** How many batches may be under way at once. */
  readonly inFlight: () => number
  /** Runs one batch, all of one sort; resolves when its rows are settled. */
  readonly run: (rows: readonly Waiting[]) => Promise<void>
  readonly now: () => number
  /** Calls back after a time; returns the way to call it off. */
  readonly later: (callback: () => void, ms: number) => () => void
}

/**
 * Gathers rows into batches: one goes out when it is full, or when its oldest row has waited long enough, and never while
 * all threads have their fill, so that under load batches grow full by themselves.
 */
export interface Batcher {
  readonly queued: number
  /** False: the queue is full and the row was not taken. */
  push(row: Waiting): boolean
  /** Room for one more row; resolves at once while there is. */
  room(): Promise<void>
  /** Settles all that waits with a reason. */
  flush(reason: SkipReason): void
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>
}

export function createBatcher(options: BatcherOptions): Batcher {
  const queues: Record<ScoreRequest['about'], Waiting[]> = { text: [], behaviour: [] }
  let queued = 0
  let running = 0
  let cancel: (() => void) | undefined
  let roomWaiters: (() => void)[] = []
  let idleWaiters: (() => void)[] = []

  function take(about: ScoreRequest['about']): Waiting[] {
    const rows = queues[about].splice(0, options.batchRows)
    queued -= rows.length
    return rows
  }

  function launch(about: ScoreRequest['about']): void {
    running++
    options.run(take(about)).finally(() => {
      running--
      pump()
    })
  }

  /** Sends out what is due; `all` also what has not waited its time. */
  function pump(): void {
    for (const about of ['text', 'behaviour'] as const) {
      while (queues[about].length > 0 && running < options.inFlight()) {
        const oldest = queues[about][0]!
        if (queues[about].length < options.batchRows && options.now() - oldest.sinceMs < options.waitMs) break
        launch(about)
      }
    }
    if (queued < options.capacity && roomWaiters.length > 0) {
      const waiters = roomWaiters
      roomWaiters = []
      for (const waiter of waiters) waiter()
    }
    if (queued === 0 && running === 0) {
      const waiters = idleWaiters
      idleWaiters = []
      for (const waiter of waiters) waiter()
    }
    if (queued > 0 && cancel === undefined && running < options.inFlight()) {
      cancel = options.later(() => {
        cancel = undefined
        pump()
      }, options.waitMs)
    }
  }

  return {
    get queued() {
      return queued
    },
    push(row) {
      if (queued >= options.capacity) return false
      const queue = queues[row.request.about]
      queue.push(row)
      queued++
      if (queue.length >= options.batchRows || cancel === undefined) pump()
      return true
    },
    room: () => (queued < options.capacity ? Promise.resolve() : new Promise(resolve => roomWaiters.push(resolve))),
    flush(reason) {
      for (const about of ['text', 'behaviour'] as const) {
        for (const row of queues[about].splice(0)) row.settle({ scored: false, reason })
      }
      queued = 0
      cancel?.()
      cancel = undefined
      pump()
    },
    idle: () => (queued === 0 && running === 0 ? Promise.resolve() : new Promise(resolve => idleWaiters.push(resolve))),
  }
}
