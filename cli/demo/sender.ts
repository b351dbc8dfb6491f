import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { RecordedDatagram } from './datagrams.ts'

export interface SendOptions {
  readonly host: string
  readonly port: number
  /** Times faster than recorded. */
  readonly speed: number
  readonly signal: AbortSignal
  /** Datagrams that the tap has taken so far: the sender never runs far ahead of it, so that nothing is lost. */
  readonly received: () => number
  /** Called with the recorded time reached and the share sent, 0 to 1. */
  readonly progress: (timeMs: number, share: number) => void
}

/** Datagrams under way at once: a socket buffer of Linux's default size holds some 150 of the sample's. */
const WINDOW = 64
const TICK_MS = 10

/**
 * Sends recorded datagrams to a UDP port at their recorded pace, sped up. Resolves with how many were sent, when all are
 * or the signal aborts.
 */
export async function sendDatagrams(datagrams: readonly RecordedDatagram[], options: SendOptions): Promise<number> {
  const socket = createSocket(options.host.includes(':') ? 'udp6' : 'udp4')
  const first = datagrams[0]?.timeMs ?? 0
  const startedMs = performance.now()
  let sent = 0
  try {
    socket.connect(options.port, options.host)
    await once(socket, 'connect')
    while (sent < datagrams.length && !options.signal.aborted) {
      const reachedMs = first + (performance.now() - startedMs) * options.speed
      const upTo = Math.min(datagrams.length, options.received() + WINDOW)
      while (sent < upTo && datagrams[sent]!.timeMs <= reachedMs) socket.send(datagrams[sent++]!.payload)
      options.progress(Math.min(reachedMs, datagrams.at(-1)!.timeMs), sent / datagrams.length)
      await delay(sent === upTo ? 1 : TICK_MS)
    }
  } finally {
    await new Promise<void>(resolve => socket.close(resolve))
  }
  return sent
}
