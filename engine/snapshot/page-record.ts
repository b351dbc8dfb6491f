import { crc32 } from 'node:zlib'
import { packedBound, packZeros, unpackZeros } from './pack.ts'

/**
 * One page as a record of the snapshots topic, all numbers little-endian:
 *
 *   0 version u8, 1 encoding u8 (0 as it is, 1 without zero runs), 2 zero u16, 4 generation u32,
 *   8 length of the page u32, 12 crc32 of the page u32, 16 the page as encoded
 */
const VERSION = 1
const HEADER_BYTES = 16
const PLAIN = 0
const PACKED = 1

export interface EncodedPage {
  readonly bytes: Uint8Array
  readonly crc: number
}

/** Encodes pages one after another with one scratch buffer. */
export function pageEncoder(): (page: Uint8Array, generation: number) => EncodedPage {
  let packed = new Uint32Array(0)
  return (page, generation) => {
    const crc = crc32(page)
    let encoding = PLAIN
    let body = page
    if (page.length % 4 === 0 && page.byteOffset % 4 === 0) {
      if (packed.byteLength < packedBound(page.length)) packed = new Uint32Array(packedBound(page.length) >>> 2)
      const length = packZeros(page, packed)
      if (length < page.length) {
        encoding = PACKED
        body = new Uint8Array(packed.buffer, 0, length)
      }
    }
    const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + body.length)
    bytes.writeUInt16LE(VERSION | (encoding << 8), 0)
    bytes.writeUInt16LE(0, 2)
    bytes.writeUInt32LE(generation, 4)
    bytes.writeUInt32LE(page.length, 8)
    bytes.writeUInt32LE(crc, 12)
    bytes.set(body, HEADER_BYTES)
    return { bytes, crc }
  }
}

/** Generation of a page record; undefined when it is none. */
export function generationOf(record: Buffer): number | undefined {
  return record.length < HEADER_BYTES || record[0] !== VERSION ? undefined : record.readUInt32LE(4)
}

/** The most a page may hold: what a damaged length must not make us allocate beyond. */
const LONGEST_PAGE = 64 * 1024 * 1024

/**
 * Decodes page records one after another; the bytes given are valid until the next call.
 * undefined when the record is damaged or its checksum is not `crc`.
 */
export function pageDecoder(): (record: Buffer, crc: number) => Uint8Array | undefined {
  let scratch = new Uint32Array(0)
  let aligned = new Uint32Array(0)
  return (record, crc) => {
    if (generationOf(record) === undefined || record.readUInt32LE(12) !== crc) return undefined
    const length = record.readUInt32LE(8)
    const body = record.subarray(HEADER_BYTES)
    let page: Uint8Array
    if (record[1] === PLAIN) {
      page = body
    } else {
      if (length % 4 !== 0 || body.length % 4 !== 0 || length > LONGEST_PAGE) return undefined
      if (scratch.byteLength < length) scratch = new Uint32Array(length >>> 2)
      if (aligned.byteLength < body.length) aligned = new Uint32Array(body.length >>> 2)
      new Uint8Array(aligned.buffer).set(body)
      const out = new Uint32Array(scratch.buffer, 0, length >>> 2)
      if (!unpackZeros(aligned.subarray(0, body.length >>> 2), out)) return undefined
      page = new Uint8Array(out.buffer, 0, length)
    }
    return page.length === length && crc32(page) === crc ? page : undefined
  }
}
