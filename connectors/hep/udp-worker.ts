import { createSocket, type SocketOptions } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../engine/errors/index.ts'
import { type BatchWriter, createBatchWriter, type DatagramBatch } from './batch.ts'
import type { Listen } from './listen.ts'
import { growReceiveBuffer } from './udp.ts'

/**
 * A receiving thread: reads one UDP socket and hands its datagrams over in batches. The buffers are a fixed few that come
 * back when their datagrams have been taken; when none is free, datagrams are dropped and counted: the queue between the
 * threads is bounded.
 */

export interface WorkerTask {
  readonly listen: Listen
  readonly recvBufferBytes: number
  /** Share the port with other sockets of this process (SO_REUSEPORT). */
  readonly reusePort: boolean
}

/** What a receiving thread says. */
export type WorkerMessage =
  | { readonly kind: 'bound'; readonly port: number; readonly givenBytes: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'batch'; readonly batch: DatagramBatch; readonly dropped: number }

const BATCH_BYTES = 512 << 10
const BATCHES = 32
/** A batch leaves when it is full or this long after its first datagram. */
const FLUSH_MS = 1

function main(task: WorkerTask): void {
  const port = parentPort!
  const free: ArrayBuffer[] = Array.from({ length: BATCHES }, () => new ArrayBuffer(BATCH_BYTES))
  let current: BatchWriter | undefined
  let dropped = 0

  const say = (message: WorkerMessage, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers)
  const flush = () => {
    if (current === undefined || current.used === 0) return
    const batch = current.take(Date.now())
    say({ kind: 'batch', batch, dropped }, [batch.buffer])
    current = undefined
    dropped = 0
  }
  const nextWriter = (): BatchWriter | undefined => {
    const buffer = free.pop()
    return buffer === undefined ? undefined : createBatchWriter(buffer)
  }

  // reusePort came with Node 23.1; the types of Node 20 do not know it.
  const options: SocketOptions & { reusePort?: boolean } = { type: isIPv6(task.listen.host) ? 'udp6' : 'udp4' }
  if (task.reusePort) options.reusePort = true
  const socket = createSocket(options)
  socket.on('error', error => say({ kind: 'failed', reason: messageOf(error) }))
  socket.on('message', (bytes, peer) => {
    current ??= nextWriter()
    if (current !== undefined && !current.add(bytes, peer.address)) {
      flush()
      current = nextWriter()
      current?.add(bytes, peer.address)
    }
    if (current === undefined) dropped++
    else if (current.used === 8 + bytes.length) setTimeout(flush, FLUSH_MS)
  })
  socket.bind(task.listen.port, task.listen.host, () => {
    const givenBytes = growReceiveBuffer(socket, task.recvBufferBytes)
    say({ kind: 'bound', port: socket.address().port, givenBytes })
  })
  port.on('message', (returned: ArrayBuffer | 'close') => {
    if (returned === 'close') {
      socket.close(() => {
        flush()
        port.close()
      })
    } else free.push(returned)
  })
}

main(workerData as WorkerTask)
