import type { Call } from './calls.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { headerText, lineNamed } from './text.ts'

/** Tells the second leg of a back-to-back agent's call, which has a Call-ID of its own, from a call of its own. */
export interface Legs {
  /** Is the call of this INVITE a further leg of one seen before? Remembers it when not. */
  isLeg(invite: SipMessage, call: Call): boolean
}

/**
 * Legs are joined by a header: X-CID names the first leg's Call-ID, a Session-ID is the same on both (RFC 7989 §5).
 * @param headerName as configured, '' joins none
 * @param capacity names remembered; beyond it the eldest is forgotten
 */
export function createLegs(headerName: string, capacity: number): Legs {
  const header = headerName.toLowerCase()
  const known = new Map<string, string>()

  function remember(name: string, callId: string): void {
    if (known.size >= capacity) {
      const eldest = known.keys().next().value
      if (eldest !== undefined) known.delete(eldest)
    }
    known.set(name, callId)
  }
  return {
    isLeg(invite, call) {
      if (header === '') return false
      const name = legOf(invite, header)
      const own = header === 'session-id' ? name : call.callId
      const first = name === '' ? undefined : known.get(name)
      if (first !== undefined) return first !== call.callId
      if (own !== '') remember(own, call.callId)
      return false
    },
  }
}

/** The value by which a second leg names the first: the Call-ID in X-CID, or the local UUID of Session-ID (RFC 7989 §5). */
function legOf(message: SipMessage, header: string): string {
  if (header === '') return ''
  const line = header === 'session-id' ? message.first[Header.sessionId]! : lineNamed(message, header)
  if (line === -1) return ''
  const text = headerText(message, line, 512)
  if (header !== 'session-id') return text
  const uuid = (text.split(';', 1)[0] ?? '').trim().toLowerCase()
  return /^[0-9a-f]{32}$/.test(uuid) && !/^0+$/.test(uuid) ? uuid : ''
}
