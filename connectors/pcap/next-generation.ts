import { u16In, u32In } from './integers.ts'
import {
  BROKEN,
  type CaptureDropReason,
  type CaptureReaderOptions,
  MAX_RECORD_BYTES,
  type RecordParser,
} from './record.ts'
import { createTimestamp, type Timestamp } from './timestamp.ts'

/** Type of the block that opens a section; the same in either byte order. */
export const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6

/** Interfaces of one section; a file that describes more is describing, not capturing. */
const MAX_INTERFACES = 4096

interface Interface {
  readonly linkType: number
  readonly snapLength: number
  readonly timeMs: Timestamp
}

/** Parser of a pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order, several interfaces, any resolution. */
export function createNextGeneration(options: CaptureReaderOptions): RecordParser {
  let little = false
  let interfaces: Interface[] = []
  let lastMs = 0

  return (bytes, start, end) => {
    let at = start
    while (end - at >= 12) {
      if (u32In(bytes, at, false) === SECTION_HEADER) {
        const order = u32In(bytes, at + 8, false)
        if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) return broken()
        little = order === 0x4d3c2b1a
        interfaces = []
      }
      const length = u32In(bytes, at + 4, little)
      if (length < 12 || length % 4 !== 0 || length > MAX_RECORD_BYTES) return broken()
      if (at + length > end) break
      if (u32In(bytes, at + length - 4, little) !== length) return broken()
      const wrong = block(u32In(bytes, at, little), bytes, at + 8, at + length - 4)
      if (wrong !== undefined) options.dropped(wrong, 0)
      at += length
    }
    return at - start
  }

  function broken(): number {
    options.dropped('bad-record', 0)
    return BROKEN
  }

  /** One block's body; the kinds that carry no packet are passed over. Gives what is wrong with it. */
  function block(type: number, bytes: Uint8Array, at: number, end: number): CaptureDropReason | undefined {
    switch (type) {
      case INTERFACE:
        if (end - at < 8) return 'bad-record'
        if (interfaces.length < MAX_INTERFACES) interfaces.push(readInterface(bytes, at, end))
        return undefined
      case ENHANCED_PACKET:
        return packet(bytes, at, end, 4)
      case OBSOLETE_PACKET:
        return packet(bytes, at, end, 2)
      case SIMPLE_PACKET:
        return simplePacket(bytes, at, end)
      default:
        return undefined
    }
  }

  /** Interface id of `idBytes` (the obsolete block halves it for a drop count), time, length, original length, packet. */
  function packet(bytes: Uint8Array, at: number, end: number, idBytes: 2 | 4): CaptureDropReason | undefined {
    if (end - at < 20) return 'bad-record'
    const found = interfaces[idBytes === 4 ? u32In(bytes, at, little) : u16In(bytes, at, little)]
    if (found === undefined) return 'bad-interface'
    const from = at + 20
    const length = u32In(bytes, at + 12, little)
    if (from + length > end) return 'bad-record'
    lastMs = found.timeMs(u32In(bytes, at + 4, little), u32In(bytes, at + 8, little))
    options.packet(found.linkType, bytes, from, from + length, lastMs)
    return undefined
  }

  /** A simple packet has no time: that of the packet before it is the nearest known. */
  function simplePacket(bytes: Uint8Array, at: number, end: number): CaptureDropReason | undefined {
    const found = interfaces[0]
    if (found === undefined) return 'bad-interface'
    if (end - at < 4) return 'bad-record'
    const limit = found.snapLength === 0 ? MAX_RECORD_BYTES : found.snapLength
    const length = Math.min(u32In(bytes, at, little), limit, end - at - 4)
    options.packet(found.linkType, bytes, at + 4, at + 4 + length, lastMs)
    return undefined
  }

  function readInterface(bytes: Uint8Array, start: number, end: number): Interface {
    let resolution = 6
    let offsetSeconds = 0
    let at = start + 8
    while (end - at >= 4) {
      const code = u16In(bytes, at, little)
      const length = u16In(bytes, at + 2, little)
      const value = at + 4
      if (code === 0 || value + length > end) break
      if (code === 9 && length >= 1) resolution = bytes[value]!
      if (code === 14 && length >= 8) {
        const high = u32In(bytes, little ? value + 4 : value, little) | 0
        offsetSeconds = high * 4_294_967_296 + u32In(bytes, little ? value : value + 4, little)
      }
      at = value + ((length + 3) & ~3)
    }
    return {
      linkType: u16In(bytes, start, little),
      snapLength: u32In(bytes, start + 4, little),
      timeMs: createTimestamp(resolution, offsetSeconds),
    }
  }
}
