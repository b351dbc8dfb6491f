import { sipOpens } from '../net/index.ts'
import type { Envelope, SignalProtocol } from '../signal.ts'

/** Why a HEP packet was not taken: the closed list behind the tap's `dropped` metric. */
export const hepDropReasons = [
  'not-hep',
  'bad-length',
  'bad-chunk',
  'no-payload',
  'bad-compression',
  'inflated-too-large',
  'bad-key',
] as const

export type HepDropReason = (typeof hepDropReasons)[number]

/** One decoded packet. Reused: valid until the next call of the decoder that filled it. */
export interface HepPacket {
  /** 1, 2 or 3. */
  version: number
  /** HEP protocol number (chunk 0x0b): 1 is SIP. */
  protocol: number
  /** The bytes that hold the payload: those received, or the inflated ones. */
  payload: Uint8Array
  payloadStart: number
  payloadEnd: number
  agentId: number
  /** The bytes received, and where the correlation id (chunk 0x11) lies in them; both 0 where there is none. */
  received: Uint8Array
  correlationStart: number
  correlationEnd: number
  /** Where the authentication key lies in the bytes received; both 0 where there is none. */
  keyStart: number
  keyEnd: number
  readonly envelope: Omit<Envelope, 'correlationId'> & { readonly correlationId: string }
}

/**
 * What the payload of a decoded packet is, by HEP's protocol number (chunk 0x0b). Agents have left the chunk out, or put a
 * number of their own there: a payload that opens as SIP is then taken for what it is.
 */
export function signalProtocolOf(packet: HepPacket): SignalProtocol {
  switch (packet.protocol) {
    case 1:
      return 'sip'
    case 2:
      return 'xmpp'
    case 3:
      return 'sdp'
    case 5:
      return 'rtcp'
    case 0x64:
      return 'log'
    default:
      return sipOpens(packet.payload, packet.payloadStart, packet.payloadEnd) === 'yes' ? 'sip' : 'other'
  }
}

const NO_BYTES = new Uint8Array(0)
const MAX_CORRELATION_BYTES = 512

/**
 * An empty packet to decode into. The envelope's correlation id is made into a string when somebody reads it: few do, and
 * the string was a tenth of the cost of decoding.
 */
export function createHepPacket(): HepPacket {
  const packet: HepPacket = {
    version: 0,
    protocol: 0,
    payload: NO_BYTES,
    payloadStart: 0,
    payloadEnd: 0,
    agentId: 0,
    received: NO_BYTES,
    correlationStart: 0,
    correlationEnd: 0,
    keyStart: 0,
    keyEnd: 0,
    envelope: {
      timeMs: 0,
      source: '',
      sourcePort: 0,
      destination: '',
      destinationPort: 0,
      transport: 'udp',
      get correlationId() {
        const { received, correlationStart, correlationEnd } = packet
        const end = Math.min(correlationEnd, correlationStart + MAX_CORRELATION_BYTES)
        // Call-IDs are bytes taken as they are.
        return Buffer.from(received.buffer, received.byteOffset + correlationStart, end - correlationStart).toString(
          'latin1',
        )
      },
    },
  }
  return packet
}
