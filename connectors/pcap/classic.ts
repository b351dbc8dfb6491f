import { u32In } from './integers.ts'
import { BROKEN, type CaptureReaderOptions, MAX_RECORD_BYTES, type RecordParser } from './record.ts'

const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** Kuznetzov's patched libpcap appends interface, protocol and packet type to every record header. */
const PATCHED_RECORD_HEADER_BYTES = 24

/** Parser of a pcap file (draft-ietf-opsawg-pcap): either byte order, microseconds or nanoseconds by its magic. */
export function createClassic(options: CaptureReaderOptions): RecordParser {
  let linkType = -1
  let little = false
  let unitsPerMs = 1000
  let headerBytes = RECORD_HEADER_BYTES

  return (bytes, start, end) => {
    let at = start
    if (linkType < 0) {
      if (end - at < FILE_HEADER_BYTES) return 0
      readFileHeader(bytes, at)
      at += FILE_HEADER_BYTES
    }
    while (end - at >= headerBytes) {
      if (isFileHeader(bytes, at)) {
        if (end - at < FILE_HEADER_BYTES) break
        readFileHeader(bytes, at)
        at += FILE_HEADER_BYTES
        continue
      }
      const length = u32In(bytes, at + 8, little)
      if (length > MAX_RECORD_BYTES) {
        options.dropped('bad-record', 0)
        return BROKEN
      }
      const from = at + headerBytes
      if (from + length > end) break
      const timeMs = u32In(bytes, at, little) * 1000 + Math.floor(u32In(bytes, at + 4, little) / unitsPerMs)
      options.packet(linkType, bytes, from, from + length, timeMs)
      at = from + length
    }
    return at - start
  }

  function readFileHeader(bytes: Uint8Array, at: number): void {
    const magic = u32In(bytes, at, false)
    little = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1 || magic === 0x34cdb2a1
    unitsPerMs = magic === 0xa1b23c4d || magic === 0x4d3cb2a1 ? 1_000_000 : 1000
    headerBytes = magic === 0xa1b2cd34 || magic === 0x34cdb2a1 ? PATCHED_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES
    // The upper half may hold the length of a frame check sequence.
    linkType = u32In(bytes, at + 20, little) & 0xffff
  }
}

/**
 * Another capture that follows: files put together, or the next writer of a FIFO. Where a record would have lengths, a
 * file header has two words that are always zero; a packet of no length in the year 2055 or 2083 does not exist.
 */
function isFileHeader(bytes: Uint8Array, at: number): boolean {
  return (
    isClassicMagic(u32In(bytes, at, false)) && u32In(bytes, at + 8, false) === 0 && u32In(bytes, at + 12, false) === 0
  )
}

/** Microseconds, nanoseconds and the patched format, each in either byte order. */
export function isClassicMagic(magic: number): boolean {
  switch (magic) {
    case 0xa1b2c3d4:
    case 0xd4c3b2a1:
    case 0xa1b23c4d:
    case 0x4d3cb2a1:
    case 0xa1b2cd34:
    case 0x34cdb2a1:
      return true
    default:
      return false
  }
}
