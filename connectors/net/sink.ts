import type { Envelope } from '../signal.ts'
import type { NetDropReason } from './cursor.ts'

/** What comes out of packets. The envelope and the bytes are valid during the call only. */
export interface TransportSink {
  /** One UDP datagram or SCTP user message. */
  datagram(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  /** One TCP segment, still to be put in order. */
  segment(bytes: Uint8Array, start: number, end: number, envelope: Envelope, tcp: TcpHeader): void
  dropped(reason: NetDropReason): void
}

/** What reassembly needs of a TCP header. Reused. */
export interface TcpHeader {
  sequence: number
  acknowledgement: number
  syn: boolean
  ack: boolean
  fin: boolean
  rst: boolean
}
