import { isKnownCommand } from './commands.ts'

/** Octets of the header of every PDU (SMPP 3.4 clause 3.2). */
export const HEADER_BYTES = 16
/** Longest PDU believed in: message_payload itself may have 64 KB (clause 5.3.2.32), nothing beside it comes near. */
const MAX_PDU_BYTES = 65_536

export type FramerDrop = 'length out of range' | 'stream out of step' | 'stream cut within a PDU'

export interface FramerSink {
  /** One whole PDU, `bytes[start, end)`, valid only during the call. */
  pdu(bytes: Uint8Array, start: number, end: number): void
  dropped(reason: FramerDrop): void
}

export interface Framer {
  push(bytes: Uint8Array, start: number, end: number): void
  /** Octets are missing from the stream here: what was begun is given up, and the next PDU has to be found anew. */
  gap(): void
  /** The stream has ended. */
  end(): void
  /** Octets of an unfinished PDU held at the moment. */
  readonly held: number
}

/**
 * Cuts one direction of a connection into PDUs by their command_length. Holds one unfinished PDU at most, in memory that
 * grows only as its octets arrive. A length out of range, or a capture that begins in the middle, is followed by a search for the next header that can be one.
 * @param inStep whether the stream is known to begin with a PDU
 */
export function createFramer(sink: FramerSink, inStep: boolean): Framer {
  // Doubles as octets arrive, so that a PDU sent an octet at a time costs no more copying than one sent at once.
  let carry: Uint8Array = new Uint8Array(0)
  let held = 0
  let inSync = inStep

  function keep(bytes: Uint8Array, start: number, end: number): void {
    const length = held + end - start
    if (length > carry.length) {
      const larger = new Uint8Array(Math.max(256, carry.length * 2, length))
      larger.set(carry.subarray(0, held))
      carry = larger
    }
    carry.set(bytes.subarray(start, end), held)
    held = length
  }

  function release(): void {
    held = 0
    // A long PDU is the exception: its memory is not kept for the life of the connection.
    if (carry.length > 4096) carry = new Uint8Array(0)
  }

  /** First offset at or after `at` where a header can stand; `end - 15` at most when there is none. */
  function findHeader(bytes: Uint8Array, at: number, end: number): number {
    let i = at
    for (; i + HEADER_BYTES <= end; i++) {
      if (bytes[i] === 0 && lengthAt(bytes, i) !== 0 && isKnownCommand(wordAt(bytes, i + 4))) return i
    }
    return i
  }

  /** Gives out the whole PDUs in `bytes[start, end)`; returns where the unfinished rest begins. */
  function cut(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at + HEADER_BYTES <= end) {
      const length = lengthAt(bytes, at)
      if (inSync && length === 0) {
        sink.dropped('length out of range')
        inSync = false
      }
      if (!inSync) {
        const found = findHeader(bytes, at, end)
        if (found > at) sink.dropped('stream out of step')
        at = found
        if (at + HEADER_BYTES > end) return at
        inSync = true
        continue
      }
      if (at + length > end) return at
      sink.pdu(bytes, at, at + length)
      at += length
    }
    return at
  }

  return {
    push(bytes, start, end) {
      if (held === 0) {
        const rest = cut(bytes, start, end)
        if (rest < end) keep(bytes, rest, end)
        return
      }
      keep(bytes, start, end)
      if (held < HEADER_BYTES || (inSync && held < lengthAt(carry, 0))) return
      const whole = carry
      const rest = cut(whole, 0, held)
      const left = held - rest
      if (rest === 0) return
      release()
      if (left > 0) keep(whole, rest, rest + left)
    },
    gap() {
      if (held > 0) sink.dropped('stream cut within a PDU')
      release()
      inSync = false
    },
    end() {
      if (held > 0) sink.dropped('stream cut within a PDU')
      release()
    },
    get held() {
      return held
    },
  }
}

/** command_length at `at`, or 0 when it is out of range. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const length = wordAt(bytes, at)
  return length >= HEADER_BYTES && length <= MAX_PDU_BYTES ? length : 0
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Does `bytes[start, end)` open with the header of a PDU? `more` when there are too few octets to say. */
export function smppOpens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
  if (start < end && bytes[start] !== 0) return 'no'
  if (end - start < HEADER_BYTES) return 'more'
  return lengthAt(bytes, start) !== 0 && isKnownCommand(wordAt(bytes, start + 4)) ? 'yes' : 'no'
}
