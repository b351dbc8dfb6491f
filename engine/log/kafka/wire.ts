import type { KafkaJsBroker } from 'kafkajs/src/broker/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'
import { RingfenceError } from '../../errors/index.ts'
import { refusedAt } from './errors.ts'
import { type RequestBody, requestBody } from './framing.ts'
import type { Aborted } from './records/index.ts'

/**
 * The two requests that carry records, in our own coding: kafkajs makes several objects for every record of them. The
 * rest of the protocol is left to kafkajs, and so are connections, authentication and time-outs.
 */

const PRODUCE = 0
const FETCH = 1
/** Kafka 2.1: zstd, and an answer at once when a quota is exceeded. */
const PRODUCE_VERSION = 7
/** Kafka 2.3: reads from a replica in our rack. */
const FETCH_VERSION = 11
const READ_COMMITTED = 1
const ALL_IN_SYNC_REPLICAS = -1
const CONSUMER = -1
const NO_ERROR = 0

export interface ProduceRequest {
  /** How long the leader waits for the in-sync replicas, in milliseconds. */
  readonly timeoutMs: number
  /** Topic on the wire → partition → record batch. */
  readonly topics: ReadonlyMap<string, ReadonlyMap<number, Buffer>>
  /** Gives memory for the request, which must last until it is answered. */
  allocate(bytes: number): Buffer
}

/** What became of one partition's batch: undefined, or the broker's error. */
export interface Produced {
  readonly topic: string
  readonly partition: number
  readonly error: Error | undefined
}

export async function produce(broker: KafkaJsBroker, request: ProduceRequest): Promise<readonly Produced[]> {
  const encoder = new Encoder(256)
    .writeInt16(-1)
    .writeInt16(ALL_IN_SYNC_REPLICAS)
    .writeInt32(request.timeoutMs)
    .writeInt32(request.topics.size)
  const parts: Buffer[] = []
  let written = 0
  for (const [topic, partitions] of request.topics) {
    encoder.writeString(topic).writeInt32(partitions.size)
    for (const [partition, batch] of partitions) {
      encoder.writeInt32(partition).writeInt32(batch.length)
      parts.push(encoder.buffer.subarray(written), batch)
      written = encoder.buffer.length
    }
  }
  return send(broker, PRODUCE, 'Produce', PRODUCE_VERSION, requestBody(parts, request.allocate), decodeProduced)
}

function decodeProduced(response: Buffer): Answer<readonly Produced[]> {
  const reader = readerOf(response)
  const produced: Produced[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string()
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32()
      produced.push({ topic, partition, error: errorOf(reader.int16(), `writing ${topic}`) })
      // Base offset, time of appending, start of the log.
      reader.skip(24)
    }
  }
  return { clientSideThrottleTime: reader.int32(), data: produced }
}

export interface FetchRequest {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly rackId: string
  readonly partitions: readonly {
    /** On the wire. */
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly maxBytes: number
  }[]
}

export interface FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly error: Error | undefined
  /** End of what readers may see: records of open transactions come later. */
  readonly lastStableOffset: number
  readonly aborted: readonly Aborted[]
  /** Node that wants to serve this partition to our rack; -1 for the one that answers. */
  readonly preferredReadReplica: number
  readonly records: Buffer
}

/** Long-polls one broker; it answers at once when there is anything. Throws what the whole request failed on. */
export function fetch(broker: KafkaJsBroker, request: FetchRequest): Promise<readonly FetchedPartition[]> {
  const topics = new Map<string, FetchRequest['partitions'][number][]>()
  for (const each of request.partitions) topics.set(each.topic, [...(topics.get(each.topic) ?? []), each])
  const encoder = new Encoder(256)
    .writeInt32(CONSUMER)
    .writeInt32(request.maxWaitMs)
    .writeInt32(1)
    .writeInt32(request.maxBytes)
    .writeInt8(READ_COMMITTED)
    // No fetch session.
    .writeInt32(0)
    .writeInt32(-1)
    .writeInt32(topics.size)
  for (const [topic, partitions] of topics) {
    encoder.writeString(topic).writeInt32(partitions.length)
    for (const { partition, offset, maxBytes } of partitions) {
      encoder.writeInt32(partition).writeInt32(-1).writeInt64(String(offset)).writeInt64('-1').writeInt32(maxBytes)
    }
  }
  encoder.writeInt32(0).writeString(request.rackId)
  return send(broker, FETCH, 'Fetch', FETCH_VERSION, requestBody([encoder.buffer]), decodeFetched)
}

function decodeFetched(response: Buffer): Answer<readonly FetchedPartition[]> {
  const reader = readerOf(response)
  const clientSideThrottleTime = reader.int32()
  const error = errorOf(reader.int16())
  if (error !== undefined) throw error
  reader.skip(4)
  const data: FetchedPartition[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.string()
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32()
      const failed = errorOf(reader.int16(), `reading ${topic}`)
      reader.skip(8)
      const lastStableOffset = reader.int64()
      reader.skip(8)
      const aborted: Aborted[] = []
      for (let count = reader.int32(); count > 0; count--)
        aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() })
      const preferredReadReplica = reader.int32()
      const records = reader.bytes(Math.max(0, reader.int32()))
      data.push({ topic, partition, error: failed, lastStableOffset, aborted, preferredReadReplica, records })
    }
  }
  return { clientSideThrottleTime, data }
}

interface Answer<T> {
  /** By this name kafkajs looks for what a quota asks of us. */
  readonly clientSideThrottleTime: number
  readonly data: T
}

async function send<T>(
  broker: KafkaJsBroker,
  apiKey: number,
  apiName: string,
  apiVersion: number,
  body: RequestBody,
  decode: (response: Buffer) => Answer<T>,
): Promise<T> {
  const request = broker.lookupRequest(apiKey, {
    versions: [apiVersion],
    protocol({ version }) {
      if (version >= apiVersion)
        return {
          request: { apiKey, apiName, apiVersion, encode: async () => body },
          response: {
            decode: async (response: Buffer) => decode(response),
            parse: async ({ data }: Answer<T>) => data,
          },
        }
      throw new RingfenceError('LOG_UNAVAILABLE', `the broker knows ${apiName} to version ${version} only`, {
        hint: 'Ringfence needs Apache Kafka 2.3 or later',
      })
    },
  })
  try {
    return await broker.connectionPool.send(request)
  } catch (error) {
    if ((error as { name?: string }).name === 'KafkaJSConnectionClosedError') await broker.disconnect()
    throw error
  }
}

function errorOf(code: number, doing = ''): Error | undefined {
  if (code === NO_ERROR) return undefined
  const error = createErrorFromCode(code)
  refusedAt(doing, error)
  return error
}

function readerOf(bytes: Buffer) {
  let at = 0
  const bytesOf = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const int16 = () => {
    at += 2
    return bytes.readInt16BE(at - 2)
  }
  const int32 = () => {
    at += 4
    return bytes.readInt32BE(at - 4)
  }
  return {
    int16,
    int32,
    int64: () => int32() * 4_294_967_296 + (int32() >>> 0),
    string: () => bytesOf(int16()).toString(),
    bytes: bytesOf,
    skip(length: number) {
      at += length
    },
  }
}
