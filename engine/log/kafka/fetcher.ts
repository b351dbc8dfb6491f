import { setTimeout as delay } from 'node:timers/promises'
import type Cluster from 'kafkajs/src/cluster/index.js'
import { isHopeless, kafkaType } from './errors.ts'
import { FETCH_BYTES, type Fetched, PARTITION_BYTES, readFetched } from './fetch.ts'
import { type FetchedPartition, fetch } from './wire.ts'

/** A partition to be fetched, and where to put what comes. */
export interface FetchTarget {
  /** As on the wire. */
  readonly topic: string
  readonly partition: number
  /** Where to fetch from now; undefined while nothing more is wanted. */
  position(): number | undefined
  /** What was fetched from `offset`; to be ignored when the position has moved since. */
  deliver(offset: number, fetched: Fetched): void
  /** The offset is not in the log (any more): retention took it, or the log lost its end. */
  outOfRange(offset: number): void
  fail(error: unknown): void
}

/**
 * Long polls: one request at a time to each broker that leads partitions we want.
 *
 *   targets ─► by leader ─► fetch (waits at the broker up to two seconds) ─► deliver ─► fetch …
 *
 * Asleep (no request, no timer) while nothing is wanted; `kick` looks again.
 */
export interface Fetcher {
  add(target: FetchTarget): void
  remove(target: FetchTarget): void
  kick(): void
  /** Ends after the polls in flight. */
  close(): Promise<void>
}

/** How long a broker holds a fetch that finds nothing. */
const WAIT_MS = 500
/** The same once it has found nothing so often: a process without traffic sleeps. A new partition may wait for it. */
const IDLE_WAIT_MS = 2000
const IDLE_AFTER_FETCHES = 10
/**
 * Under load a broker is asked no more often than this: it answers every append of every tap with what that one brought,
 * and a request costs all three more than the records in it. One that brings this many bytes is followed at once.
 */
const PACE_MS = 5
const BUSY_BYTES = 128 * 1024
/** The same while some partition is left out because its buffer is full: it must not wait for the others for long. */
const PARTIAL_WAIT_MS = 20
const FIRST_BACKOFF_MS = 50
const LAST_BACKOFF_MS = 2000
/** A broker in our rack serves a partition for this long before the leader is asked again. */
const REPLICA_MS = 300_000

interface Followed {
  readonly target: FetchTarget
  starved: number
  replica: { readonly nodeId: string; readonly untilMs: number } | undefined
}

