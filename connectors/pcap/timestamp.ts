/** Milliseconds since the epoch of a 64-bit timestamp in two halves. */
export type Timestamp = (high: number, low: number) => number

const TWO_32 = 4_294_967_296
/** The last millisecond that a JavaScript date has; captures beyond are damaged, and clamped. */
const LATEST_MS = 8.64e15

/**
 * Reads timestamps of a pcapng interface.
 * @param resolution if_tsresol: a power of ten, or of two when its highest bit is set
 * @param offsetSeconds if_tsoffset
 */
export function createTimestamp(resolution: number, offsetSeconds: number): Timestamp {
  const offsetMs = offsetSeconds * 1000
  const exponent = resolution & 0x7f
  if ((resolution & 0x80) !== 0) {
    const msPerUnit = 1000 / 2 ** exponent
    return (high, low) => clamp(Math.floor((high * TWO_32 + low) * msPerUnit) + offsetMs)
  }
  // Nanoseconds since 1970 exceed 2^53: divide the halves apart, in two steps, so that no millisecond is off by one.
  if (exponent >= 3) {
    const first = 10 ** Math.min(exponent - 3, 6)
    const second = 10 ** Math.max(exponent - 9, 0)
    const quotient = Math.floor(TWO_32 / first)
    const remainder = TWO_32 % first
    return (high, low) => {
      const units = high * quotient + Math.floor((high * remainder + low) / first)
      return clamp(Math.floor(units / second) + offsetMs)
    }
  }
  const msPerUnit = 10 ** (3 - exponent)
  return (high, low) => clamp(Math.floor((high * TWO_32 + low) * msPerUnit) + offsetMs)
}

function clamp(timeMs: number): number {
  if (!(timeMs > 0)) return 0
  return Math.min(timeMs, LATEST_MS)
}
