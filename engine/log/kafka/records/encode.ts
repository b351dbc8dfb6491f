import { gzipSync } from 'node:zlib'
import { GZIP } from './codecs.ts'
import { crc32c } from './crc32c.ts'
import { ATTRIBUTES_AT, CRC_AT, HEADER_BYTES, LENGTH_AT, MAGIC, TIME_HEADER, TRACE_HEADER } from './format.ts'

/** A record to be sent. */
export interface OutRecord {
  readonly key: string | null
  readonly value: Uint8Array | null
  /** Event time; goes as a header, since retention goes by the batch's own time. */
  readonly timeMs: number
  readonly traceParent?: string
}

export interface BatchOptions {
  /** The records' own time for the broker: when they were appended. */
  readonly timestampMs: number
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Of the first record; the broker knows by it what it has already. */
  readonly sequence: number
  readonly compression: 'none' | 'gzip'
  /** Gives the memory for the batch; default new memory. */
  readonly allocate?: (bytes: number) => Buffer
}

const headerKey = Buffer.from(TIME_HEADER, 'latin1')
const traceKey = Buffer.from(TRACE_HEADER, 'latin1')

/**
 * Encodes records as one record batch of format 2 (Kafka 0.11 and later), checksum included. Sized first and then
 * written in place: kafkajs makes several buffers and objects for each record and copies lists of them over and over,
 * which was more than half of a tap's processor time (npm run bench -- kafka).
 */
export function encodeBatch(records: readonly OutRecord[], options: BatchOptions): Buffer {
  const compressed = options.compression === 'gzip'
  const bodies = new Int32Array(records.length)
  let size = 0
  for (let i = 0; i < records.length; i++) {
    const body = bodyBytes(records[i]!, i)
    bodies[i] = body
    size += varintBytes(body) + body
  }
  let batch = (options.allocate ?? Buffer.allocUnsafe)(HEADER_BYTES + size)
  let at = HEADER_BYTES
  for (let i = 0; i < records.length; i++) at = writeRecord(batch, at, records[i]!, i, bodies[i]!)
  if (compressed) {
    const packed = gzipSync(batch.subarray(HEADER_BYTES), { level: 1 })
    batch = Buffer.concat([batch.subarray(0, HEADER_BYTES), packed])
  }
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(batch.length - LENGTH_AT - 4, LENGTH_AT)
  batch.writeInt32BE(0, 12)
  batch[16] = MAGIC
  batch.writeInt16BE(compressed ? GZIP : 0, ATTRIBUTES_AT)
  batch.writeInt32BE(records.length - 1, 23)
  const time = BigInt(options.timestampMs)
  batch.writeBigInt64BE(time, 27)
  batch.writeBigInt64BE(time, 35)
  batch.writeBigInt64BE(options.producerId, 43)
  batch.writeInt16BE(options.producerEpoch, 51)
  batch.writeInt32BE(options.sequence, 53)
  batch.writeInt32BE(records.length, 57)
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
  return batch
}

/** Bytes of a record after its length. */
function bodyBytes({ key, value, timeMs, traceParent }: OutRecord, offsetDelta: number): number {
  const keyBytes = key === null ? 0 : Buffer.byteLength(key)
  const valueBytes = value === null ? 0 : value.length
  const timeBytes = decimalBytes(timeMs)
  return (
    // Attributes and the delta of the timestamp, both zero.
    2 +
    varintBytes(offsetDelta) +
    varintBytes(key === null ? -1 : keyBytes) +
    keyBytes +
    varintBytes(value === null ? -1 : valueBytes) +
    valueBytes +
    // One header, or two.
    1 +
    (traceParent === undefined
      ? 0
      : varintBytes(traceKey.length) + traceKey.length + varintBytes(traceParent.length) + traceParent.length) +
    varintBytes(headerKey.length) +
    headerKey.length +
    varintBytes(timeBytes) +
    timeBytes
  )
}

function writeRecord(out: Buffer, from: number, record: OutRecord, offsetDelta: number, body: number): number {
  const { key, value, traceParent } = record
  let at = writeVarint(out, from, body)
  out[at++] = 0
  out[at++] = 0
  at = writeVarint(out, at, offsetDelta)
  if (key === null) at = writeVarint(out, at, -1)
  else {
    at = writeVarint(out, at, Buffer.byteLength(key))
    at += out.write(key, at)
  }
  if (value === null) at = writeVarint(out, at, -1)
  else {
    at = writeVarint(out, at, value.length)
    out.set(value, at)
    at += value.length
  }
  at = writeVarint(out, at, traceParent === undefined ? 1 : 2)
  if (traceParent !== undefined) {
    at = writeVarint(out, at, traceKey.length)
    out.set(traceKey, at)
    at = writeVarint(out, at + traceKey.length, traceParent.length)
    at += out.write(traceParent, at, 'latin1')
  }
  at = writeVarint(out, at, headerKey.length)
  out.set(headerKey, at)
  at += headerKey.length
  const time = decimalBytes(record.timeMs)
  at = writeVarint(out, at, time)
  return writeDecimal(out, at, record.timeMs, time)
}

/** Bytes of the decimal digits of a time. */
function decimalBytes(timeMs: number): number {
  if (!isPlain(timeMs)) return String(timeMs).length
  let bytes = 1
  for (let bound = 10; timeMs >= bound; bound *= 10) bytes++
  return bytes
}

/**
 * Digits go to their bytes without a string between: V8 keeps the string of every number that it writes down in a cache,
 * where it lives just long enough to be made old, and full collections came to fetch it.
 */
function writeDecimal(out: Buffer, from: number, timeMs: number, bytes: number): number {
  if (!isPlain(timeMs)) return from + out.write(String(timeMs), from, 'latin1')
  let left = timeMs
  for (let at = from + bytes - 1; at >= from; at--) {
    const tenth = Math.floor(left / 10)
    out[at] = 0x30 + (left - tenth * 10)
    left = tenth
  }
  return from + bytes
}

/** A time with a fraction, or before 1970, is rare enough for the long way. */
const isPlain = (timeMs: number) => timeMs >= 0 && Number.isSafeInteger(timeMs)

/** Bytes of a 32-bit zigzag varint. */
function varintBytes(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5
}

function writeVarint(out: Buffer, from: number, value: number): number {
  let at = from
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  while (zigzag >= 0x80) {
    out[at++] = (zigzag & 0x7f) | 0x80
    zigzag >>>= 7
  }
  out[at++] = zigzag
  return at
}
