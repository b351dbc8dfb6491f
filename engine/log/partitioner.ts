import type { TopicSpec } from '../activity/index.ts'

const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/**
 * Kafka's 32-bit murmur2 (org.apache.kafka.common.utils.Utils.murmur2), bit for bit, as a signed 32-bit integer.
 * What Java producers hash keys with, so that an operator's own producers and we agree on the partition of a party.
 * @param length of the bytes to hash, from the first on
 */
export function murmur2(bytes: Uint8Array, length = bytes.length): number {
  let h = SEED ^ length
  const blocksEnd = length & ~3
  for (let i = 0; i < blocksEnd; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> R
    k = Math.imul(k, M)
    h = Math.imul(h, M) ^ k
  }
  const rest = length - blocksEnd
  if (rest === 3) h ^= bytes[blocksEnd + 2]! << 16
  if (rest >= 2) h ^= bytes[blocksEnd + 1]! << 8
  if (rest >= 1) {
    h ^= bytes[blocksEnd]!
    h = Math.imul(h, M)
  }
  h ^= h >>> 13
  h = Math.imul(h, M)
  h ^= h >>> 15
  return h | 0
}

const encoder = new TextEncoder()
const scratch = new Uint8Array(1024)

/**
 * The partition of a key among `partitions`, as Kafka's default partitioner chooses it: `toPositive(murmur2(key)) % n`
 * over the key's UTF-8 bytes. A null key goes to partition 0 (only topics without a key have null keys).
 */
export function partitionOf(key: string | null, partitions: number): number {
  if (key === null || partitions === 1) return 0
  // Three bytes at most for each UTF-16 unit.
  if (key.length * 3 > scratch.length) return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions
  return (murmur2(scratch, writeKey(key)) & 0x7fffffff) % partitions
}

/** Writes a key to the scratch; gives how many bytes. Numbers, nearly all keys, need no call out of V8. */
function writeKey(key: string): number {
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i)
    if (unit > 0x7f) return encoder.encodeInto(key, scratch).written
    scratch[i] = unit
  }
  return key.length
}

/** Number of partitions of a topic: those of the log, or one for a topic without a key. */
export function partitionsOf(spec: TopicSpec, partitions: number): number {
  return spec.key === 'none' ? 1 : partitions
}
