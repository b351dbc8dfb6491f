import type { Envelope } from '../signal.ts'
import type { TcpHeader } from './sink.ts'
import { createDirections, type Direction, type StreamConsumer } from './tcp-directions.ts'

export interface TcpOptions {
  /** Called with the first bytes of each direction. */
  readonly open: (envelope: Envelope) => StreamConsumer
  /** A hole was given up, a direction evicted. */
  readonly dropped: (reason: TcpDropReason) => void
  readonly limits?: TcpLimits
}

export const tcpDropReasons = ['tcp-gap', 'tcp-evicted'] as const
export type TcpDropReason = (typeof tcpDropReasons)[number]

export interface TcpLimits {
  /** Directions followed at once; default 65,536. */
  readonly maxDirections?: number
  /** Bytes one direction may hold beyond a hole; default 1 MiB. */
  readonly maxHeldBytes?: number
  /** Bytes all directions may hold together; default 64 MiB. */
  readonly maxTotalHeldBytes?: number
  /** How long a hole is waited for when nobody acknowledged it; default 2 s of capture time. */
  readonly holeMs?: number
  /** A direction that was silent this long is forgotten when room is needed; default 60 s. */
  readonly idleMs?: number
}

export interface TcpReassembler {
  segment(bytes: Uint8Array, start: number, end: number, envelope: Envelope, tcp: TcpHeader): void
  /** The capture has ended: what waits behind holes is given out. */
  flush(): void
  readonly directions: number
  readonly heldBytes: number
}

/** Beyond what any window holds: another connection on the same ports, whose SYN was not captured. */
const MAX_JUMP_BYTES = 16 << 20
/** An acknowledged hole is waited for this long: mirrors deliver the two directions slightly out of order. */
const ACKED_HOLE_MS = 200
const MAX_HELD_SEGMENTS = 4096

/**
 * TCP streams out of segments as captured: reordered, retransmitted, overlapping (the bytes that came first stay), begun
 * in mid-stream, with segments that were never captured. A hole is a gap once the receiver has acknowledged what lies
 * behind it, or time or memory run out; capture time, no clock.
 */
