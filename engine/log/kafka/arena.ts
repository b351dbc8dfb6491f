/** Memory that is used again for one request after another, outside V8's heap. */
export interface Arena {
  /** Uninitialised bytes, until the next `reset`. */
  take(bytes: number): Buffer
  /** What was taken is needed no more. */
  reset(): void
}

const FIRST_BYTES = 256 * 1024
/** What a request beyond this took is given back: a snapshot's pages must not stay for good. */
const KEPT_BYTES = 4 * 1024 * 1024

/**
 * Makes an arena. V8 counts memory of buffers outside its heap and collects everything, 10 to 25 ms long, for each 64 MB
 * of it: at half load requests alone had it do so once or twice a second in tap and engine.
 */
export function createArena(): Arena {
  let block = Buffer.alloc(0)
  let used = 0
  return {
    take(bytes) {
      if (used + bytes > block.length) {
        // Those who hold parts of the block before keep it alive.
        block = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, bytes, block.length * 2))
        used = 0
      }
      used += bytes
      return block.subarray(used - bytes, used)
    },
    reset() {
      used = 0
      if (block.length > KEPT_BYTES) block = Buffer.alloc(0)
    },
  }
}
