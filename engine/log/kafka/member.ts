import type { Topic } from '../../activity/index.ts'
import type { GroupHandler, SubscribeOptions, Subscription, TopicPartition } from '../port.ts'
import { type Runner, startRunner } from '../runner.ts'
import type { Assignment } from './assigner.ts'
import { isHopeless } from './errors.ts'
import type { Fetcher } from './fetcher.ts'
import type { Session } from './session.ts'
import type { PartitionSource } from './source.ts'

/** A member of a group: keeps its session alive, runs the partitions it is given, lets go of those that move. */
export interface Member extends Subscription {
  readonly group: string
  readonly session: Session
  /** True from the moment a partition is given to the member until it has let go of it. */
  holds(place: TopicPartition): boolean
  /** Whether the member may write for a partition now; `later` while the group has not been heard of for too long. */
  mayWrite(place: TopicPartition): Permission
}

export type Permission = 'now' | 'later' | 'never'

export interface MemberOptions {
  readonly subscribe: SubscribeOptions
  readonly handler: GroupHandler
  readonly session: Session
  readonly fetcher: Fetcher
  readonly heartbeatMs: number
  readonly sessionTimeoutMs: number
  /** Name on the wire ↔ topic. */
  wire(topic: Topic): string
  topic(wire: string): Topic
  source(place: TopicPartition, wake: () => void, fail: (error: unknown) => void): PartitionSource
  /** Makes what kafkajs throws one of our errors. */
  failure(error: unknown): unknown
  /** Connections of this member are no longer needed. */
  disconnect(): Promise<void>
  /** The lease has run out: what is under way for the partitions must not arrive any more. */
  lapsed(): void
  now(): number
}

interface Run {
  readonly runner: Runner
  readonly source: PartitionSource
}

const FIRST_BACKOFF_MS = 100
const LAST_BACKOFF_MS = 3000
/** How often the lease is looked at: its end is noticed before the session’s, and an idle process sleeps. */
const WATCHES_A_SESSION = 10

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`

/** Starts the member; partitions are assigned when the group has agreed. */
export function startMember(options: MemberOptions): Member {
  const { session, fetcher, handler } = options
  const runs = new Map<string, Run>()
  let closing = false
  let failure: { readonly error: unknown } | undefined
  let interrupt: () => void = () => {}
  let lastHeardMs = options.now()
  let backoffMs = FIRST_BACKOFF_MS
  const watch = watchLease()

  const stopped = () => closing || failure !== undefined
  const ended = live().finally(end)
  // Those who do not look at `ended` must not end the process by it.
  ended.catch(() => {})

  async function live(): Promise<void> {
    let rejoin = true
    while (!stopped()) {
      try {
        if (rejoin) rejoin = await join()
        else rejoin = await beat()
        backoffMs = FIRST_BACKOFF_MS
      } catch (error) {
        if (isHopeless(error)) fail(error)
        else if (session.memberId === '' || options.now() - lastHeardMs > options.sessionTimeoutMs) {
          // The group has given our partitions to others by now, or says that it does not know us (any more).
          await loseAll()
          rejoin = true
        }
        await sleep(backoffMs)
        backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)
      }
    }
    if (failure !== undefined) {
      await Promise.all([...runs.values()].map(({ runner }) => runner.halt()))
      runs.clear()
      throw options.failure(failure.error)
    }
    await heartbeatsWhile(letGo([...runs.keys()]))
  }

  /** The last snapshots may take longer than a lease. */
  async function heartbeatsWhile(saving: Promise<void>): Promise<void> {
    const timer = setInterval(() => {
      session.heartbeat().catch(() => {})
    }, options.heartbeatMs)
    await saving.finally(() => clearInterval(timer))
  }

  /** Notices the end of the lease whatever the loop above waits for. */
  function watchLease(): NodeJS.Timeout {
    let was = false
    return setInterval(() => {
      const valid = session.lease.valid()
      if (was && !valid) options.lapsed()
      was = valid
    }, options.sessionTimeoutMs / WATCHES_A_SESSION).unref()
  }

  /** Joins and takes over what is new; true when the group has to be joined once more, without what was let go. */
  async function join(): Promise<boolean> {
    const assignment = await session.join(owned())
    lastHeardMs = options.now()
    const given = new Map<string, TopicPartition>()
    for (const [wire, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const place = { topic: options.topic(wire), partition }
        given.set(keyOf(place), place)
      }
    }
    const going = [...runs.keys()].filter(key => !given.has(key))
    for (const [key, place] of given) if (!runs.has(key) && !stopped()) take(key, place)
    if (going.length === 0) return false
    // Saving state may take a while, in which the group must keep hearing from us.
    let saved = false
    const saving = letGo(going).then(() => {
      saved = true
      interrupt()
    })
    while (!saved && !stopped()) await beat()
    await saving
    return true
  }

  /** Waits for the time of the next heartbeat and gives it; true when the group has to be joined again. */
  async function beat(): Promise<boolean> {
    await sleep(options.heartbeatMs)
    if (stopped()) return false
    const state = await session.heartbeat()
    lastHeardMs = options.now()
    if (state === 'lost') await loseAll()
    return state !== 'fine'
  }

  function owned(): Assignment {
    const assignment: Record<string, number[]> = {}
    for (const { runner } of runs.values()) {
      const wire = options.wire(runner.place.topic)
      assignment[wire] = [...(assignment[wire] ?? []), runner.place.partition]
    }
    return assignment
  }

  function take(key: string, place: TopicPartition): void {
    const source = options.source(place, () => runs.get(key)?.runner.wake(), fail)
    fetcher.add(source.target)
    runs.set(key, { source, runner: startRunner(place, source, handler, fail) })
  }

  async function letGo(keys: readonly string[]): Promise<void> {
    await Promise.all(
      keys.map(async key => {
        const run = runs.get(key)!
        fetcher.remove(run.source.target)
        await run.runner.revoke()
        if (runs.get(key) === run) runs.delete(key)
      }),
    )
  }

  /** Our partitions are others' already: nothing may be written for them any more. */
  async function loseAll(): Promise<void> {
    const lost = [...runs.values()]
    // At once, so that commits that are still under way are refused rather than tried on.
    runs.clear()
    session.forget()
    await Promise.all(
      lost.map(async ({ runner, source }) => {
        fetcher.remove(source.target)
        const halted = runner.halt()
        // A batch that waits for the log must hear of it.
        await handler.lost?.(runner.place)
        await halted
      }),
    ).catch(fail)
  }

  function fail(error: unknown): void {
    failure ??= { error }
    interrupt()
  }

  async function end(): Promise<void> {
    clearInterval(watch)
    await session.leave().catch(() => {})
    const closed = fetcher.close()
    await options.disconnect()
    await closed
  }

  function sleep(delayMs: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, delayMs)
      interrupt = () => {
        clearTimeout(timer)
        resolve()
      }
      if (stopped()) interrupt()
    })
  }

  return {
    group: options.subscribe.group,
    session,
    ended,
    holds: place => runs.has(keyOf(place)),
    mayWrite(place) {
      if (!runs.has(keyOf(place))) return 'never'
      if (session.lease.valid()) return 'now'
      // Nobody waits for the group any more.
      return stopped() ? 'never' : 'later'
    },
    async close() {
      closing = true
      interrupt()
      await ended.catch(() => {})
    },
  }
}
