import { createHepDecoder, createHepPacket, isHep3, looksLikeV12, signalProtocolOf } from '../hep/index.ts'
import {
  createAddressTexts,
  createPacketWalker,
  createTcpReassembler,
  type PacketWalker,
  sipOpens,
  type TcpLimits,
} from '../net/index.ts'
import type { Envelope, SignalSink } from '../signal.ts'
import { MAX_KEEP_ALIVE_BYTES } from './ordinary.ts'
import { createStreamConsumer, type StreamProtocol } from './streams.ts'

export interface DissectorOptions {
  readonly signal: SignalSink
  /** Traffic that is not signalling, or damaged; a closed set of short reasons. */
  readonly dropped: (reason: string) => void
  /** Cap on compressed HEP payloads, in bytes. */
  readonly maxInflatedBytes?: number
  /** Protocols over TCP beside SIP, HEP and SIP over WebSocket. */
  readonly protocols?: readonly StreamProtocol[]
  readonly tcp?: TcpLimits
}

/** Captured packets in, signals out. */
export interface Dissector extends PacketWalker {
  /** No more packets will come: gives out what waits for bytes that were never captured. */
  flush(): void
}

const HEP_PORT = 9060
/** Ports on which something other than SIP is worth counting: RFC 3261 clause 18.1.1 and its TLS neighbour. */
const SIP_PORTS = [5060, 5061]

/**
 * Finds the signals in captured packets by content, on any port: SIP, and HEP as the signal inside it. Everything else is
 * passed over, and on SIP's own ports it is counted as `not-sip`.
 */
export function createDissector(options: DissectorOptions): Dissector {
  const texts = createAddressTexts()
  const decodeHep = createHepDecoder({ texts, maxInflatedBytes: options.maxInflatedBytes ?? 1 << 20 })
  const hepPacket = createHepPacket()

  const reassembler = createTcpReassembler({
    open: envelope =>
      createStreamConsumer(envelope, {
        signal: options.signal,
        hep,
        dropped: options.dropped,
        isSipPort,
        protocols: options.protocols ?? [],
      }),
    dropped: options.dropped,
    limits: options.tcp ?? {},
  })
  const walker = createPacketWalker({ datagram, segment: reassembler.segment, dropped: options.dropped }, { texts })

  function datagram(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void {
    if (sipOpens(bytes, start, end) === 'yes') options.signal('sip', bytes, start, end, envelope)
    else if (isHep3(bytes, start, end) || isOldHep(bytes, start, end, envelope)) hep(bytes, start, end, envelope)
    else if (isSipPort(envelope)) options.dropped(end - start <= MAX_KEEP_ALIVE_BYTES ? 'keep-alive' : 'not-sip')
  }

  /** HEPv1 and v2 have no magic: believed on HEP's own port only. */
  function isOldHep(bytes: Uint8Array, start: number, end: number, envelope: Envelope): boolean {
    const ours = envelope.destinationPort === HEP_PORT || envelope.sourcePort === HEP_PORT
    return ours && looksLikeV12(bytes, start, end)
  }

  function hep(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void {
    const reason = decodeHep(bytes, start, end, envelope.timeMs, hepPacket)
    if (reason !== undefined) {
      options.dropped(`hep-${reason}`)
      return
    }
    const { payload, payloadStart, payloadEnd } = hepPacket
    options.signal(signalProtocolOf(hepPacket), payload, payloadStart, payloadEnd, hepPacket.envelope)
  }

  return { packet: walker.packet, flush: reassembler.flush }
}

function isSipPort(envelope: Envelope): boolean {
  return SIP_PORTS.includes(envelope.destinationPort) || SIP_PORTS.includes(envelope.sourcePort)
}