export function createTcpReassembler(options: TcpOptions): TcpReassembler {
  const { maxDirections = 65_536, maxHeldBytes = 1 << 20, maxTotalHeldBytes = 64 << 20 } = options.limits ?? {}
  const { holeMs = 2000, idleMs = 60_000 } = options.limits ?? {}
  const directions = createDirections()
  let totalHeld = 0

  return {
    segment(bytes, start, end, envelope, tcp) {
      const direction = follow(envelope, tcp, end === start)
      if (direction === undefined) return
      const timeMs = envelope.timeMs
      direction.lastMs = timeMs
      direction.envelope.timeMs = timeMs
      if (tcp.ack && direction.peer !== undefined) acknowledged(direction.peer, tcp.acknowledgement, timeMs)
      const sequence = tcp.syn ? (tcp.sequence + 1) >>> 0 : tcp.sequence
      if (tcp.syn) begin(direction, sequence)
      if (end > start && !direction.ignored) take(direction, sequence, bytes, start, end)
      if (tcp.fin) direction.fin = (sequence + end - start) >>> 0
      const over = direction.fin >= 0 && (direction.ignored || !direction.started || direction.next === direction.fin)
      if (tcp.rst || over) remove(direction)
    },
    flush() {
      for (const direction of directions.all()) {
        while (direction.held.length > 0) skipHole(direction)
        remove(direction)
      }
    },
    get directions() {
      return directions.size
    },
    get heldBytes() {
      return totalHeld
    },
  }

  /** The direction of a segment. Undefined where there is nothing to follow: the last ACK of an ended connection. */
  function follow(envelope: Envelope, tcp: TcpHeader, isEmpty: boolean): Direction | undefined {
    const known = directions.find(envelope)
    if (known !== undefined) return known
    if (isEmpty && !tcp.syn) {
      const peer = tcp.ack ? directions.findReverse(envelope) : undefined
      if (peer !== undefined) acknowledged(peer, tcp.acknowledgement, envelope.timeMs)
      return undefined
    }
    if (directions.size >= maxDirections) makeRoom(envelope.timeMs)
    return directions.add(envelope)
  }

  function begin(direction: Direction, next: number): void {
    if (direction.started && direction.next === next) return
    if (direction.started) restart(direction)
    direction.started = true
    direction.next = next
  }

  /** Another connection took over the ports. */
  function restart(direction: Direction): void {
    release(direction)
    direction.consumer?.close()
    direction.consumer = undefined
    direction.ignored = false
    direction.started = false
    direction.fin = -1
  }

  function take(direction: Direction, sequence: number, bytes: Uint8Array, start: number, end: number): void {
    if (!direction.started) {
      direction.started = true
      direction.next = sequence
    }
    const ahead = (sequence - direction.next) | 0
    if (ahead > MAX_JUMP_BYTES || ahead < -MAX_JUMP_BYTES) {
      restart(direction)
      direction.started = true
      direction.next = sequence
      deliver(direction, bytes, start, end)
    } else if (ahead <= 0) {
      // Old bytes are a retransmission or a keep-alive probe; what reaches beyond them is new.
      if (start - ahead < end) deliver(direction, bytes, start - ahead, end)
      drain(direction)
    } else {
      hold(direction, sequence, bytes, start, end)
    }
    if (direction.held.length > 0 && isGivenUp(direction)) skipHole(direction)
  }

  function isGivenUp(direction: Direction): boolean {
    const now = direction.lastMs
    return (
      direction.heldBytes > maxHeldBytes ||
      direction.held.length > MAX_HELD_SEGMENTS ||
      totalHeld > maxTotalHeldBytes ||
      now - direction.holeMs > holeMs ||
      (direction.ackedMs >= 0 && now - direction.ackedMs > ACKED_HOLE_MS)
    )
  }

  function deliver(direction: Direction, bytes: Uint8Array, start: number, end: number): void {
    direction.next = (direction.next + end - start) >>> 0
    direction.consumer ??= options.open(direction.envelope)
    if (direction.consumer.data(bytes, start, end, direction.envelope)) return
    direction.consumer.close()
    direction.consumer = undefined
    direction.ignored = true
    release(direction)
  }

  function hold(direction: Direction, sequence: number, bytes: Uint8Array, start: number, end: number): void {
    const { held } = direction
    let at = held.length
    while (at > 0 && ((held[at - 1]!.sequence - sequence) | 0) > 0) at--
    const before = held[at - 1]
    if (before !== undefined && before.sequence === sequence && before.bytes.length >= end - start) return
    held.splice(at, 0, { sequence, bytes: new Uint8Array(bytes.subarray(start, end)) })
    direction.heldBytes += end - start
    totalHeld += end - start
    if (direction.holeMs < 0) direction.holeMs = direction.lastMs
  }

  /** Gives out what has become contiguous. */
  function drain(direction: Direction): void {
    const { held } = direction
    let used = 0
    while (used < held.length && !direction.ignored) {
      const { sequence, bytes } = held[used]!
      const ahead = (sequence - direction.next) | 0
      if (ahead > 0) break
      used++
      direction.heldBytes -= bytes.length
      totalHeld -= bytes.length
      if (-ahead < bytes.length) deliver(direction, bytes, -ahead, bytes.length)
    }
    // A consumer that lost interest has had everything released already.
    if (used > 0 && held.length > 0) held.splice(0, used)
    if (held.length === 0) {
      direction.holeMs = -1
      direction.ackedMs = -1
    } else if (used > 0) {
      direction.holeMs = direction.lastMs
      direction.ackedMs = -1
    }
  }

  function skipHole(direction: Direction): void {
    options.dropped('tcp-gap')
    direction.consumer?.gap()
    direction.next = direction.held[0]!.sequence
    drain(direction)
  }

  /** The other side has acknowledged: was it beyond a hole? */
  function acknowledged(direction: Direction, acknowledgement: number, nowMs: number): void {
    const first = direction.held[0]
    if (first === undefined) return
    if (((acknowledgement - first.sequence) | 0) >= 0 && direction.ackedMs < 0) direction.ackedMs = nowMs
    if (nowMs > direction.lastMs) {
      direction.lastMs = nowMs
      direction.envelope.timeMs = nowMs
    }
    if (isGivenUp(direction)) skipHole(direction)
  }

  function release(direction: Direction): void {
    totalHeld -= direction.heldBytes
    direction.heldBytes = 0
    direction.held.length = 0
    direction.holeMs = -1
    direction.ackedMs = -1
  }

  /** Forgets the silent; when there are too few of them, the oldest. */
  function makeRoom(nowMs: number): void {
    const enough = maxDirections - (maxDirections >> 4) - 1
    const all = directions.all()
    for (const direction of all) if (nowMs - direction.lastMs > idleMs) evict(direction)
    for (const direction of all) if (directions.size > enough) evict(direction)
  }

  function evict(direction: Direction): void {
    if (direction.held.length > 0) options.dropped('tcp-evicted')
    remove(direction)
  }

  function remove(direction: Direction): void {
    release(direction)
    direction.consumer?.close()
    direction.consumer = undefined
    directions.remove(direction)
  }
}
