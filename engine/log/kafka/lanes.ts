import type { Socket } from 'node:net'
import { type TopicSpec, topics } from '../../activity/index.ts'
import type { LogCounters } from '../counters.ts'
import type { AppendRecord } from '../port.ts'
import { type KafkaClient, resetAll } from './client.ts'
import type { Permission } from './member.ts'
import { type AppendQueue, createAppendQueue } from './producer.ts'
import { createSender } from './sender.ts'

/**
 * Queues for appending, each with connections of its own. A snapshot's pages are megabytes: verdicts must not wait behind
 * them. And dead letters that are not taken hold up the partitions that they come from, not the others.
 */
export interface Lanes {
  /** Resolves when all are durable; `may` as in `AppendQueue.append`. */
  append(records: readonly AppendRecord[], may?: () => Permission): Promise<void>
  /** Has nothing that is under way for an owner arrive any more, as far as that is in our hands. */
  cut(): void
  close(): Promise<void>
}

export interface LanesOptions {
  readonly client: KafkaClient
  readonly specs: ReadonlyMap<string, TopicSpec>
  readonly partitions: number
  readonly prefix: string
  readonly compression: 'none' | 'gzip'
  readonly requestTimeoutMs: number
  readonly counters: LogCounters
  readonly now: () => number
  /** What those are told whose partition is somebody else's by now. */
  refusal(): Error
}

const OTHERS = 'others'

/** Topics that have connections and a queue of their own. */
const laneOf = (topic: string) =>
  topic === topics.snapshots.topic || topic === topics.deadLetters.topic ? topic : OTHERS

export function createLanes(options: LanesOptions): Lanes {
  const names = [...options.specs.keys()]
  const queues = new Map<string, AppendQueue>()
  for (const lane of new Set([...names.map(laneOf), OTHERS])) {
    const wired = names.filter(topic => laneOf(topic) === lane).map(topic => options.prefix + topic)
    queues.set(lane, openQueue(options, wired))
  }
  return {
    async append(records, may) {
      await Promise.all([...groupByLane(records)].map(([lane, list]) => queues.get(lane)!.append(list, may)))
    },
    cut() {
      for (const queue of queues.values()) queue.cut()
    },
    async close() {
      await Promise.all([...queues.values()].map(queue => queue.close()))
    },
  }
}

function openQueue(options: LanesOptions, topics: readonly string[]): AppendQueue {
  const { client, counters, compression, requestTimeoutMs, refusal } = options
  const open = new Set<Socket>()
  const cluster = client.cluster(open)
  return createAppendQueue({
    ...options,
    async connect() {
      await cluster.connect()
      await cluster.addMultipleTargetTopics([...topics])
      return createSender({ cluster, compression, requestTimeoutMs, onRetry: () => counters.retries++, refusal })
    },
    disconnect: () => cluster.disconnect(),
    reset: () => resetAll(open),
  })
}

/** Records by lane, in order; nearly always all of one. */
function groupByLane(records: readonly AppendRecord[]): Map<string, readonly AppendRecord[]> {
  const first = records[0] === undefined ? OTHERS : laneOf(records[0].topic)
  if (records.every(({ topic }) => laneOf(topic) === first)) return new Map([[first, records]])
  const lanes = new Map<string, AppendRecord[]>()
  for (const record of records) {
    const name = laneOf(record.topic)
    lanes.set(name, [...(lanes.get(name) ?? []), record])
  }
  return lanes
}
