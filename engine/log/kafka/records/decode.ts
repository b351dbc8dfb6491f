import { messageOf } from '../../../errors/index.ts'
import type { StoredRecord } from '../../port.ts'
import { codecName, decompress } from './codecs.ts'
import { crc32c } from './crc32c.ts'
import {
  ATTRIBUTES_AT,
  CODEC,
  CONTROL,
  CRC_AT,
  HEADER_BYTES,
  LENGTH_AT,
  LOG_APPEND_TIME,
  MAGIC,
  MAGIC_AT,
  TIME_HEADER,
  TRACE_HEADER,
  TRANSACTIONAL,
} from './format.ts'

/** A transaction that was aborted: its producer's records from this offset to the abort marker are not to be seen. */
export interface Aborted {
  readonly producerId: number
  readonly firstOffset: number
}

export interface Decoded {
  readonly records: StoredRecord[]
  /** Past everything that was looked at, control records and aborted transactions included; `from` when nothing was whole. */
  readonly nextOffset: number
}

/** Control records of this type end a transaction that is aborted. */
const ABORT = 0

/**
 * Decodes what a fetch brought for one partition, from offset `from` on. The last batch may be cut off: it comes again.
 * A batch that cannot be read (its checksum is wrong, its codec fails, its format is of a client before Kafka 0.11) gives
 * one record with the batch's bytes and the reason in `unreadable`, so that it can be parked and passed, not lost.
 */
export function decodeRecords(set: Buffer, from: number, aborted: readonly Aborted[]): Decoded {
  const records: StoredRecord[] = []
  const pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const aborting = new Set<number>()
  let nextOffset = from
  let at = 0
  while (at + MAGIC_AT + 1 <= set.length) {
    const end = at + LENGTH_AT + 4 + set.readInt32BE(at + LENGTH_AT)
    if (end > set.length || end < at + MAGIC_AT + 1) break
    const batch = set.subarray(at, end)
    at = end
    const reason = damageOf(batch)
    const lastOffset = reason?.old ? int64(batch, 0) : int64(batch, 0) + batch.readInt32BE(23)
    nextOffset = Math.max(nextOffset, lastOffset + 1)
    if (lastOffset < from) continue
    if (reason !== undefined) {
      records.push(parked(batch, Math.max(from, int64(batch, 0)), reason.says))
      continue
    }
    while (pending.length > 0 && pending[0]!.firstOffset <= lastOffset) aborting.add(pending.shift()!.producerId)
    const attributes = batch.readInt16BE(ATTRIBUTES_AT)
    const producerId = int64(batch, 43)
    if ((attributes & CONTROL) !== 0) {
      if (controlType(batch) === ABORT) aborting.delete(producerId)
      continue
    }
    if ((attributes & TRANSACTIONAL) !== 0 && aborting.has(producerId)) continue
    const before = records.length
    try {
      decodeBatch(batch, attributes, from, records)
    } catch (error) {
      records.length = before
      records.push(
        parked(batch, Math.max(from, int64(batch, 0)), `${codecName(attributes & CODEC)}: ${messageOf(error)}`),
      )
    }
  }
  return { records, nextOffset }
}

function damageOf(batch: Buffer): { readonly says: string; readonly old: boolean } | undefined {
  const magic = batch[MAGIC_AT]!
  if (magic < MAGIC) return { says: `a record of format ${magic}, from a client older than Kafka 0.11`, old: true }
  if (magic > MAGIC) return { says: `a record batch of format ${magic}, which is not known`, old: false }
  if (batch.length < HEADER_BYTES) return { says: 'a record batch without its header', old: true }
  const stated = batch.readUInt32BE(CRC_AT)
  if (crc32c(batch, ATTRIBUTES_AT) !== stated) return { says: 'the checksum of the record batch is wrong', old: false }
  return undefined
}

function parked(batch: Buffer, offset: number, unreadable: string): StoredRecord {
  const timeMs = batch.length >= HEADER_BYTES ? int64(batch, 35) : 0
  return { offset, key: null, value: batch, timeMs: Math.max(0, timeMs), unreadable }
}

/** Where the reader of varints below stands. */
let cursor = 0

