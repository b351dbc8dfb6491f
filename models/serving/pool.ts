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
  // Answers come in the order of the requests. Not a Map by request: V8 gives a Map a new table every few insertions and links
  // the old ones to it, so once a table is old everything that was ever under way lives until the next full collection.
  const pending: ((answer: FromWorker) => void)[] = []
  // What is asked within one turn of the event loop goes out as one post, and is answered by one: each wakes a thread, which takes
  // 70 µs whatever it carries, and the texts and the vectors of a batch of activities are asked about together.
  let outbox: ToWorker[] = []
  let dead = false
  let closing = false

  function die(reason: string): void {
    if (dead) return
    dead = true
    for (const settle of pending.splice(0)) settle({ type: 'refused', reason })
    if (!closing) onDead(reason)
  }

  function post(): void {
    const messages = outbox
    outbox = []
    const vectors = messages.flatMap(message => (message.type === 'behaviour' ? [message.vectors] : []))
    worker.postMessage(
      messages,
      vectors.map(({ buffer }) => buffer as ArrayBuffer),
    )
  }

  return new Promise((resolve, reject) => {
    worker.once('error', error => {
      reject(
        new RingfenceError('MODEL_INVALID', `the scoring thread does not start: ${messageOf(error)}`, { cause: error }),
      )
      die(messageOf(error))
    })
    worker.once('exit', code => die(`the scoring thread ended with code ${code}`))
    worker.on('message', (answers: readonly FromWorker[]) => {
      const [first] = answers
      if (first?.type === 'ready') {
        resolve({
          backend: first.backend,
          get waiting() {
            return pending.length
          },
          get dead() {
            return dead
          },
          ask: message =>
            new Promise(settle => {
              if (dead) {
                settle({ type: 'refused', reason: 'the scoring thread is gone' })
                return
              }
              pending.push(settle)
              if (outbox.push(message) === 1) queueMicrotask(post)
            }),
          async close() {
            closing = true
            await worker.terminate()
          },
        })
        return
      }
      for (const answer of answers) pending.shift()?.(answer)
    })
  })
}
