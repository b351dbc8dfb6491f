import { createCarry } from './carry.ts'
import { createClassic, isClassicMagic } from './classic.ts'
import { createNextGeneration, SECTION_HEADER } from './next-generation.ts'
import { BROKEN, type CaptureReaderOptions, type RecordParser } from './record.ts'

/** Takes a capture as it comes, in chunks of any size. */
export interface CaptureReader {
  /** Reads what is complete; false when the capture is broken beyond reading on, and the rest should not be sent. */
  push(chunk: Uint8Array): boolean
  /** The source has ended: what is left over has been cut short. */
  end(): void
  /** Packets met so far. */
  readonly packets: number
}

/** Does a file with this beginning hold a pcap or pcapng capture? */
export function isCapture(head: Uint8Array): boolean {
  return parserOf(head) !== undefined
}

function parserOf(head: Uint8Array): typeof createClassic | undefined {
  if (head.length < 4) return undefined
  const magic = ((head[0]! << 24) | (head[1]! << 16) | (head[2]! << 8) | head[3]!) >>> 0
  if (isClassicMagic(magic)) return createClassic
  return magic === SECTION_HEADER ? createNextGeneration : undefined
}

/**
 * Reads pcap and pcapng, told apart by their first four bytes. Holds at most one incomplete record: memory does not grow
 * with the capture.
 */
export function createCaptureReader(options: CaptureReaderOptions): CaptureReader {
  let parse: RecordParser | undefined
  let broken = false
  let packets = 0
  const carry = createCarry()
  const counted: CaptureReaderOptions = {
    packet(linkType, bytes, start, end, timeMs) {
      packets++
      options.packet(linkType, bytes, start, end, timeMs)
    },
    dropped: reason => options.dropped(reason, packets + 1),
  }

  return {
    push(chunk) {
      if (broken) return false
      const bytes = carry.join(chunk)
      if (parse === undefined) {
        if (bytes.length < 4) {
          carry.keep(bytes, 0)
          return true
        }
        const create = parserOf(bytes)
        if (create === undefined) {
          broken = true
          options.dropped('not-a-capture', 0)
          return false
        }
        parse = create(counted)
      }
      const consumed = parse(bytes, 0, bytes.length)
      if (consumed === BROKEN) {
        broken = true
        return false
      }
      carry.keep(bytes, consumed)
      return true
    },
    end() {
      if (!broken && (parse === undefined || carry.length > 0)) {
        options.dropped(parse === undefined ? 'not-a-capture' : 'truncated', packets + 1)
      }
      broken = true
    },
    get packets() {
      return packets
    },
  }
}
