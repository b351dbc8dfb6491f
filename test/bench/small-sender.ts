import { createSocket } from 'node:dgram'
import { generator } from './busy-hour.ts'
import { ANSWERED, type Line, stamp, TEXTED, template } from './hep-traffic.ts'

/**
 * The network of the `small` benchmark: HEP over UDP for so many calls and messages a second among so many subscribers,
 * every call answered and ended after five seconds. Prints what it sent.
 * Usage: small-sender PORT CALLS-A-SECOND MESSAGES-A-SECOND SUBSCRIBERS SECONDS
 */
const [port, calls, messages, subscribers, seconds] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
  number,
]
const TALK_S = 5
/** Packets of an answered call before its BYE. */
const SETUP = 5

interface Packet {
  readonly bytes: Buffer
  readonly stamp: (round: number) => void
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** The text, 40 letters; -1 where there is none. */
  readonly text: number
}

const TEXT = 'See you at eight in front of the station'
/** Offset of the seconds of capture in a packet of test/support/hep.ts: behind family, protocol, addresses and ports. */
const SECONDS_AT = 62
const MICROS_AT = 72

function packetOf(line: Line, script: number): Packet {
  const made = template(line, script)
  const { bytes } = made
  return {
    bytes,
    stamp: round => stamp(made, round),
    from: [...placesOf(bytes, `+3312345${6000 + script}`), ...placesOf(bytes, '+33123456789')],
    to: placesOf(bytes, '+14155550100'),
    text: bytes.indexOf(TEXT),
  }
}

function placesOf(bytes: Buffer, number: string): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(number); at >= 0; at = bytes.indexOf(number, at + 1)) places.push(at)
  return places
}

/** Valid French mobile numbers, of 12 characters as the ones they replace. */
const subscriber = (n: number): string => `+336${String(10_000_000 + n)}`
/** Whom the nth takes part with: the same again for every packet of a call. */
const partyOf = (n: number, salt: number): string =>
  subscriber(Math.floor(((Math.imul(n + (salt << 24), 0x9e3779b1) >>> 0) / 2 ** 32) * subscribers))

const letters = generator(5)

function send(packet: Packet, n: number, salt: number): void {
  const { bytes } = packet
  packet.stamp(n)
  const now = Date.now()
  bytes.writeUInt32BE(Math.floor(now / 1000), SECONDS_AT)
  bytes.writeUInt32BE((now % 1000) * 1000, MICROS_AT)
  for (const at of packet.from) bytes.write(partyOf(n, salt), at, 'latin1')
  for (const at of packet.to) bytes.write(partyOf(n, salt + 1), at, 'latin1')
  if (packet.text >= 0) {
    for (let i = 0; i < TEXT.length; i++)
      bytes[packet.text + i] = i % 6 === 5 ? 0x20 : 0x61 + Math.floor(letters() * 26)
  }
  // The bytes are copied: libuv may keep a datagram that the socket does not take at once.
  socket.send(Buffer.from(bytes))
}

const answered = ANSWERED.map(line => packetOf(line, 0))
const texted = TEXTED.map(line => packetOf(line, 1))
const socket = createSocket({ type: 'udp4', sendBufferSize: 8 << 20 })
await new Promise<void>(resolve => socket.connect(port, '127.0.0.1', resolve))

const started = performance.now()
const sent = { calls: 0, ended: 0, messages: 0 }
for (;;) {
  const elapsed = (performance.now() - started) / 1000
  const loud = Math.min(elapsed, seconds)
  for (; sent.calls < Math.floor(loud * calls); sent.calls++)
    for (const packet of answered.slice(0, SETUP)) send(packet, sent.calls, 2)
  for (; sent.ended < Math.min(sent.calls, Math.floor((elapsed - TALK_S) * calls)); sent.ended++)
    for (const packet of answered.slice(SETUP)) send(packet, sent.ended, 2)
  for (; sent.messages < Math.floor(loud * messages); sent.messages++)
    for (const packet of texted) send(packet, sent.messages, 7)
  if (elapsed >= seconds + TALK_S) break
  await new Promise(resolve => setTimeout(resolve, 1))
}
process.stdout.write(JSON.stringify(sent))
socket.close()
