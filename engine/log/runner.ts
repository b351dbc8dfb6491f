import { setImmediate as nextTurn } from 'node:timers/promises'
import type { GroupHandler, RecordBatch, TopicPartition } from './port.ts'

/** One partition in the hands of one member: restores, reads, hands over, and lets go. */
export interface Runner {
  readonly place: TopicPartition
  /** There may be more to read. */
  wake(): void
  /** Lets the batch in hand finish, has the handler save its state, ends. Never rejects: failures go to `failed`. */
  revoke(): Promise<void>
  /** Lets the batch in hand finish, or fail, and ends without another word to the handler. */
  halt(): Promise<void>
}

export interface RunnerSource {
  /** Where to start when the handler does not say. */
  start(): number | Promise<number>
  /** The next batch from an offset, undefined at the end. */
  read(fromOffset: number): RecordBatch | undefined
}

/**
 * Starts to run a partition. Asleep it costs nothing: the loop ends when there is nothing to read and `wake` starts it
 * again. Between batches the event loop gets its turn, so that sockets are served while a partition catches up.
 */
export function startRunner(
  place: TopicPartition,
  source: RunnerSource,
  handler: GroupHandler,
  failed: (error: unknown) => void,
): Runner {
  let offset = 0
  let stopping = false
  let broken = false
  let abandoned = false
  let more = true
  let work: Promise<void> = run(begin).then(drain)

  async function begin(): Promise<void> {
    offset = (await handler.assigned(place)) ?? (await source.start())
  }

  async function drain(): Promise<void> {
    while (more && !stopping && !broken) {
      more = false
      await run(async () => {
        const batch = source.read(offset)
        if (batch === undefined) return
        more = true
        await handler.batch(batch)
        offset = batch.nextOffset
        await nextTurn()
      })
    }
    asleep = true
  }

  let asleep = false

  async function run(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      broken = true
      if (!abandoned) failed(error)
    }
  }

  async function stop(): Promise<void> {
    stopping = true
    await work
  }

  return {
    place,
    wake() {
      more = true
      if (!asleep || stopping || broken) return
      asleep = false
      work = drain()
    },
    async revoke() {
      await stop()
      if (!broken) await run(() => handler.revoked(place))
    },
    halt() {
      abandoned = true
      return stop()
    },
  }
}
