import { countDrop, type TapCounters } from '../../engine/observe/index.ts'
import type { SignalSink } from '../signal.ts'
import { createHepDecoder } from './decoder.ts'
import type { KeyCheck } from './keys.ts'
import { createHepPacket, signalProtocolOf } from './packet.ts'

export interface HepReceiverOptions {
  readonly signal: SignalSink
  readonly counters: TapCounters
  readonly keyCheck: KeyCheck | undefined
  readonly maxInflatedBytes: number
  /** Capture clocks further ahead of the time of receipt than this are not believed. */
  readonly maxAheadMs: number
}

/** Takes one HEP packet as received from `peer`. */
export type HepReceiver = (bytes: Uint8Array, start: number, end: number, peer: string, receivedMs: number) => void

/**
 * From a received packet to its signal: decoded, its key checked, counted. A clock far ahead is replaced by the time of
 * receipt: one agent in a wrong time zone must not end every call that the tap is following.
 */
export function createHepReceiver(options: HepReceiverOptions): HepReceiver {
  const { signal, counters, keyCheck, maxAheadMs } = options
  const decode = createHepDecoder({ maxInflatedBytes: options.maxInflatedBytes })
  const packet = createHepPacket()
  const { envelope } = packet

  return (bytes, start, end, peer, receivedMs) => {
    counters.received++
    counters.bytes += end - start
    const reason = decode(bytes, start, end, receivedMs, packet)
    if (reason !== undefined) {
      countDrop(counters, reason)
      return
    }
    if (keyCheck !== undefined && !keyCheck(peer, bytes, packet.keyStart, packet.keyEnd)) {
      countDrop(counters, 'bad-key')
      return
    }
    if (envelope.timeMs > receivedMs + maxAheadMs) envelope.timeMs = receivedMs
    signal(signalProtocolOf(packet), packet.payload, packet.payloadStart, packet.payloadEnd, envelope)
  }
}
