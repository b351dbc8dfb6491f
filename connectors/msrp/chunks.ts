/** Parts of a message put together by their places in it. */
export interface ChunkJoiner<T> {
  /**
   * Takes the octets that stand from `offset` on. `last` says that the message ends with them. Gives the message out when it is
   * whole.
   */
  add(key: string, offset: number, octets: Buffer, last: boolean, timeMs: number, first: T): void
  /** The sender has given the message up (`#`). True when parts of it were held. */
  abort(key: string): boolean
  expire(timeMs: number): void
  flush(): void
  readonly size: number
  readonly bytes: number
}

export interface ChunkLimits {
  readonly messages: number
  /** Octets held over all messages. */
  readonly bytes: number
  readonly waitMs: number
}

interface Waiting<T> {
  readonly first: T
  readonly sinceMs: number
  readonly parts: Map<number, Buffer>
  /** Octets of the whole, -1 until its last part has come. */
  total: number
  bytes: number
}

/** Parts of one message at most: RFC 4975 §7.1.1 advises chunks of 2,048 octets, so this is 4 MB of text. */
const PARTS = 2048

/**
 * Joins chunks by Byte-Range, in whatever order they come. Bounded in messages, octets, parts and time: the oldest is given out
 * as far as it came. `whole` is false for those.
 */
export function createChunkJoiner<T>(
  limits: ChunkLimits,
  give: (first: T, body: Buffer, whole: boolean) => void,
): ChunkJoiner<T> {
  const waiting = new Map<string, Waiting<T>>()
  let bytes = 0

  function take(key: string, message: Waiting<T>): Buffer {
    waiting.delete(key)
    bytes -= message.bytes
    return Buffer.concat([...message.parts].sort((a, b) => a[0] - b[0]).map(([, octets]) => octets))
  }

  function giveUpOldest(): void {
    for (const [key, message] of waiting) {
      give(message.first, take(key, message), false)
      return
    }
  }

  return {
    add(key, offset, octets, last, timeMs, first) {
      let message = waiting.get(key)
      if (message === undefined) {
        // Most messages are one chunk: they never touch the table.
        if (last && offset === 0) {
          give(first, octets, true)
          return
        }
        if (waiting.size >= limits.messages) giveUpOldest()
        message = { first, sinceMs: timeMs, parts: new Map(), total: -1, bytes: 0 }
        waiting.set(key, message)
      }
      if (!message.parts.has(offset)) {
        message.parts.set(offset, octets)
        message.bytes += octets.length
        bytes += octets.length
      }
      if (last) message.total = offset + octets.length
      if (message.total >= 0 && message.bytes >= message.total) give(message.first, take(key, message), true)
      else if (message.parts.size > PARTS) give(message.first, take(key, message), false)
      while (bytes > limits.bytes) giveUpOldest()
    },
    abort(key) {
      const message = waiting.get(key)
      if (message === undefined) return false
      take(key, message)
      return true
    },
    expire(timeMs) {
      for (const [, message] of waiting) {
        if (timeMs - message.sinceMs < limits.waitMs) return
        giveUpOldest()
      }
    },
    flush() {
      while (waiting.size > 0) giveUpOldest()
    },
    get size() {
      return waiting.size
    },
    get bytes() {
      return bytes
    },
  }
}
