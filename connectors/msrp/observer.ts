import type { Activity, Route } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { type ContentGate, emitMessage, MAX_TEXT } from '../messages/index.ts'
import type { Envelope } from '../signal.ts'
import { contentOfBody } from '../sip/index.ts'
import { type ChunkLimits, createChunkJoiner } from './chunks.ts'
import { createFrameReader, type FrameDrop, type FrameReader, type MsrpFrame } from './frame.ts'
import type { MsrpSession, MsrpSessions } from './sessions.ts'

/** Why something seen is no message: the closed list that drops are counted by. */
export type MsrpDrop =
  | FrameDrop
  | 'no path'
  | 'no dialog for the session'
  | 'message given up by its sender'
  | 'parts missing'
  | 'notification'
  | 'no sender or recipient'

/** Directions of connections followed at once. */
const DIRECTIONS = 8192

export interface MsrpObserver {
  /** Takes octets of one direction in their order: whole frames, or pieces as TCP delivered them. */
  observe(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  gap(envelope: Envelope): void
  /** Event time has reached `timeMs`. */
  advance(timeMs: number): void
  close(): void
}

/** What is remembered of a message in parts. */
interface First {
  readonly session: MsrpSession
  readonly messageId: string
  readonly contentType: string
  readonly timeMs: number
  readonly route: Route
}

/**
 * Turns MSRP streams into messages. The parties are those of the SIP dialog whose SDP named the endpoints (`sessions`); SEND
 * requests are joined by Message-ID and Byte-Range; reports, responses, IMDN and "is composing" are not messages.
 */
export function createMsrpObserver(
  tap: { readonly name: string; readonly site: string | undefined },
  sessions: MsrpSessions,
  gate: ContentGate,
  limits: ChunkLimits,
  sink: { readonly emit: (activity: Activity) => void; readonly dropped: (reason: MsrpDrop) => void },
): MsrpObserver {
  const readers = new Map<string, { reader: FrameReader; envelope: Envelope }>()
  const base: Route = tap.site === undefined ? { tap: tap.name } : { tap: tap.name, site: tap.site }
  const chunks = createChunkJoiner<First>(limits, (first, body, whole) => {
    if (!whole) sink.dropped('parts missing')
    give(first, body)
  })

  function give(first: First, body: Buffer): void {
    const content = contentOfBody(first.contentType, '', body, MAX_TEXT)
    if (content === undefined) {
      sink.dropped('notification')
      return
    }
    const { session, timeMs, route } = first
    const { party: from, peer: to, callId } = session
    // Relays and back-to-back agents change MSRP's own Message-ID; the one inside CPIM (RFC 5438 §6.3) stays.
    const inner = /^imdn\.Message-ID:[ \t]*(\S+)/im.exec(body.toString('latin1', 0, 2048))?.[1]
    const observed = {
      id: idOf('msrp', from, to, inner ?? first.messageId),
      timeMs,
      from,
      to,
      route,
      protocol: 'msrp',
      callId,
      type: content.type,
      text: content.text,
    }
    if (!emitMessage(observed, gate, sink.emit)) sink.dropped('no sender or recipient')
  }

  function frame(read: MsrpFrame, envelope: Envelope): void {
    if (read.method !== 'SEND') return
    const { headers } = read
    const fromPath = headers.get('from-path')
    const messageId = headers.get('message-id')
    if (fromPath === undefined || messageId === undefined) {
      sink.dropped('no path')
      return
    }
    const key = `${fromPath} ${messageId}`
    if (read.flag === '#') {
      chunks.abort(key)
      sink.dropped('message given up by its sender')
      return
    }
    const range = rangeOf(headers.get('byte-range'))
    const contentType = headers.get('content-type')
    // A SEND without a body opens a session or keeps it open (RFC 4975 §5.4).
    if (contentType === undefined || (read.bodyBytes === 0 && range.total <= 0)) return
    const session = sessions.find(fromPath) ?? reversed(sessions.find(headers.get('to-path')))
    if (session === undefined) {
      sink.dropped('no dialog for the session')
      return
    }
    const route: Route = { ...base, peer: envelope.source, transport: envelope.transport }
    const first: First = { session, messageId, contentType, timeMs: envelope.timeMs, route }
    chunks.add(key, range.start - 1, read.body, read.flag === '$', envelope.timeMs, first)
  }

  function readerOf(envelope: Envelope) {
    const name = `${envelope.source}:${envelope.sourcePort} ${envelope.destination}:${envelope.destinationPort}`
    let found = readers.get(name)
    if (found === undefined) {
      if (readers.size >= DIRECTIONS) for (const oldest of readers.keys()) if (readers.delete(oldest)) break
      const own = { ...envelope }
      const reader = createFrameReader({ frame: read => frame(read, own), dropped: sink.dropped }, false)
      found = { reader, envelope: own }
      readers.set(name, found)
    }
    return found
  }

  return {
    observe(bytes, start, end, envelope) {
      const direction = readerOf(envelope)
      direction.envelope.timeMs = envelope.timeMs
      direction.reader.push(bytes, start, end)
    },
    gap(envelope) {
      readerOf(envelope).reader.gap()
    },
    advance: chunks.expire,
    close() {
      readers.clear()
      chunks.flush()
    },
  }
}

/** Only the other endpoint is known: the one who speaks is its peer. */
function reversed(session: MsrpSession | undefined): MsrpSession | undefined {
  return session === undefined ? undefined : { party: session.peer, peer: session.party, callId: session.callId }
}

/** `1-25/25`, `1-*` + `/*`: where the octets begin, counted from 1, and how many there are in all (-1: not said). */
function rangeOf(header: string | undefined): { readonly start: number; readonly total: number } {
  const match = /^(\d{1,10})-(?:\d{1,10}|\*)\/(\d{1,10}|\*)$/.exec(header ?? '')
  if (match === null) return { start: 1, total: -1 }
  return { start: Math.max(1, Number(match[1])), total: match[2] === '*' ? -1 : Number(match[2]) }
}