function decodeBatch(batch: Buffer, attributes: number, from: number, into: StoredRecord[]): void {
  const baseOffset = int64(batch, 0)
  const baseMs = int64(batch, 27)
  const appendMs = (attributes & LOG_APPEND_TIME) === 0 ? undefined : int64(batch, 35)
  const lastDelta = batch.readInt32BE(23)
  const count = batch.readInt32BE(57)
  const unpacked = decompress(attributes & CODEC, batch.subarray(HEADER_BYTES))
  const bytes = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length)
  cursor = 0
  for (let i = 0; i < count; i++) {
    const length = varint(bytes)
    const end = cursor + length
    if (length < 0 || end > bytes.length) throw new RangeError(`record ${i} of ${count} reaches beyond its batch`)
    cursor++
    const timeDelta = varint(bytes)
    const delta = varint(bytes)
    // Else a record that is damaged under a right checksum could pass for one that was read before.
    if (delta < 0 || delta > lastDelta) throw new RangeError(`record ${i} of ${count} lies outside its batch`)
    const offset = baseOffset + delta
    if (offset < from) {
      cursor = end
      continue
    }
    const key = field(bytes, end)
    const value = field(bytes, end)
    const timeMs = eventTime(bytes, end) ?? appendMs ?? baseMs + timeDelta
    const name = key === null ? null : key.toString()
    into.push(
      traceParent === undefined
        ? { offset, key: name, value, timeMs }
        : { offset, key: name, value, timeMs, traceParent },
    )
    cursor = end
  }
}

/** Length and bytes; null for a length of -1. */
function field(bytes: Buffer, end: number): Buffer | null {
  const length = varint(bytes)
  if (length < 0) return null
  const from = cursor
  cursor += length
  if (cursor > end) throw new RangeError('a field reaches beyond its record')
  return bytes.subarray(from, cursor)
}

/** Trace context of the record whose headers were read last. */
let traceParent: string | undefined

/** Event time out of the headers; undefined for records of other producers, whose time is the record's own. */
function eventTime(bytes: Buffer, end: number): number | undefined {
  let found: number | undefined
  traceParent = undefined
  for (let left = varint(bytes); left > 0; left--) {
    const nameLength = varint(bytes)
    const isTime = isNamed(bytes, nameLength, TIME_HEADER)
    const isTrace = isNamed(bytes, nameLength, TRACE_HEADER)
    cursor += nameLength
    const valueLength = Math.max(0, varint(bytes))
    if (isTrace) traceParent = bytes.toString('latin1', cursor, cursor + valueLength)
    if (isTime) found = decimalAt(bytes, cursor, cursor + valueLength) ?? found
    cursor += valueLength
    if (cursor > end) throw new RangeError('a header reaches beyond its record')
  }
  return found
}

/** Whether a name of so many bytes at the cursor is this one, of Latin letters; compared in place, as every record has one. */
function isNamed(bytes: Buffer, length: number, name: string): boolean {
  if (length !== name.length) return false
  for (let i = 0; i < length; i++) if (bytes[cursor + i] !== name.charCodeAt(i)) return false
  return true
}

function decimalAt(bytes: Buffer, from: number, to: number): number | undefined {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) {
      // A time with a fraction, or before 1970: rare enough for the long way.
      const parsed = Number(bytes.toString('latin1', from, to))
      return Number.isFinite(parsed) ? parsed : undefined
    }
    value = value * 10 + digit
  }
  return to > from ? value : undefined
}

/** A zigzag varint of up to 64 bits at the cursor; exact up to 2^53. */
function varint(bytes: Buffer): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = bytes[cursor++]
    if (byte === undefined) throw new RangeError('a number reaches beyond its batch')
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    scale *= 128
    if (scale > 2 ** 63) throw new RangeError('a number that never ends')
  }
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4)
}

/** A control record's key: version i16, type i16. */
function controlType(batch: Buffer): number | undefined {
  try {
    cursor = HEADER_BYTES
    const end = varint(batch) + cursor
    cursor++
    varint(batch)
    varint(batch)
    return field(batch, end)?.readInt16BE(2)
  } catch {
    return undefined
  }
}
