import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { messageOf, RingfenceError } from '../../engine/errors/index.ts'
import type { Logger } from '../../engine/observe/index.ts'
import { formatListen, type Listen } from './listen.ts'
import type { HepReceiver } from './receiver.ts'

/** A bound socket that feeds a receiver. */
export interface Listener {
  /** As bound: port 0 resolved. */
  readonly address: string
  readonly port: number
  close(): Promise<void>
}

export interface UdpOptions {
  readonly listen: Listen
  readonly recvBufferBytes: number
  readonly receive: HepReceiver
  readonly now: () => number
  readonly logger: Logger
}

/**
 * HEP over UDP. The kernel's buffer is what bridges a garbage collection: at 100,000 packets of 700 B a second, 32 MiB
 * hold 0.4 s; the default 208 KiB 3 ms.
 * @throws RingfenceError LISTEN_FAILED
 */
export async function listenUdp(options: UdpOptions): Promise<Listener> {
  const { listen, receive, now, logger } = options
  const socket = createSocket({ type: isIPv6(listen.host) ? 'udp6' : 'udp4' })
  socket.on('message', (bytes: Buffer, peer: RemoteInfo) => receive(bytes, 0, bytes.length, peer.address, now()))
  await new Promise<void>((resolve, reject) => {
    socket.once('error', error => {
      const where = formatListen(listen, listen.port)
      reject(new RingfenceError('LISTEN_FAILED', `cannot listen on ${where}: ${messageOf(error)}`, { cause: error }))
    })
    socket.bind(listen.port, listen.host, resolve)
  })
  socket.removeAllListeners('error')
  socket.on('error', error => logger.error({ error: messageOf(error) }, 'HEP socket failed'))
  warnOfSmallBuffer(growReceiveBuffer(socket, options.recvBufferBytes), options.recvBufferBytes, logger)
  const { port } = socket.address()
  return {
    address: formatListen(listen, port),
    port,
    close: () => new Promise(resolve => socket.close(() => resolve())),
  }
}

/** Asks the kernel for a receive buffer; gives what it gave. Linux gives less without a word, BSDs refuse altogether. */
export function growReceiveBuffer(socket: Socket, wantedBytes: number): number {
  try {
    socket.setRecvBufferSize(wantedBytes)
  } catch {
    // Refused: the default stays, and the warning says so.
  }
  return socket.getRecvBufferSize()
}

/** Linux gives twice what was asked for, up to twice net.core.rmem_max. */
export function warnOfSmallBuffer(givenBytes: number, wantedBytes: number, logger: Logger): void {
  if (givenBytes >= wantedBytes) return
  logger.warn(
    { wantedBytes, givenBytes },
    'kernel gives a smaller receive buffer than configured: raise net.core.rmem_max',
  )
}
