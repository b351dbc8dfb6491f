import { gunzipSync } from 'node:zlib'
import { decompress as unzstd } from 'fzstd'
import { unlz4 } from './lz4.ts'
import { unsnappy } from './snappy.ts'

export const GZIP = 1
const SNAPPY = 2
const LZ4 = 3
const ZSTD = 4

/** What a batch may unfold to at the most: Kafka's own limit on a request is 100 MB. */
export const MOST_BYTES = 128 * 1024 * 1024

/**
 * Unpacks the records of a batch as its attributes say they are compressed. We write plain or gzip; other producers, and
 * brokers whose `compression.type` names a codec, may choose any of Kafka's four.
 * Throws in one line what is wrong with the bytes.
 */
export function decompress(codec: number, packed: Uint8Array): Uint8Array {
  switch (codec) {
    case 0:
      return packed
    case GZIP:
      return gunzipSync(packed, { maxOutputLength: MOST_BYTES })
    case SNAPPY:
      return unsnappy(packed, MOST_BYTES)
    case LZ4:
      return unlz4(packed, MOST_BYTES)
    case ZSTD:
      return unzstdBounded(packed)
    default:
      throw new Error(`codec ${codec} is none of Kafka's`)
  }
}

/** Name of a codec, for messages. */
export function codecName(codec: number): string {
  return ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'][codec] ?? `codec ${codec}`
}

/** A frame says what it unfolds to, or nothing; a lie about it must not make us allocate beyond the bound. */
function unzstdBounded(packed: Uint8Array): Uint8Array {
  const stated = zstdContentSize(packed)
  if (stated !== undefined && stated > MOST_BYTES) throw new Error(`${stated} bytes, the most is ${MOST_BYTES}`)
  const unpacked = unzstd(packed)
  if (unpacked.length > MOST_BYTES) throw new Error(`${unpacked.length} bytes, the most is ${MOST_BYTES}`)
  return unpacked
}

/** Content size in a zstd frame's header (RFC 8878 §3.1.1.1); undefined when the frame does not say it. */
function zstdContentSize(frame: Uint8Array): number | undefined {
  const descriptor = frame[4] ?? 0
  const single = (descriptor & 0x20) !== 0
  const flag = descriptor >>> 6
  const bytes = flag === 0 ? (single ? 1 : 0) : 1 << flag
  if (bytes === 0) return undefined
  const at = 5 + (single ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!
  let size = 0
  for (let i = bytes - 1; i >= 0; i--) size = size * 256 + (frame[at + i] ?? 0)
  return flag === 1 ? size + 256 : size
}
