import { type Hash128, hashText } from './murmur3.ts'

/** Hashes of texts that are about to be asked for, in the order in which they will be. */
export interface HashQueue {
  /** Forgets what was foreseen and not asked for. */
  clear(): void
  /** Hashes `text` into `out` and remembers it. */
  foresee(text: string, out: Hash128): void
  /** Hash of `text` into `out`: remembered, else computed. */
  of(text: string, out: Hash128): void
}

/** Texts foreseen and never asked for that are passed over at most. */
const LOOK_AHEAD = 4

/** A queue of the last `size` (a power of two) foreseen hashes. What it gives is the hash, foreseen or not. */
export function createHashQueue(seed: number, size = 256): HashQueue {
  const texts: string[] = new Array(size).fill('')
  const words = new Uint32Array(4 * size)
  let head = 0
  let tail = 0
  return {
    clear() {
      head = tail
    },
    foresee(text, out) {
      hashText(text, seed, out)
      const place = tail++ & (size - 1)
      texts[place] = text
      for (let w = 0; w < 4; w++) words[4 * place + w] = out[w]!
      if (tail - head > size) head = tail - size
    },
    of(text, out) {
      for (let next = head; next < tail && next < head + LOOK_AHEAD; next++) {
        const place = next & (size - 1)
        if (texts[place] !== text) continue
        for (let w = 0; w < 4; w++) out[w] = words[4 * place + w]!
        head = next + 1
        return
      }
      hashText(text, seed, out)
    },
  }
}
