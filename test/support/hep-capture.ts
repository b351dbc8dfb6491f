import { readFileSync } from 'node:fs'

/** One SIP message out of a capture of HEP version 3 datagrams. */
export interface CapturedSip {
  /** Time of capture that the agent wrote, milliseconds since the epoch. */
  readonly timeMs: number
  readonly source: string
  readonly destination: string
  readonly startLine: string
  /** Value of the first header of this name, '' when there is none. */
  readonly header: (name: string) => string
  readonly body: string
  readonly bytes: Buffer
}

/**
 * Reads a little-endian microsecond pcap of HEP version 3 over UDP, IPv4 and Ethernet, as tcpdump writes it here: a second
 * opinion for tests, that shares no code with the product's readers.
 * @throws Error at the first byte that is not so.
 */
export function readHepCapture(path: string): CapturedSip[] {
  const file = readFileSync(path)
  if (file.readUInt32LE(0) !== 0xa1b2c3d4 || file.readUInt32LE(20) !== 1) throw new Error(`${path}: another pcap`)
  const messages: CapturedSip[] = []
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8)
    if (length !== file.readUInt32LE(at + 12)) throw new Error(`${path}: packet ${messages.length + 1} is cut`)
    const packet = file.subarray(at + 16, at + 16 + length)
    messages.push(unwrap(packet.subarray(14 + 20 + 8), `${path}: packet ${messages.length + 1}`))
    at += 16 + length
  }
  return messages
}

function unwrap(hep: Buffer, place: string): CapturedSip {
  if (hep.toString('latin1', 0, 4) !== 'HEP3' || hep.readUInt16BE(4) !== hep.length)
    throw new Error(`${place}: not HEP3`)
  const chunks = new Map<number, Buffer>()
  for (let at = 6; at < hep.length; at += hep.readUInt16BE(at + 4))
    chunks.set(hep.readUInt16BE(at + 2), hep.subarray(at + 6, at + hep.readUInt16BE(at + 4)))
  const chunk = (type: number) => {
    const bytes = chunks.get(type)
    if (bytes === undefined) throw new Error(`${place}: no chunk ${type}`)
    return bytes
  }
  const bytes = chunk(15)
  const text = bytes.toString('utf8')
  const split = text.indexOf('\r\n\r\n')
  const [startLine = '', ...lines] = text.slice(0, split).split('\r\n')
  return {
    timeMs: chunk(9).readUInt32BE() * 1000 + chunk(10).readUInt32BE() / 1000,
    source: `${chunk(3).join('.')}:${chunk(7).readUInt16BE()}`,
    destination: `${chunk(4).join('.')}:${chunk(8).readUInt16BE()}`,
    startLine,
    header: name =>
      lines
        .find(line => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? '',
    body: text.slice(split + 4),
    bytes,
  }
}
