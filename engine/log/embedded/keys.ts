import { createHash } from 'node:crypto'

/** LMDB keys: binary, so that byte order is the order of (topic, partition, offset). */

/** Place of a record or frame: topic u8, partition u16, offset u64, big-endian. */
export function recordKey(topic: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(11)
  key[0] = topic
  key.writeUInt16BE(partition, 1)
  key.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), 3)
  key.writeUInt32BE(offset >>> 0, 7)
  return key
}

/** Offset inside a record key. */
export function offsetOf(key: Buffer): number {
  return key.readUInt32BE(3) * 0x1_0000_0000 + key.readUInt32BE(7)
}

/** LMDB keys end at 1,978 bytes; keys longer than this stand in the index by their SHA-256. */
const LONGEST_PLAIN_KEY = 512

/** Place in the index of a compacted topic: topic u8, partition u16, then the record's key. */
export function latestKey(topic: number, partition: number, key: Uint8Array): Buffer {
  const long = key.length > LONGEST_PLAIN_KEY
  const tail = long ? createHash('sha256').update(key).digest() : key
  const out = Buffer.allocUnsafe(4 + tail.length)
  out[0] = topic
  out.writeUInt16BE(partition, 1)
  out[3] = long ? 1 : 0
  out.set(tail, 4)
  return out
}

/** Place of a tombstone in the queue of those to be removed: time of appending f64, then its record key. */
export function tombstoneKey(appendedMs: number, record: Buffer): Buffer {
  const out = Buffer.allocUnsafe(8 + record.length)
  // Big-endian doubles order as numbers for all times after 1970.
  out.writeDoubleBE(appendedMs, 0)
  out.set(record, 8)
  return out
}

/** A committed position: `group NUL topic NUL partition`. */
export function commitKey(group: string, topic: string, partition: number): Buffer {
  return Buffer.from(`${group}\0${topic}\0${partition}`)
}

/** A whole number up to 2^53 as eight bytes. */
export function offsetValue(offset: number): Buffer {
  const value = Buffer.allocUnsafeSlow(8)
  value.writeDoubleLE(offset, 0)
  return value
}
