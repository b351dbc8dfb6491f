import type { Identity } from '../../engine/identity/index.ts'
import { createSipMessage, firstText, Header, originOf, readSip, type SipMessage, targetOf } from '../sip/index.ts'
import { endpointOf } from './path.ts'

/** Who speaks from an MSRP endpoint, and to whom: what the SIP dialog around it says. */
export interface MsrpSession {
  readonly party: string
  readonly peer: string
  readonly callId: string
}

/** The endpoints that SDP has named. */
export interface MsrpSessions {
  /** Looks at one SIP message, `bytes[start, end)`: remembers the endpoints of its SDP. Never throws. */
  observeSip(bytes: Uint8Array, start: number, end: number): void
  /** The session of the endpoint that a path ends with. */
  find(path: string | undefined): MsrpSession | undefined
  readonly size: number
}

/** Endpoints remembered at most: a chat is two; the oldest goes first. */
const SESSIONS = 100_000
const PATH_LINE = Buffer.from('a=path:msrp')

/**
 * A bounded memory of endpoints. The path line of an offer or answer names its sender's endpoint (RFC 4975 §8); the sender of a
 * request is its origin, the sender of a response the one it was for.
 */
export function createMsrpSessions(identity: Identity, capacity = SESSIONS): MsrpSessions {
  const sessions = new Map<string, MsrpSession>()
  const message = createSipMessage()

  function remember(read: SipMessage): void {
    const origin = originOf(identity, read, true).party
    const target = targetOf(identity, read)?.party
    const body = Buffer.from(read.bytes.subarray(read.bodyStart, read.bodyEnd)).toString('latin1')
    const callId = firstText(read, Header.callId, 512)
    if (target === undefined) return
    const [party, peer] = read.isRequest ? [origin, target] : [target, origin]
    for (const line of body.matchAll(/^a=path:(msrps?:[^\r\n]*)/gm)) {
      const key = endpointOf(line[1])
      if (key === undefined) continue
      sessions.delete(key)
      if (sessions.size >= capacity) for (const oldest of sessions.keys()) if (sessions.delete(oldest)) break
      sessions.set(key, { party, peer, callId })
    }
  }

  return {
    observeSip(bytes, start, end) {
      // Few calls are chats: one look for the line spares reading all the others a second time.
      const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      if (view.includes(PATH_LINE) && readSip(message, bytes, start, end, 'datagram')) remember(message)
    },
    find(path) {
      const key = endpointOf(path)
      return key === undefined ? undefined : sessions.get(key)
    },
    get size() {
      return sessions.size
    },
  }
}