export function createFetcher(cluster: Cluster, rackId: string, now: () => number = Date.now): Fetcher {
  const followed = new Map<FetchTarget, Followed>()
  const loops = new Map<string, Promise<void>>()
  let closed = false
  let recovering: Promise<void> | undefined
  let backoffMs = FIRST_BACKOFF_MS

  function nodeOf(each: Followed): string | undefined {
    if (each.replica !== undefined && each.replica.untilMs > now()) return each.replica.nodeId
    try {
      return Object.keys(cluster.findLeaderForPartitions(each.target.topic, [each.target.partition]))[0]
    } catch {
      // No leader at the moment: a broker is gone and the next one is being chosen.
      return undefined
    }
  }

  function kick(): void {
    if (closed) return
    let leaderless = false
    for (const each of followed.values()) {
      if (each.target.position() === undefined) continue
      const node = nodeOf(each)
      if (node === undefined) leaderless = true
      else if (!loops.has(node)) loops.set(node, loop(node))
    }
    if (leaderless) void recover(undefined)
  }

  async function loop(node: string): Promise<void> {
    let empty = 0
    while (!closed) {
      const askedMs = performance.now()
      const mine = [...followed.values()].filter(each => nodeOf(each) === node)
      const wanted = mine.filter(each => each.target.position() !== undefined)
      if (wanted.length === 0) break
      const starving = wanted.find(each => each.starved >= 3)
      const asked = starving === undefined ? wanted : [starving]
      try {
        const maxWaitMs = starving !== undefined ? 0 : holdMs(wanted.length < mine.length, empty)
        const bytes = await fetchOnce(node, asked, maxWaitMs)
        empty = bytes > 0 ? 0 : empty + 1
        backoffMs = FIRST_BACKOFF_MS
        if (bytes > 0 && bytes < BUSY_BYTES) await paced(askedMs)
      } catch (error) {
        if (closed) break
        await failed(error, asked)
      }
    }
    loops.delete(node)
    // Something may have been wanted between the last look and now, or is to be fetched from another broker.
    kick()
  }

  /** One request; gives how many bytes of records it brought. A broker does not wait for one that starves. */
  async function fetchOnce(node: string, asked: readonly Followed[], maxWaitMs: number): Promise<number> {
    const alone = maxWaitMs === 0
    const offsets = new Map(asked.map(each => [each, each.target.position()!]))
    const broker = await cluster.findBroker({ nodeId: node })
    const fetched = await fetch(broker, {
      maxWaitMs,
      maxBytes: FETCH_BYTES,
      rackId,
      partitions: rotated(
        [...offsets].map(([{ target }, offset]) => ({
          topic: target.topic,
          partition: target.partition,
          offset,
          maxBytes: PARTITION_BYTES,
        })),
      ),
    })
    let failure: unknown
    for (const partition of fetched) {
      const each = asked.find(
        ({ target }) => target.topic === partition.topic && target.partition === partition.partition,
      )
      if (each === undefined || !followed.has(each.target)) continue
      if (partition.error === undefined) take(each, offsets.get(each)!, partition, alone)
      else if (kafkaType(partition.error) === 'OFFSET_OUT_OF_RANGE') outOfRange(each, offsets.get(each)!)
      else failure = partition.error
    }
    if (failure !== undefined) throw failure
    return fetched.reduce((sum, { records }) => sum + records.length, 0)
  }

  function outOfRange(each: Followed, offset: number): void {
    // A follower may be behind: ask the leader before believing it.
    if (each.replica !== undefined) each.replica = undefined
    else each.target.outOfRange(offset)
  }

  function take(each: Followed, offset: number, partition: FetchedPartition, alone: boolean): void {
    const fetched = readFetched(offset, partition)
    if (fetched.replica !== undefined) {
      each.replica = { nodeId: String(fetched.replica), untilMs: now() + REPLICA_MS }
    }
    if (!fetched.starved) {
      each.starved = 0
      each.target.deliver(offset, fetched)
    } else if (alone) {
      // Asked alone and still nothing where there is something: an empty batch that compaction left. Step over it.
      each.target.deliver(offset, { ...fetched, nextOffset: offset + 1 })
    } else {
      each.starved++
    }
  }

  async function failed(error: unknown, asked: readonly Followed[]): Promise<void> {
    if (isHopeless(error)) {
      for (const { target } of asked) target.fail(error)
      return
    }
    for (const each of asked) each.replica = undefined
    await recover(error)
  }

  /** After a while, asks who leads what now. Never rejects: it is tried again as long as something is wanted. */
  function recover(_error: unknown): Promise<void> {
    recovering ??= (async () => {
      await pause()
      try {
        if (!closed) await cluster.refreshMetadata()
      } catch (error) {
        if (isHopeless(error)) for (const { target } of followed.values()) target.fail(error)
        // kafkajs forgets the brokers it could not reach; connecting anew starts from the configured ones.
        else if (!closed) await cluster.connect().catch(() => {})
      }
      recovering = undefined
      kick()
    })()
    return recovering
  }

  function pause(): Promise<void> {
    const delayMs = backoffMs
    backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS)
    return new Promise(resolve => setTimeout(resolve, delayMs).unref())
  }

  return {
    add(target) {
      followed.set(target, { target, starved: 0, replica: undefined })
      kick()
    },
    remove(target) {
      followed.delete(target)
    },
    kick,
    async close() {
      closed = true
      await Promise.all([...loops.values()])
    },
  }
}

/** How long a broker may hold a request that leaves partitions out or not, after so many that found nothing. */
function holdMs(partial: boolean, empty: number): number {
  if (partial) return PARTIAL_WAIT_MS
  return empty < IDLE_AFTER_FETCHES ? WAIT_MS : IDLE_WAIT_MS
}

/** Waits until the time of the next request after the one at `askedMs`. */
async function paced(askedMs: number): Promise<void> {
  const earlyMs = PACE_MS - (performance.now() - askedMs)
  if (earlyMs >= 1) await delay(earlyMs)
}

/** A response that is full leaves out the partitions asked for last: not always the same ones. */
function rotated<T>(list: T[]): T[] {
  if (list.length < 2) return list
  const turn = turns++ % list.length
  return [...list.slice(turn), ...list.slice(0, turn)]
}

let turns = 0
