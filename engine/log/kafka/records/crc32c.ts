/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78

/** Eight tables of 256: entry `t * 256 + b` is what byte `b` does to the sum `t` bytes later. */
const tables = (() => {
  const table = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1
    table[byte] = sum
  }
  for (let i = 256; i < table.length; i++) table[i] = (table[i - 256]! >>> 8) ^ table[table[i - 256]! & 0xff]!
  return table
})()

/**
 * CRC-32C (RFC 3720 appendix B.4) of `bytes[from, to)`, which Kafka puts on record batches; unsigned. Eight bytes a
 * step: measured 1.4 GB/s, against 0.4 GB/s a byte a step (kafkajs), which was 5 % of an engine's time.
 */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const t = tables
  let sum = -1
  let i = from
  for (const whole = from + ((to - from) & ~7); i < whole; i += 8) {
    const low = sum ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24))
    sum =
      t[1792 + (low & 0xff)]! ^
      t[1536 + ((low >>> 8) & 0xff)]! ^
      t[1280 + ((low >>> 16) & 0xff)]! ^
      t[1024 + (low >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!
  }
  for (; i < to; i++) sum = (sum >>> 8) ^ t[(sum ^ bytes[i]!) & 0xff]!
  return ~sum >>> 0
}
