/** How a signal reached the tapped element: what every capture format says about a message, whatever its encapsulation. */
export type Transport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss' | 'sctp'

export type SignalProtocol = 'sip' | 'msrp' | 'smpp' | 'xmpp' | 'sdp' | 'rtcp' | 'log' | 'other'

/** Taps reuse one envelope for many signals: read it during the call, copy what must outlive it. */
export interface Envelope {
  /** Capture time, milliseconds since the epoch. */
  timeMs: number
  source: string
  sourcePort: number
  destination: string
  destinationPort: number
  transport: Transport
  /** Correlation id of the capture agent (HEP chunk 0x11), empty where there is none. */
  correlationId: string
}

/** An envelope of which nothing is known yet. */
export function emptyEnvelope(): Envelope {
  return {
    timeMs: 0,
    source: '',
    sourcePort: 0,
    destination: '',
    destinationPort: 0,
    transport: 'udp',
    correlationId: '',
  }
}

/**
 * Takes one signal: the bytes `bytes[start, end)`, valid only during the call.
 * Signals come in capture order of one tap.
 */
export type SignalSink = (
  protocol: SignalProtocol,
  bytes: Uint8Array,
  start: number,
  end: number,
  envelope: Envelope,
) => void

/** What a message of any protocol says of itself, for people: absent fields are unknown. */
export interface SignalDescription {
  /** Method, command or name of a stanza. */
  readonly method?: string
  readonly status?: number
  readonly from?: string
  readonly to?: string
  /** What pairs a request with its response: Call-ID, Message-ID, sequence number, id of a stanza. */
  readonly callId?: string
  readonly valid: boolean
  /** Why it is not valid. */
  readonly reason?: string
}
