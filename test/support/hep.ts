import { addressBytes } from './packets.ts'

/** One chunk of HEP3. */
export function hepChunk(type: number, payload: Uint8Array, vendor = 0): Buffer {
  const header = Buffer.alloc(6)
  header.writeUInt16BE(vendor, 0)
  header.writeUInt16BE(type, 2)
  header.writeUInt16BE(6 + payload.length, 4)
  return Buffer.concat([header, payload])
}

/** A HEP3 packet of the chunks given. */
export function hepPacketOf(chunks: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(chunks)
  const header = Buffer.from('HEP3\0\0')
  header.writeUInt16BE(6 + body.length, 4)
  return Buffer.concat([header, body])
}

export interface HepGiven {
  readonly source?: string
  readonly destination?: string
  readonly sourcePort?: number
  readonly destinationPort?: number
  readonly timeMs?: number
  readonly protocol?: number
  readonly ipProtocol?: number
  readonly key?: string
  readonly correlationId?: string
}

/** An ordinary HEP3 packet around a payload. */
export function hep3(payload: Uint8Array, given: HepGiven = {}): Buffer {
  const {
    source = '192.0.2.1',
    destination = '192.0.2.2',
    sourcePort = 5060,
    destinationPort = 5060,
    timeMs = 1_764_000_000_123,
    protocol = 1,
    ipProtocol = 17,
  } = given
  const v6 = source.includes(':')
  const chunks = [
    hepChunk(1, Buffer.from([v6 ? 10 : 2])),
    hepChunk(2, Buffer.from([ipProtocol])),
    hepChunk(v6 ? 5 : 3, addressBytes(source)),
    hepChunk(v6 ? 6 : 4, addressBytes(destination)),
    hepChunk(7, u16(sourcePort)),
    hepChunk(8, u16(destinationPort)),
    hepChunk(9, u32(Math.floor(timeMs / 1000))),
    hepChunk(10, u32((timeMs % 1000) * 1000)),
    hepChunk(11, Buffer.from([protocol])),
    hepChunk(12, u32(2001)),
  ]
  if (given.key !== undefined) chunks.push(hepChunk(14, Buffer.from(given.key)))
  if (given.correlationId !== undefined) chunks.push(hepChunk(17, Buffer.from(given.correlationId)))
  return hepPacketOf([...chunks, hepChunk(15, payload)])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
