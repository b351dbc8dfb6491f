/** What is left over of one chunk, put before the next. */
export interface Carry {
  /** The left-over bytes followed by the chunk: the chunk itself where nothing was left. Valid until the next call. */
  join(chunk: Uint8Array): Uint8Array
  /** Keeps `bytes[from, …)` of what `join` gave. */
  keep(bytes: Uint8Array, from: number): void
  readonly length: number
}

const NO_BYTES = new Uint8Array(0)

/**
 * One buffer that grows by doubling: a source of tiny chunks costs each byte a few copies, not one for every chunk that
 * an incomplete record waits for.
 */
export function createCarry(): Carry {
  let buffer: Uint8Array = NO_BYTES
  let length = 0
  return {
    join(chunk) {
      if (length === 0) return chunk
      const total = length + chunk.length
      if (total > buffer.length) {
        const grown = new Uint8Array(Math.max(512, 2 * total))
        grown.set(buffer.subarray(0, length))
        buffer = grown
      }
      buffer.set(chunk, length)
      return buffer.subarray(0, total)
    },
    keep(bytes, from) {
      const left = bytes.length - from
      if (bytes.buffer === buffer.buffer) {
        if (from > 0) buffer.copyWithin(0, from, bytes.length)
      } else if (left > 0) {
        if (left > buffer.length) buffer = new Uint8Array(Math.max(512, 2 * left))
        buffer.set(bytes.subarray(from))
      }
      length = left
    },
    get length() {
      return length
    },
  }
}
