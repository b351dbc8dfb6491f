/** Seeded generator of 32-bit numbers (mulberry32), so that a failing run can be repeated. */
export function generator(seed: number): () => number {
  let a = seed | 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
}

/** Copies `seed` into `out` with up to four damages: octets changed, cut out, doubled, cut short. Returns the length. */
export function mutate(seed: Uint8Array, out: Uint8Array, next: () => number): number {
  out.set(seed)
  let length = seed.length
  for (let i = next() & 3; i >= 0; i--) {
    if (length === 0) break
    const at = next() % length
    switch (next() % 6) {
      case 0:
        out[at] = next()
        break
      case 1:
        out[at]! ^= 1 << (next() & 7)
        break
      case 2:
        out.copyWithin(at, Math.min(length, at + (next() % 9)), length)
        length -= Math.min(length - at, next() % 9)
        break
      case 3: {
        const count = Math.min(next() % 40, out.length - length, length - at)
        out.copyWithin(at + count, at, length)
        length += count
        break
      }
      case 4:
        length = at
        break
      default:
        out[at] = [0, 0xff, 0x3c, 0x0a, 0x22, 0x7f][next() % 6]!
    }
  }
  return length
}

/** Heap in use in MB after a collection where one can be asked for. */
export function heapMb(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return process.memoryUsage().heapUsed / 1e6
}
