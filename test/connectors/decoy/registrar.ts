import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** A registrar and proxy over WebSocket, small enough to read: challenges, registers, forwards by the user of the Request-URI. */
export interface TestRegistrar {
  readonly url: string
  /** Users registered now. */
  readonly registered: ReadonlyMap<string, WebSocket>
  /** REGISTER requests seen, challenged ones included. */
  readonly registers: () => number
  /** Cuts every connection, as a restart does. */
  cut(): void
  close(): Promise<void>
}

/** @param accounts user and password of those that may register */
export async function startRegistrar(accounts: Readonly<Record<string, string>>): Promise<TestRegistrar> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'sip' })
  await new Promise(resolve => server.once('listening', resolve))
  const users = new Map<string, WebSocket>()
  const contacts = new Map<string, string>()
  const origins = new Map<string, WebSocket>()
  let registers = 0
  let branches = 0

  function register(socket: WebSocket, text: string): void {
    registers++
    const user = /^To:.*<sips?:([^@>]+)@/im.exec(text)?.[1] ?? ''
    const answered = /^Authorization:.*username="([^"]*)".*response="[0-9a-f]{32}"/im.exec(text)
    if (accounts[user] === undefined) {
      socket.send(reply(text, '403 Forbidden'))
    } else if (answered === null) {
      socket.send(reply(text, '401 Unauthorized', ['WWW-Authenticate: Digest realm="test", nonce="n1", algorithm=MD5']))
    } else {
      const contact = /^Contact:\s*<([^>]+)>/im.exec(text)?.[1] ?? ''
      const expires = /;expires=(\d+)/i.exec(text)?.[1] ?? '600'
      if (expires === '0') users.delete(user)
      else users.set(user, socket)
      contacts.set(user, contact)
      socket.send(reply(text, '200 OK', expires === '0' ? [] : [`Contact: <${contact}>;expires=${expires}`]))
    }
  }

  function forward(socket: WebSocket, text: string): void {
    const [, method = '', uri = ''] = /^(\S+) (\S+) SIP/.exec(text) ?? []
    const user = /^sips?:([^@;]+)@/.exec(uri)?.[1] ?? ''
    const target =
      users.get(user) ??
      [...contacts].map(([name, contact]) => (contact === uri ? users.get(name) : undefined)).find(Boolean)
    if (target === undefined) {
      if (method !== 'ACK') socket.send(reply(text, '404 Not Found'))
      return
    }
    // The hop's own branch follows the one below it, so that CANCEL and ACK match their INVITE (RFC 3261 §16.11).
    const below = /^Via:.*branch=([^;\s]+)/im.exec(text)?.[1] ?? String(branches++)
    const branch = `z9hG4bKproxy${below.replace('z9hG4bK', '')}`
    origins.set(branch, socket)
    const toContact = text.replace(uri, contacts.get(user) ?? uri)
    target.send(toContact.replace(/\r\n/, `\r\nVia: SIP/2.0/WS proxy.test;branch=${branch}\r\n`))
  }

  server.on('connection', socket => {
    socket.on('message', data => {
      const text = String(data)
      if (text.startsWith('REGISTER ')) register(socket, text)
      else if (text.startsWith('SIP/2.0 ')) {
        const branch = /^Via:.*branch=([^;\s]+)/im.exec(text)?.[1] ?? ''
        origins.get(branch)?.send(text.replace(/\r\nVia:[^\r]*\r\n/, '\r\n'))
      } else forward(socket, text)
    })
    socket.on('close', () => {
      for (const [user, of] of users) if (of === socket) users.delete(user)
    })
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    registered: users,
    registers: () => registers,
    cut() {
      for (const socket of server.clients) socket.terminate()
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** A response to the request with its Via, From, To, Call-ID and CSeq. */
function reply(request: string, status: string, headers: readonly string[] = []): string {
  const kept = request
    .split('\r\n')
    .filter(line => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
    .map(line => (/^To:/i.test(line) && !/;tag=/.test(line) ? `${line};tag=registrar` : line))
  return [`SIP/2.0 ${status}`, ...kept, ...headers, 'Content-Length: 0', '', ''].join('\r\n')
}
