import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import smpp, { type Received, type Session } from 'smpp'

export interface Smsc {
  readonly port: number
  /** Octets of every submit_sm so far, in their order of arrival. */
  readonly octets: () => Buffer
  readonly close: () => void
}

/** An SMSC of the smpp package that accepts everything and keeps the octets it was sent. */
export async function startSmsc(): Promise<Smsc> {
  const chunks: Buffer[] = []
  const sockets: Session[] = []
  const server = smpp.createServer(session => {
    sockets.push(session)
    session.on('error', () => {})
    session.on('pdu', (pdu: Received) => {
      if (pdu.isResponse()) return
      if (pdu.command === 'submit_sm') chunks.push(pdu.toBuffer())
      session.send(pdu.response({ message_id: 'm' }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    octets: () => Buffer.concat(chunks),
    close() {
      for (const session of sockets) session.socket.destroy()
      server.close()
    },
  }
}

/** The nth submit_sm of a blast from one sender. */
export function submit(n: number, from: string, text: string) {
  return new smpp.PDU('submit_sm', {
    source_addr: from,
    source_addr_ton: 1,
    destination_addr: `336870${String(n).padStart(5, '0')}`,
    dest_addr_ton: 1,
    short_message: text,
    sequence_number: n + 10,
  })
}
