import type { ScoreRequest, ScoreResult, SkipReason } from '../../engine/scorer/index.ts'

/** One row that waits for its score. */
export interface Waiting {
  readonly request: ScoreRequest
  /** When it came, ms of a monotonic clock. */
  readonly sinceMs: number
  /** Its caller has gone on without it: it is not worth scoring. */
  readonly over: boolean
  settle(result: ScoreResult): void
}

export interface BatcherOptions {
  readonly batchRows: number
  readonly waitMs: number
  /** Rows that may wait; more are turned away. */
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
  /** No more rows come for now: a thread that has room takes what there is. */
  hurry(): void
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
    const queue = queues[about]
    const rows: Waiting[] = []
    let taken = 0
    while (taken < queue.length && rows.length < options.batchRows) {
      const row = queue[taken++]!
      if (!row.over) rows.push(row)
    }
    queue.splice(0, taken)
    queued -= taken
    return rows
  }

  function launch(about: ScoreRequest['about']): void {
    const rows = take(about)
    if (rows.length === 0) return
    running++
    options.run(rows).finally(() => {
      running--
      pump()
    })
  }

  /** Sends out what is due, or also what has not waited its time, as far as the threads have room. */
  function pump(hurried = false): void {
    for (const about of ['text', 'behaviour'] as const) {
      while (queues[about].length > 0 && running < options.inFlight()) {
        const oldest = queues[about][0]!
        const due = queues[about].length >= options.batchRows || options.now() - oldest.sinceMs >= options.waitMs
        if (!due && !hurried) break
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
    hurry: () => pump(true),
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
