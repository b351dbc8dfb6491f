import { type Cursor, drop, has, STOP, u16, u32 } from './cursor.ts'
import type { TransportSink } from './sink.ts'

const DATA = 0
const I_DATA = 64
const BEGIN = 0x02
const END = 0x01

/** Messages in pieces held at once, and the bytes they may hold: a SIP message seldom exceeds one chunk. */
const MAX_PARTIAL = 256
const MAX_MESSAGE_BYTES = 65_535

interface Partial {
  /** Pieces by their number: TSN in DATA (RFC 9260 clause 6.9), FSN in I-DATA (RFC 8260 clause 2.1). */
  readonly pieces: Map<number, Uint8Array>
  first: number
  last: number
  bytes: number
}

/**
 * SCTP DATA and I-DATA chunks as user messages; messages in several chunks are put together in bounds.
 * Order between messages is left as captured: SIP transactions do not depend on it.
 */
export function createSctp(sink: TransportSink): (c: Cursor) => number {
  const partials = new Map<string, Partial>()

  return c => {
    if (!has(c, 12)) return drop(c, 'bad-transport')
    c.envelope.sourcePort = u16(c.bytes, c.at)
    c.envelope.destinationPort = u16(c.bytes, c.at + 2)
    c.envelope.transport = 'sctp'
    const tag = u32(c.bytes, c.at + 4)
    c.at += 12
    while (has(c, 4)) {
      const { bytes, at } = c
      const length = u16(bytes, at + 2)
      if (length < 4) return drop(c, 'bad-transport')
      const end = Math.min(c.end, at + length)
      const type = bytes[at]!
      const header = type === DATA ? 16 : 20
      if ((type === DATA || type === I_DATA) && at + header < end) chunk(c, tag, at, header, end)
      // Chunks are padded to four bytes; the padding is not counted in their length (RFC 9260 clause 3.2).
      c.at = at + ((length + 3) & ~3)
    }
    return STOP
  }

  function chunk(c: Cursor, tag: number, at: number, header: number, end: number): void {
    const flags = c.bytes[at + 1]!
    if ((flags & BEGIN) !== 0 && (flags & END) !== 0) {
      sink.datagram(c.bytes, at + header, end, c.envelope)
      return
    }
    const interleaved = header === 20
    // Stream and message of it; without interleaving the sequence number of the stream names the message.
    const message = interleaved ? u32(c.bytes, at + 12) : u16(c.bytes, at + 10)
    const number = interleaved ? ((flags & BEGIN) !== 0 ? 0 : u32(c.bytes, at + 16)) : u32(c.bytes, at + 4)
    const { source, sourcePort, destination, destinationPort } = c.envelope
    const key = `${source} ${sourcePort} ${destination} ${destinationPort} ${tag} ${u16(c.bytes, at + 8)} ${message}`
    let partial = partials.get(key)
    if (partial === undefined) {
      for (const oldest of partials.keys()) {
        if (partials.size < MAX_PARTIAL) break
        partials.delete(oldest)
        sink.dropped('fragment-expired')
      }
      partial = { pieces: new Map(), first: -1, last: -1, bytes: 0 }
      partials.set(key, partial)
    }
    if (partial.pieces.has(number)) return
    partial.pieces.set(number, new Uint8Array(c.bytes.subarray(at + header, end)))
    partial.bytes += end - at - header
    if ((flags & BEGIN) !== 0) partial.first = number
    if ((flags & END) !== 0) partial.last = number
    if (partial.bytes > MAX_MESSAGE_BYTES) {
      partials.delete(key)
      sink.dropped('fragment-overflow')
      return
    }
    const whole = join(partial)
    if (whole === undefined) return
    partials.delete(key)
    sink.datagram(whole, 0, whole.length, c.envelope)
  }
}

/** The message when every piece from first to last is there; numbers wrap at 32 bits. */
function join(partial: Partial): Uint8Array | undefined {
  const { pieces, first, last } = partial
  if (first < 0 || last < 0 || ((last - first) >>> 0) + 1 !== pieces.size) return undefined
  const whole = new Uint8Array(partial.bytes)
  let at = 0
  for (let i = 0; i < pieces.size; i++) {
    const piece = pieces.get((first + i) >>> 0)
    if (piece === undefined) return undefined
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
