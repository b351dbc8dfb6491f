declare module 'smpp' {
  import type { EventEmitter } from 'node:events'
  import type { Server as NetServer, Socket } from 'node:net'

  type Fields = Record<string, unknown>
  interface Received extends Fields {
    command: string
    command_status: number
    sequence_number: number
    response(fields?: Fields): Received
    isResponse(): boolean
    toBuffer(): Buffer
  }
  interface Session extends EventEmitter {
    socket: Socket
    send(pdu: Received, responded?: (pdu: Received) => void): boolean
    bind_transceiver(fields: Fields, responded?: (pdu: Received) => void): boolean
    submit_sm(fields: Fields, responded?: (pdu: Received) => void): boolean
    deliver_sm(fields: Fields, responded?: (pdu: Received) => void): boolean
    data_sm(fields: Fields, responded?: (pdu: Received) => void): boolean
    submit_multi(fields: Fields, responded?: (pdu: Received) => void): boolean
    close(closed?: () => void): void
  }
  interface Smpp {
    PDU: new (command: string, fields?: Fields) => Received
    createServer(onSession: (session: Session) => void): NetServer
    connect(options: { host: string; port: number }, onConnect?: () => void): Session
    gsmCoder: {
      encode(text: string, encoding: number): Buffer
      decode(bytes: Buffer, encoding: number): string
      detect(text: string): number | undefined
    }
  }
  namespace smpp {
    export type { Fields, Received, Session }
  }
  const smpp: Smpp
  export = smpp
}
