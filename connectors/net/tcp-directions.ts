import type { Envelope } from '../signal.ts'

/** What one direction of a connection says, in order. The envelope is the direction's own, its time that of delivery. */
export interface StreamConsumer {
  /** The next bytes, valid during the call. False when the stream is of no interest: nothing more of it will be given. */
  data(bytes: Uint8Array, start: number, end: number, envelope: Envelope): boolean
  /** Bytes that were never captured are missing before what comes next. */
  gap(): void
  /** The direction has ended, or is given up. */
  close(): void
}

export interface Held {
  readonly sequence: number
  readonly bytes: Uint8Array
}

export interface Direction {
  readonly envelope: Envelope
  readonly hash: number
  /** The next direction with the same hash. */
  chain: Direction | undefined
  peer: Direction | undefined
  consumer: StreamConsumer | undefined
  ignored: boolean
  started: boolean
  /** Sequence number expected next. */
  next: number
  /** Segments beyond a hole, in sequence order. */
  readonly held: Held[]
  heldBytes: number
  /** When the hole was first seen; when the receiver was first seen to have got past it; -1 for neither. */
  holeMs: number
  ackedMs: number
  /** Sequence number of FIN, -1 before it. */
  fin: number
  lastMs: number
}

/** The directions that are being followed, found by their addresses and ports, in the order in which they were added. */
export interface Directions {
  find(envelope: Envelope): Direction | undefined
  findReverse(envelope: Envelope): Direction | undefined
  add(envelope: Envelope): Direction
  remove(direction: Direction): void
  all(): Direction[]
  readonly size: number
}

/** An empty table: hash buckets with chains, so that finding a direction builds no key and allocates nothing. */
export function createDirections(): Directions {
  const buckets = new Map<number, Direction>()
  let size = 0

  const lookUp = (source: string, sourcePort: number, destination: string, destinationPort: number) => {
    let found = buckets.get(hashOf(source, sourcePort, destination, destinationPort))
    while (found !== undefined && !isOf(found.envelope, source, sourcePort, destination, destinationPort)) {
      found = found.chain
    }
    return found
  }
  const findReverse = (e: Envelope) => lookUp(e.destination, e.destinationPort, e.source, e.sourcePort)

  return {
    find: e => lookUp(e.source, e.sourcePort, e.destination, e.destinationPort),
    findReverse,
    add(envelope) {
      const { source, sourcePort, destination, destinationPort, timeMs } = envelope
      const hash = hashOf(source, sourcePort, destination, destinationPort)
      const peer = findReverse(envelope)
      const direction: Direction = {
        envelope: { ...envelope },
        hash,
        chain: buckets.get(hash),
        peer,
        consumer: undefined,
        ignored: false,
        started: false,
        next: 0,
        held: [],
        heldBytes: 0,
        holeMs: -1,
        ackedMs: -1,
        fin: -1,
        lastMs: timeMs,
      }
      if (peer !== undefined) peer.peer = direction
      buckets.set(hash, direction)
      size++
      return direction
    },
    remove(direction) {
      if (direction.peer !== undefined) direction.peer.peer = undefined
      direction.peer = undefined
      const first = buckets.get(direction.hash)
      if (first === direction) {
        if (direction.chain === undefined) buckets.delete(direction.hash)
        else buckets.set(direction.hash, direction.chain)
        size--
        return
      }
      let before = first
      while (before !== undefined && before.chain !== direction) before = before.chain
      if (before === undefined) return
      before.chain = direction.chain
      size--
    },
    all() {
      const directions: Direction[] = []
      for (const first of buckets.values()) {
        for (let direction: Direction | undefined = first; direction !== undefined; direction = direction.chain) {
          directions.push(direction)
        }
      }
      return directions
    },
    get size() {
      return size
    },
  }
}

function isOf(e: Envelope, source: string, sourcePort: number, destination: string, destinationPort: number): boolean {
  return (
    e.sourcePort === sourcePort &&
    e.destinationPort === destinationPort &&
    e.source === source &&
    e.destination === destination
  )
}

/** Texts of addresses are few and short: their characters are hashed, which costs less than building a key string. */
function hashOf(source: string, sourcePort: number, destination: string, destinationPort: number): number {
  let hash = Math.imul(sourcePort, 0x9e3779b1) ^ Math.imul(destinationPort, 0x85ebca6b)
  for (let i = 0; i < source.length; i++) hash = Math.imul(hash, 31) + source.charCodeAt(i)
  for (let i = 0; i < destination.length; i++) hash = Math.imul(hash, 33) + destination.charCodeAt(i)
  return hash | 0
}
