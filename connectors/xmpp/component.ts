import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { escapeXml, type XmlElement } from './element.ts'
import { createStreamReader, type XmppFault } from './stream-reader.ts'

export interface ComponentOptions {
  readonly host: string
  readonly port: number
  readonly domain: string
  readonly secret: string
}

export interface ComponentSink {
  /** The server has accepted the secret. */
  ready(): void
  stanza(stanza: XmlElement): void
  data(bytes: number): void
  dropped(fault: XmppFault): void
  /** The connection is over; why, where there is something to say. */
  ended(reason: string): void
}

export interface Component {
  readonly socket: Socket
  close(): void
}

const NAMESPACE = 'jabber:component:accept'

/** Connects to a server as an external component (XEP-0114): stream header, handshake, stanzas. */
export function openComponent(options: ComponentOptions, sink: ComponentSink): Component {
  const socket = connect({ host: options.host, port: options.port, noDelay: true, keepAlive: true })
  let over = false
  let accepted = false
  const end = (reason: string) => {
    if (over) return
    over = true
    socket.destroy()
    sink.ended(reason)
  }
  const reader = createStreamReader(
    {
      opened(header) {
        // XEP-0114 §3: the lower-case hexadecimal SHA-1 of stream id and secret.
        const digest = createHash('sha1')
          .update(`${header.attributes.id ?? ''}${options.secret}`)
          .digest('hex')
        socket.write(`<handshake>${digest}</handshake>`)
      },
      stanza(stanza) {
        if (stanza.name === 'handshake' && !accepted) {
          accepted = true
          sink.ready()
        } else if (stanza.name === 'error') end(`stream error: ${stanza.children[0]?.name ?? 'unknown'}`)
        else if (accepted) {
          sink.stanza(stanza)
          const reply = replyTo(stanza)
          if (reply !== undefined) socket.write(reply)
        }
      },
      closed: () => end('stream closed by the server'),
      dropped: sink.dropped,
    },
    true,
  )
  socket.on('connect', () => {
    const to = escapeXml(options.domain)
    socket.write(
      `<?xml version="1.0"?><stream:stream xmlns="${NAMESPACE}" xmlns:stream="http://etherx.jabber.org/streams" to="${to}">`,
    )
  })
  socket.on('data', (bytes: Buffer) => {
    sink.data(bytes.length)
    reader.push(bytes, 0, bytes.length)
  })
  socket.on('error', error => end(error.message))
  socket.on('close', () => end('connection closed'))
  return {
    socket,
    close() {
      if (socket.writable) socket.write('</stream:stream>')
      end('closed')
    },
  }
}

/** An iq of type get or set must be answered (RFC 6120 §8.2.3): pings and discovery with a result, all else with an error. */
function replyTo(stanza: XmlElement): string | undefined {
  const { type, id, from, to } = stanza.attributes
  if (stanza.name !== 'iq' || (type !== 'get' && type !== 'set') || id === undefined || from === undefined)
    return undefined
  const request = stanza.children[0]
  const addressed = `id="${escapeXml(id)}" from="${escapeXml(to ?? '')}" to="${escapeXml(from)}"`
  if (request?.namespace === 'urn:xmpp:ping' || request?.namespace === 'urn:xmpp:blocking') {
    return `<iq type="result" ${addressed}/>`
  }
  if (request?.namespace === 'http://jabber.org/protocol/disco#info') {
    return `<iq type="result" ${addressed}><query xmlns="http://jabber.org/protocol/disco#info"><identity category="component" type="generic" name="Ringfence"/><feature var="urn:xmpp:ping"/><feature var="urn:xmpp:reporting:1"/></query></iq>`
  }
  return `<iq type="error" ${addressed}><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`
}
