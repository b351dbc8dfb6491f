import { Worker } from 'node:worker_threads'
import { RingfenceError } from '../../engine/errors/index.ts'
import { countDrop, type TapCounters } from '../../engine/observe/index.ts'
import { readBatch } from './batch.ts'
import { formatListen, type Listen } from './listen.ts'
import { type Listener, type UdpOptions, warnOfSmallBuffer } from './udp.ts'
import type { WorkerMessage, WorkerTask } from './udp-worker.ts'

export interface UdpThreadsOptions extends UdpOptions {
  readonly counters: TapCounters
  /** Threads for the one address. */
  readonly threads: number
}

/** dgram's reusePort came with 23.1. */
const CAN_SHARE_PORT = isAtLeast(process.versions.node, 23, 1)

/**
 * HEP over UDP with the sockets on threads of their own.
 *
 * ```
 *  socket ─► thread: batches of 512 KiB ─(the buffer changes hands)─► tap's thread: decode, correlate
 *                  ◄──────────── empty buffers ────────────────────
 * ```
 *
 * Reading a datagram costs Node about as much as all that the tap does with it: with the socket elsewhere, the tap's core
 * takes twice as many. Calls are still followed in one place, whichever thread their packets came by.
 * @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID when threads cannot share the address
 */
export async function listenUdpThreads(options: UdpThreadsOptions): Promise<Listener[]> {
  const { listen, threads } = options
  if (threads > 1 && !CAN_SHARE_PORT) {
    throw new RingfenceError(
      'CONFIG_INVALID',
      `threads: ${threads} cannot share ${formatListen(listen, listen.port)}`,
      {
        hint: `Node ${process.versions.node} is older than 23.1: set threads to 1 and list several addresses`,
      },
    )
  }
  const first = await listenThread(options, listen, threads > 1)
  const shared = { ...listen, port: first.port }
  const others = Array.from({ length: threads - 1 }, () => listenThread(options, shared, true))
  return [first, ...(await Promise.all(others))]
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = version.split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

async function listenThread(options: UdpThreadsOptions, listen: Listen, reusePort: boolean): Promise<Listener> {
  const { receive, logger, counters } = options
  const task: WorkerTask = { listen, recvBufferBytes: options.recvBufferBytes, reusePort }
  const worker = new Worker(new URL('./udp-worker.js', import.meta.url), { workerData: task })
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (reason: string) => {
      const where = formatListen(listen, listen.port)
      reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${where}: ${reason}`))
    }
    worker.on('error', error => {
      fail(error.message)
      logger.error({ reason: error.message }, 'HEP receiving thread failed')
    })
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'bound') {
        warnOfSmallBuffer(message.givenBytes, options.recvBufferBytes, logger)
        resolve(message.port)
      } else if (message.kind === 'failed') {
        fail(message.reason)
        logger.error({ reason: message.reason }, 'HEP socket failed')
      } else {
        if (message.dropped > 0) countDrop(counters, 'queue-full', message.dropped)
        readBatch(message.batch, receive)
        worker.postMessage(message.batch.buffer, [message.batch.buffer])
      }
    })
  }).catch(async error => {
    await worker.terminate()
    throw error
  })
  return {
    address: formatListen(listen, port),
    port,
    async close() {
      worker.postMessage('close')
      await ended
    },
  }
}
