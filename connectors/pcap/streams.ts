import { createHepStream, isHep3 } from '../hep/index.ts'
import { type StreamConsumer, sipOpens } from '../net/index.ts'
import type { Envelope, SignalProtocol, SignalSink } from '../signal.ts'
import { createSipStream } from '../sip/index.ts'
import { MAX_KEEP_ALIVE_BYTES } from './ordinary.ts'
import { createWebSocketFrames, peekFrame } from './websocket.ts'

export interface StreamOptions {
  readonly signal: SignalSink
  /** Takes one whole HEP packet. */
  readonly hep: (bytes: Uint8Array, start: number, end: number, envelope: Envelope) => void
  readonly dropped: (reason: string) => void
  readonly isSipPort: (envelope: Envelope) => boolean
  /** Protocols beside those known here, asked in order. */
  readonly protocols?: readonly StreamProtocol[]
}

/** A signalling protocol over TCP that can be told by the first bytes of a stream. */
export interface StreamProtocol {
  readonly protocol: SignalProtocol
  /** Is the stream that goes on with `bytes[start, end)` of this protocol? `more` asks for more bytes to tell by. */
  opens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more'
  /** Cuts the stream into messages; what makes no sense is dropped with a reason. */
  frames(message: (bytes: Uint8Array, start: number, end: number) => void, dropped: (reason: string) => void): Framer
}

/** Cuts one direction of a stream into messages. */
export interface Framer {
  /** False when the stream makes no sense any more. */
  push(bytes: Uint8Array, start: number, end: number): boolean
  /** Bytes are missing before what comes next. */
  gap(): void
  /** The stream is over. */
  end?(): void
}

/** Bytes of a stream that are looked at before it is taken for something else. */
const MAX_UNDECIDED_BYTES = 256 << 10
/** First bytes kept until they say what they are: a start line, or the head of an upgrade to WebSocket. */
const MAX_HEAD_BYTES = 16 << 10

const SIP_VERSION = Buffer.from('SIP/2.0')
const HEAD_END = Buffer.from('\r\n\r\n')

/**
 * Says what a TCP stream carries by its first bytes, and cuts it into signals: SIP, HEP, SIP over WebSocket after its
 * upgrade (RFC 7118), and the protocols given. A stream captured from its middle is recognised at the first segment that
 * begins with a message, or has a SIP start line inside.
 */
export function createStreamConsumer(first: Envelope, options: StreamOptions): StreamConsumer {
  let framer: Framer | undefined
  let head: Buffer | undefined
  let undecided = 0
  let current: Envelope = first

  return {
    data(bytes, start, end, envelope) {
      current = envelope
      if (framer !== undefined) return framer.push(bytes, start, end)
      undecided += end - start
      if (head !== undefined) {
        const joined = Buffer.concat([head, bytes.subarray(start, end)])
        head = undefined
        return decide(joined, 0, joined.length)
      }
      return decide(bytes, start, end)
    },
    gap() {
      head = undefined
      framer?.gap()
    },
    close() {
      if (framer !== undefined) framer.end?.()
      else if (undecided > 0) notSip()
    },
  }

  function notSip(): void {
    if (options.isSipPort(first)) options.dropped('not-sip')
  }

  /** Looks at bytes not taken yet; false when the stream is of no interest. */
  function decide(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] === 0x16 && bytes[start + 1] === 0x03) {
      options.dropped('tls')
      undecided = 0
      return false
    }
    const opened = open(bytes, start, end)
    if (opened === 'more' && end - start < MAX_HEAD_BYTES) {
      head = Buffer.from(bytes.subarray(start, end))
      return true
    }
    if (framer !== undefined) return framer.push(bytes, start, end)
    if (undecided < MAX_UNDECIDED_BYTES) return true
    notSip()
    undecided = 0
    return false
  }

  /** Sets the framer when the bytes tell; `more` when they may with those that follow. */
  function open(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
    const sip = sipOpens(bytes, start, end)
    if (sip === 'yes') {
      framer = sipFramer()
      return 'yes'
    }
    if (isHep3(bytes, start, end)) {
      framer = hepFramer()
      return 'yes'
    }
    if (isUpgrade(bytes, start, end)) return upgrade(bytes, start, end)
    let more = sip === 'more'
    for (const protocol of options.protocols ?? []) {
      const opens = protocol.opens(bytes, start, end)
      if (opens === 'yes') {
        framer = protocol.frames((b, s, e) => options.signal(protocol.protocol, b, s, e, current), options.dropped)
        return 'yes'
      }
      if (opens === 'more') more = true
    }
    const payload = peekFrame(bytes, start, end)
    if (payload !== undefined && sipOpens(payload, 0, payload.length) === 'yes') {
      framer = webSocketFramer()
      return 'yes'
    }
    if (Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).includes(SIP_VERSION)) {
      framer = sipFramer()
      return 'yes'
    }
    return more ? 'more' : 'no'
  }

  /** An HTTP head that upgrades to WebSocket; frames follow right behind it. */
  function upgrade(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const headEnd = text.indexOf(HEAD_END)
    if (headEnd < 0) return 'more'
    if (!/\r\nupgrade:[ \t]*websocket/i.test(text.toString('latin1', 0, headEnd))) return 'no'
    const frames = webSocketFramer()
    let head = headEnd + HEAD_END.length
    framer = {
      // The head itself comes first, since the bytes that decided are pushed like all others.
      push(b, s, e) {
        const skip = Math.min(head, e - s)
        head -= skip
        return s + skip >= e || frames.push(b, s + skip, e)
      },
      gap: frames.gap,
    }
    return 'yes'
  }

  function sipFramer(): Framer {
    const stream = createSipStream(
      (bytes, start, end) => options.signal('sip', bytes, start, end, current),
      options.dropped,
    )
    return {
      push(bytes, start, end) {
        stream.push(bytes, start, end)
        return true
      },
      gap: stream.gap,
      end: stream.end,
    }
  }

  function hepFramer(): Framer {
    return createHepStream(
      (bytes, start, end) => options.hep(bytes, start, end, current),
      () => options.dropped('hep-resynchronised'),
    )
  }

  function webSocketFramer(): Framer {
    const overWebSocket: Envelope = { ...first, transport: 'ws' }
    const frames = createWebSocketFrames((bytes, start, end) => {
      overWebSocket.timeMs = current.timeMs
      if (sipOpens(bytes, start, end) === 'yes') options.signal('sip', bytes, start, end, overWebSocket)
      else options.dropped(end - start <= MAX_KEEP_ALIVE_BYTES ? 'keep-alive' : 'not-sip')
    }, options.dropped)
    return {
      push: frames.push,
      // Framing has no mark to start over at: wait for a segment that begins with a frame.
      gap() {
        framer = undefined
      },
    }
  }
}

/** `GET ` of a client, `HTTP/1.1 101` of a server. */
function isUpgrade(bytes: Uint8Array, start: number, end: number): boolean {
  return startsWith(bytes, start, end, 'GET ') || startsWith(bytes, start, end, 'HTTP/1.1 101')
}

function startsWith(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
  return true
}
