import { RingfenceError } from '../../errors/index.ts'
import type { Commit } from '../port.ts'
import type { Positions } from './positions.ts'

/**
 * Commits positions behind the appends they belong to, so that no batch waits for the coordinator: a few times a second,
 * with the newest position of every partition. A process that dies in between repeats some output, which its ids tell.
 * A commit for every batch was a third of all requests to the broker, each of them a write of its own.
 */
export interface Commits {
  follow(commits: readonly Commit[]): void
  /** Resolves when what was given before is committed, or could not be. Never rejects. */
  settled(): Promise<void>
}

/** The longest that a position waits for others. */
const GATHER_MS = 200

export function createCommits(positions: Positions, onTrouble: (error: unknown) => void): Commits {
  let waiting = new Map<string, Commit>()
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  /** One request; what is given meanwhile gathers for the next, or each would follow the one before at once. */
  async function run(): Promise<void> {
    const batch = waiting
    waiting = new Map()
    try {
      await commit([...batch.values()])
      if (waiting.size > 0) timer ??= setTimeout(start, GATHER_MS)
    } catch (error) {
      onTrouble(error)
      // They go with the next ones, unless those say more.
      waiting = new Map([...batch, ...waiting])
    }
  }

  async function commit(batch: readonly Commit[]): Promise<void> {
    try {
      await positions.commit(batch)
    } catch (error) {
      if (!(error instanceof RingfenceError)) throw error
      // One of the partitions is another member's by now, who says where it stands; the others are still ours.
      for (const each of batch.length === 1 ? [] : batch) {
        await positions.commit([each]).catch(refusal => {
          if (!(refusal instanceof RingfenceError)) throw refusal
        })
      }
    }
  }

  function start(): void {
    clearTimeout(timer)
    timer = undefined
    running ??= run().finally(() => {
      running = undefined
    })
  }

  return {
    follow(commits) {
      for (const each of commits) waiting.set(`${each.partition} ${each.topic} ${each.group}`, each)
      timer ??= setTimeout(start, GATHER_MS)
    },
    async settled() {
      await running
      if (waiting.size > 0) start()
      await running
    },
  }
}
