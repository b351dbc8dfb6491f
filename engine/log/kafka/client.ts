import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import kafkajs, { type Admin, type ISocketFactory, type LogEntry, type SASLOptions } from 'kafkajs'
import Broker from 'kafkajs/src/broker/index.js'
import Cluster from 'kafkajs/src/cluster/index.js'
import loggers from 'kafkajs/src/loggers/index.js'
import Connection from 'kafkajs/src/network/connection.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import type { LogCounters } from '../counters.ts'
import { kafkaFailure } from './errors.ts'
import { createInflight } from './inflight.ts'

/** How to reach an operator's Kafka. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the others are learned from them. */
  readonly brokers: readonly string[]
  /** Names this program in the brokers' logs and quotas; default `ringfence`. */
  readonly clientId?: string
  /** TLS: true for the system's authorities, or PEM texts and the name to expect. */
  readonly tls?:
    | boolean
    | Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'servername' | 'rejectUnauthorized'>
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
    readonly username: string
    readonly password: string
  }
  /** Where this process stands (broker.rack): reads go to a replica in the same place when brokers allow. */
  readonly rackId?: string
  /** Default 30 s. */
  readonly requestTimeoutMs?: number
  /** Told what kafkajs logs at warning and above, already one line; to be rate-limited by the receiver. */
  readonly onTrouble?: (message: string) => void
}

type ThrottleCounters = Pick<LogCounters, 'throttled' | 'throttledMs'>

export interface KafkaClient {
  readonly brokers: string
  readonly rackId: string
  admin(): Admin
  /**
   * A set of connections of its own: a long poll or a join must not hold up anything else. The TCP connections that are open
   * stand in `open`.
   */
  cluster(open?: Set<Socket>): Cluster
}

/** Resets connections: what the other side has not got yet is thrown away, not sent on later as after an orderly end. */
export function resetAll(open: ReadonlySet<Socket>): void {
  for (const socket of open) {
    socket.resetAndDestroy()
    // Whose requests wait for an answer hears of errors, not of a socket that is closed.
    socket.emit('error', new Error('the connection was given up'))
  }
}

/**
 * kafkajs 2.2.4 re-arms a 1 ms timer for ever on every connection that has once sent a request, because "throttled until"
 * starts at -1: 5 % of a core with no traffic. There is something to check only while requests are pending.
 */
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this)
}

/**
 * It also looks for requests that timed out ten times a second, with a timer for every connection: once a second and one
 * timer for all of them are enough, and let a process without traffic sleep.
 */
const TIMEOUT_CHECK_MS = 1000
const queues = new Set<RequestQueue>()
let timeoutCheck: NodeJS.Timeout | undefined

function checkTimeouts(): void {
  const nowMs = Date.now()
  for (const queue of queues) {
    for (const request of queue.inflight.values())
      if (nowMs - request.sentAt > request.requestTimeout) request.timeoutRequest()
    if (!queue.isConnected()) queue.destroy()
  }
}

/** Called by a connection before its first request. */
RequestQueue.prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
  if (this.inflight.size === 0) this.inflight = createInflight()
  queues.add(this)
  timeoutCheck ??= setInterval(checkTimeouts, TIMEOUT_CHECK_MS)
}

const destroy = RequestQueue.prototype.destroy
RequestQueue.prototype.destroy = function (this: RequestQueue) {
  destroy.call(this)
  queues.delete(this)
  if (queues.size > 0) return
  clearInterval(timeoutCheck)
  timeoutCheck = undefined
}

/**
 * kafkajs keeps the end of what was read, mostly nothing at all, and copies the next bytes behind it: every response once
 * more than needed, into memory outside V8's heap that only full collections give back.
 */
const processData = Connection.prototype.processData
Connection.prototype.processData = function (this: Connection, bytes: Buffer) {
  if (this.bytesBuffered === 0) this.chunks = []
  processData.call(this, bytes)
}

/**
 * A broker that takes a connection and then says nothing leaves kafkajs with one that counts as connected and knows none
 * of the broker's versions: "Broker not connected" for ever after. Such a connection is closed, and made anew.
 */
const connect = Broker.prototype.connect
Broker.prototype.connect = async function (this: Broker) {
  try {
    await connect.call(this)
  } catch (error) {
    await this.disconnect().catch(() => {})
    throw error
  }
}

