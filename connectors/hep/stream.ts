import { isHep3 } from './decoder.ts'

/** Takes one whole packet of a stream. */
export type HepFrameSink = (bytes: Uint8Array, start: number, end: number) => void

/** Cuts a byte stream of HEP3 packets (TCP, TLS) into packets. HEPv1 and v2 have no length and exist on UDP only. */
export interface HepStream {
  /** Takes the next bytes. False when the stream makes no sense any more and should be closed. */
  push(bytes: Uint8Array, start: number, end: number): boolean
  /** Bytes are missing before what comes next: start over at the next packet. */
  gap(): void
  /** Bytes held back for a packet that is not complete yet: at most 65,535. */
  readonly buffered: number
}

const HEADER_BYTES = 6
const MAX_PACKET_BYTES = 65_535
/** Garbage passed over in search of the next `HEP3` before the stream is given up. */
const MAX_GARBAGE_BYTES = 1 << 20

/**
 * @param frame takes each packet; its bytes are valid during the call
 * @param resynchronised called with the bytes passed over whenever the stream had to be searched for the next packet
 */
export function createHepStream(frame: HepFrameSink, resynchronised: (bytes: number) => void): HepStream {
  // One packet at most, held only when it spans two pushes.
  let held: Uint8Array = new Uint8Array(0)
  let heldBytes = 0
  let garbage = 0

  return {
    push(bytes, start, end) {
      let at = start
      while (heldBytes > 0 && at < end) {
        at = complete(bytes, at, end)
        if (heldBytes > 0 && at === end) return garbage <= MAX_GARBAGE_BYTES
      }
      at = frames(bytes, at, end)
      if (at < end) hold(bytes, at, end)
      return garbage <= MAX_GARBAGE_BYTES
    },
    gap() {
      heldBytes = 0
    },
    get buffered() {
      return heldBytes
    },
  }

  /** Whole packets of `bytes[at, end)`; gives where the first incomplete one begins. */
  function frames(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (end - at >= HEADER_BYTES) {
      const length = (bytes[at + 4]! << 8) | bytes[at + 5]!
      if (!isHep3(bytes, at, end) || length < HEADER_BYTES) {
        at = search(bytes, at, end)
        continue
      }
      if (at + length > end) return at
      frame(bytes, at, at + length)
      garbage = 0
      at += length
    }
    return at
  }

  /** Where the next `HEP3` begins behind `at`, or the tail that may be the beginning of one. */
  function search(bytes: Uint8Array, at: number, end: number): number {
    let next = at + 1
    while (next < end && !mayBegin(bytes, next, end)) next++
    garbage += next - at
    resynchronised(next - at)
    return next
  }

  function hold(bytes: Uint8Array, at: number, end: number): void {
    const length = end - at
    if (held.length < length) held = new Uint8Array(Math.max(2048, Math.min(MAX_PACKET_BYTES, 2 * length)))
    held.set(bytes.subarray(at, end))
    heldBytes = length
  }

  /** Adds to the packet held what it lacks, and gives it out once whole; gives how far `bytes` was used. */
  function complete(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    const wanted = heldBytes < HEADER_BYTES ? HEADER_BYTES : (held[4]! << 8) | held[5]!
    const take = Math.min(wanted - heldBytes, end - at)
    if (held.length < wanted) {
      const grown = new Uint8Array(wanted)
      grown.set(held.subarray(0, heldBytes))
      held = grown
    }
    held.set(bytes.subarray(at, at + take), heldBytes)
    heldBytes += take
    at += take
    if (heldBytes < HEADER_BYTES || heldBytes < wanted) return at
    const length = (held[4]! << 8) | held[5]!
    if (!isHep3(held, 0, heldBytes) || length < HEADER_BYTES) {
      const next = search(held, 0, heldBytes)
      held.copyWithin(0, next, heldBytes)
      heldBytes -= next
      return at
    }
    if (heldBytes < length) return at
    heldBytes = 0
    frame(held, 0, length)
    garbage = 0
    return at
  }
}

/** Could `bytes[at, end)` be the beginning of a packet, as far as it goes? */
function mayBegin(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    bytes[at] === 0x48 &&
    (at + 1 >= end || bytes[at + 1] === 0x45) &&
    (at + 2 >= end || bytes[at + 2] === 0x50) &&
    (at + 3 >= end || bytes[at + 3] === 0x33)
  )
}
