import { Worker } from 'node:worker_threads'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { FromWorker, ToWorker, WorkerOptions } from './protocol.ts'

/** A thread that answers requests; it never throws, it answers `refused`. */
export interface Thread {
  readonly backend: string
  /** Requests that have no answer yet. */
  readonly waiting: number
  readonly dead: boolean
  ask(message: ToWorker): Promise<FromWorker>
  close(): Promise<void>
}

/** Starts one scoring thread; resolves when its back end is up. `onDead` is called when it dies on its own. */
export function startThread(options: WorkerOptions, onDead: (reason: string) => void): Promise<Thread> {
  // The compiled name: threads are started from files, not through the module graph.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: options })
  const pending = new Map<number, (answer: FromWorker) => void>()
  let dead = false
  let closing = false

  function die(reason: string): void {
    if (dead) return
    dead = true
    for (const [request, resolve] of pending) resolve({ type: 'refused', request, reason })
    pending.clear()
    if (!closing) onDead(reason)
  }

  return new Promise((resolve, reject) => {
    worker.once('error', error => {
      reject(
        new RingfenceError('MODEL_INVALID', `the scoring thread does not start: ${messageOf(error)}`, { cause: error }),
      )
      die(messageOf(error))
    })
    worker.once('exit', code => die(`the scoring thread ended with code ${code}`))
    worker.on('message', (answer: FromWorker) => {
      if (answer.type === 'ready') {
        resolve({
          backend: answer.backend,
          get waiting() {
            return pending.size
          },
          get dead() {
            return dead
          },
          ask: message =>
            new Promise(settle => {
              if (dead) {
                settle({ type: 'refused', request: message.request, reason: 'the scoring thread is gone' })
                return
              }
              pending.set(message.request, settle)
              worker.postMessage(message, message.type === 'behaviour' ? [message.vectors.buffer as ArrayBuffer] : [])
            }),
          async close() {
            closing = true
            await worker.terminate()
          },
        })
        return
      }
      const settle = pending.get(answer.request)
      pending.delete(answer.request)
      settle?.(answer)
    })
  })
}