/**
 * A broker whose client quota is used up answers at once and says how long to keep still (KIP-219); kafkajs does, and
 * tells nobody. The instrumentation of a connection is the one thing of ours that it carries along.
 */
const THROTTLED = 'ringfence.throttled'
const maybeThrottle = RequestQueue.prototype.maybeThrottle
RequestQueue.prototype.maybeThrottle = function (this: RequestQueue, throttleMs: number | null | undefined) {
  maybeThrottle.call(this, throttleMs)
  if (throttleMs !== null && throttleMs !== undefined && throttleMs > 0)
    this.instrumentationEmitter?.emit(THROTTLED, throttleMs)
}

const READ_COMMITTED = 1
const METADATA_MAX_AGE_MS = 60_000
/** Fails within about three seconds: who appends or reads tries again, and knows better for how long. */
const RETRY = { initialRetryTime: 100, multiplier: 2, retries: 5, maxRetryTime: 1000 }

/** Requests that wait for a connection each listen for it: more than ten while a broker restarts are no leak. */
const LISTENERS = 1000

const KEEP_ALIVE_MS = 60_000

/** Makes sockets as kafkajs's own factory does, and keeps hold of the TCP connections below them while they last. */
function socketsOf(open: Set<Socket>): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const tcp = connectTcp({ host, port })
    // The end of a request of several segments must not wait for the other side's delayed acknowledgement (40 ms).
    tcp.setNoDelay(true)
    tcp.setKeepAlive(true, KEEP_ALIVE_MS)
    open.add(tcp)
    tcp.once('close', () => open.delete(tcp))
    const socket = ssl ? connectTls({ host, ...(isIP(host) === 0 && { servername: host }), ...ssl, socket: tcp }) : tcp
    socket.once(ssl ? 'secureConnect' : 'connect', onConnect)
    socket.setMaxListeners(LISTENERS)
    return socket
  }
}

/** Makes the client; nothing is connected yet. */
export function kafkaClient(connection: KafkaConnection & { readonly counters?: ThrottleCounters }): KafkaClient {
  const { counters } = connection
  const { clientId = 'ringfence', requestTimeoutMs = 30_000, onTrouble = () => {} } = connection
  const brokers = [...connection.brokers]
  const ssl = connection.tls === undefined ? false : connection.tls
  const sasl = connection.sasl as SASLOptions | undefined
  const logCreator = () => (entry: LogEntry) => {
    const { message, error } = entry.log as { message: string; error?: unknown }
    // Errors that brokers answer with reach the caller, who knows which of them are trouble.
    if (message.startsWith('Response ') || message.startsWith('Limiting retries')) return
    onTrouble(error === undefined ? message : `${message}: ${String(error)}`)
  }
  const common = {
    brokers,
    clientId,
    connectionTimeout: 5000,
    authenticationTimeout: 10_000,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: RETRY,
  }
  const kafka = new kafkajs.Kafka({
    ...common,
    socketFactory: socketsOf(new Set()),
    ssl,
    ...(sasl && { sasl }),
    logLevel: kafkajs.logLevel.WARN,
    logCreator,
  })
  return {
    brokers: brokers.join(', '),
    rackId: connection.rackId ?? '',
    admin: () => kafka.admin(),
    cluster: (open = new Set()) =>
      new Cluster({
        ...common,
        socketFactory: socketsOf(open),
        ssl,
        sasl,
        logger: loggers.createLogger({ level: kafkajs.logLevel.WARN, logCreator }),
        reauthenticationThreshold: 10_000,
        metadataMaxAge: METADATA_MAX_AGE_MS,
        allowAutoTopicCreation: false,
        maxInFlightRequests: null,
        isolationLevel: READ_COMMITTED,
        instrumentationEmitter: {
          emit(name, payload) {
            if (name !== THROTTLED || counters === undefined) return
            counters.throttled++
            counters.throttledMs += payload as number
          },
        },
      }),
  }
}

/** Runs `use` with a connected admin client. Throws LOG_UNAVAILABLE in one line. */
export async function withAdmin<T>(client: KafkaClient, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.admin()
  try {
    await admin.connect()
    return await use(admin)
  } catch (error) {
    throw kafkaFailure(client.brokers, error)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
