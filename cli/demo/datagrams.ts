import { createReadStream } from 'node:fs'
import { createPacketWalker } from '../../connectors/net/index.ts'
import { createCaptureReader } from '../../connectors/pcap/index.ts'

/** One recorded datagram, ready to be sent again. */
export interface RecordedDatagram {
  readonly timeMs: number
  readonly payload: Uint8Array
}

/** The UDP payloads of a capture that went to `port`, in order. For small captures: all are held in memory. */
export async function readDatagrams(file: string, port: number): Promise<RecordedDatagram[]> {
  const datagrams: RecordedDatagram[] = []
  const walker = createPacketWalker({
    datagram(bytes, start, end, envelope) {
      if (envelope.destinationPort === port)
        datagrams.push({ timeMs: envelope.timeMs, payload: bytes.slice(start, end) })
    },
    segment() {},
    dropped() {},
  })
  const reader = createCaptureReader({
    packet: (linkType, bytes, start, end, timeMs) => walker.packet(linkType, bytes, start, end, timeMs),
    dropped(reason, packet) {
      throw new Error(`${file}: packet ${packet}: ${reason}`)
    },
  })
  for await (const chunk of createReadStream(file)) reader.push(chunk as Uint8Array)
  reader.end()
  return datagrams
}
