/**
 * A record batch of format 2, big-endian (org.apache.kafka.common.record.DefaultRecordBatch):
 *
 *   0 base offset i64, 8 length i32 of what follows it, 12 leader epoch i32, 16 magic i8, 17 crc32c u32 of what follows it,
 *   21 attributes i16, 23 last offset delta i32, 27 base timestamp i64, 35 max timestamp i64, 43 producer id i64,
 *   51 producer epoch i16, 53 base sequence i32, 57 records i32, 61 the records, compressed or not
 *
 * A record: length, attributes i8, timestamp delta, offset delta, key, value, headers; all numbers zigzag varints.
 */
export const LENGTH_AT = 8
export const MAGIC_AT = 16
export const CRC_AT = 17
export const ATTRIBUTES_AT = 21
export const HEADER_BYTES = 61
export const MAGIC = 2

/** Bits of the attributes. */
export const CODEC = 0x07
export const LOG_APPEND_TIME = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20

/** Name of the header that carries event time in milliseconds, as decimal digits. */
export const TIME_HEADER = 'time'

/** Name of the header that carries the trace (W3C trace context, as other tools write and read it). */
export const TRACE_HEADER = 'traceparent'
