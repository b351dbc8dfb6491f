import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { stamp, trafficTemplates } from './hep-traffic.ts'

/**
 * The other process of the HEP benchmark: sends `count` packets to `port`, over UDP at `rate` packets a second, or over TCP
 * as fast as they are taken. Prints how many it sent and the seconds that took.
 * Usage: hep-sender udp|tcp PORT COUNT RATE FIRST-ROUND
 */
const [transport, port, count, rate, firstRound] = process.argv.slice(2)
const templates = trafficTemplates()
const total = Number(count)

let template = 0
let round = Number(firstRound)
function nextPacket(): Buffer {
  const current = templates[template]!
  stamp(current, round)
  template++
  if (template === templates.length) {
    template = 0
    round++
  }
  return current.bytes
}

async function sendUdp(): Promise<void> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 8 << 20 })
  await new Promise<void>(resolve => socket.connect(Number(port), '127.0.0.1', resolve))
  const perSecond = Number(rate)
  const started = performance.now()
  let sent = 0
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * perSecond) + 1)
    let waiting: Promise<void> | undefined
    while (sent < due) {
      sent++
      // The bytes are copied: libuv may keep a datagram that the socket does not take at once.
      const packet = Buffer.from(nextPacket())
      if (sent === due) waiting = new Promise(resolve => socket.send(packet, () => resolve()))
      else socket.send(packet)
    }
    await waiting
    if (sent < total) await new Promise(resolve => setTimeout(resolve, 1))
  }
  report(started)
  socket.close()
}

async function sendTcp(): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1')
  const started = performance.now()
  for (let sent = 0; sent < total; ) {
    const parts: Buffer[] = []
    for (let i = 0; i < 100 && sent < total; i++, sent++) parts.push(Buffer.from(nextPacket()))
    if (!socket.write(Buffer.concat(parts))) await new Promise(resolve => socket.once('drain', resolve))
  }
  await new Promise<void>(resolve => socket.end(() => resolve()))
  report(started)
}

function report(started: number): void {
  process.stdout.write(JSON.stringify({ sent: total, seconds: (performance.now() - started) / 1000 }))
}

await (transport === 'udp' ? sendUdp() : sendTcp())
