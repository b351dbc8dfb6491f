/**
 * The parts of kafkajs 2.2.4 below its public producer and consumer that we use, as far as we use them.
 * Its consumer gives no hook between "the group rebalances" and "rejoin" in which a partition could be saved, heartbeats
 * only between batches and stops everything at every rebalance; so group membership and fetching are our own, over its
 * wire protocol. The version is pinned in package.json.
 */

declare module 'kafkajs/src/cluster/index.js' {
  import type { KafkaJsBroker, KafkaJsLogger } from 'kafkajs/src/broker/index.js'

  class Cluster {
    constructor(options: {
      logger: KafkaJsLogger
      socketFactory: unknown
      brokers: string[]
      ssl: unknown
      sasl: unknown
      clientId: string
      connectionTimeout: number
      authenticationTimeout: number
      reauthenticationThreshold: number
      requestTimeout: number
      enforceRequestTimeout: boolean
      metadataMaxAge: number
      retry: object
      allowAutoTopicCreation: boolean
      maxInFlightRequests: number | null
      isolationLevel: number
      instrumentationEmitter: { emit(name: string, payload: unknown): void }
    })
    connect(): Promise<void>
    isConnected(): boolean
    removeBroker(address: { host: string; port: number }): void
    findControllerBroker(): Promise<KafkaJsBroker>
    disconnect(): Promise<void>
    refreshMetadata(): Promise<void>
    refreshMetadataIfNecessary(): Promise<void>
    addMultipleTargetTopics(topics: string[]): Promise<void>
    findBroker(node: { nodeId: string | number }): Promise<KafkaJsBroker>
    findGroupCoordinator(group: { groupId: string }): Promise<KafkaJsBroker>
    /** Leader's node id → those of `partitions` it leads. */
    findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
    fetchTopicsOffset(
      topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
    ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>
  }
  export = Cluster
}

declare module 'kafkajs/src/broker/index.js' {
  // biome-ignore lint/style/noDefaultExport: this module of kafkajs is the class itself
  export default class Broker {
    connect(): Promise<void>
    disconnect(): Promise<void>
  }
  export interface KafkaJsLogger {
    namespace(name: string): KafkaJsLogger
  }
  export interface KafkaJsBroker {
    readonly nodeId: number
    findGroupCoordinator(group: { groupId: string; coordinatorType: number }): Promise<unknown>
    /** Makes a request of the newest version that both sides know. */
    lookupRequest(
      apiKey: number,
      definition: { versions: readonly number[]; protocol(chosen: { version: number }): unknown },
    ): unknown
    readonly connectionPool: { send<T>(request: unknown): Promise<T> }
    disconnect(): Promise<void>
    initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>
    joinGroup(request: {
      groupId: string
      sessionTimeout: number
      rebalanceTimeout: number
      memberId: string
      groupProtocols: { name: string; metadata: Buffer }[]
    }): Promise<{
      generationId: number
      leaderId: string
      memberId: string
      members: { memberId: string; memberMetadata: Buffer }[]
    }>
    syncGroup(request: {
      groupId: string
      generationId: number
      memberId: string
      groupAssignment: { memberId: string; memberAssignment: Buffer }[]
    }): Promise<{ memberAssignment: Buffer }>
    heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
    leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
    offsetCommit(request: {
      groupId: string
      groupGenerationId: number
      memberId: string
      topics: { topic: string; partitions: { partition: number; offset: string; metadata: string | null }[] }[]
    }): Promise<unknown>
    offsetFetch(request: {
      groupId: string
      topics: { topic: string; partitions: { partition: number }[] }[]
    }): Promise<{
      responses: { topic: string; partitions: { partition: number; offset: string }[] }[]
    }>
  }
}

declare module 'kafkajs/src/protocol/encoder.js' {
  class Encoder {
    constructor(initialSize?: number)
    buf: Buffer
    /** Bytes written so far. */
    offset: number
    readonly buffer: Buffer
    writeEncoder(value: object): this
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeInt64(value: string): this
    writeString(value: string | null): this
  }
  export = Encoder
}

declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error
}

declare module 'kafkajs/src/network/connection.js' {
  class Connection {
    /** What was read and is not yet a whole response. */
    chunks: Buffer[]
    readonly bytesBuffered: number
    processData(bytes: Buffer): void
  }
  export = Connection
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  class RequestQueue {
    readonly pending: readonly unknown[]
    /** A Map in kafkajs's own hands. */
    inflight: {
      readonly size: number
      values(): Iterable<{ readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }>
    }
    readonly isConnected: () => boolean
    readonly instrumentationEmitter: { emit(name: string, payload: unknown): void } | null
    maybeThrottle(throttleMs: number | null | undefined): void
    scheduleCheckPendingRequests(): void
    scheduleRequestTimeoutCheck(): void
    destroy(): void
  }
  export = RequestQueue
}

declare module 'kafkajs/src/loggers/index.js' {
  import type { LogEntry } from 'kafkajs'
  import type { KafkaJsLogger } from 'kafkajs/src/broker/index.js'

  const loggers: {
    createLogger(options: { level: number; logCreator: () => (entry: LogEntry) => void }): KafkaJsLogger
  }
  export = loggers
}
