import type { Origin } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { firstText, Header, headerText, lineNamed, Method, type SipMessage, targetOf } from '../sip/index.ts'
import type { RedirectOptions } from './options.ts'
import type { RedirectQuestion } from './port.ts'

/** What the decision is asked for a request. */
export function questionOf(
  message: SipMessage,
  identity: Identity,
  origin: Origin,
  { peerHeader }: RedirectOptions,
): RedirectQuestion {
  const { party, asserted, attestation, verification, claimed, display } = origin
  const to = targetOf(identity, message)
  const agent = firstText(message, Header.userAgent, 256)
  const peer = peerHeader === '' ? '' : headerText(message, lineNamed(message, peerHeader.toLowerCase()), 64).trim()
  return {
    kind: message.method === Method.message ? 'message' : 'call',
    from: party,
    ...(to === undefined ? {} : { to: to.party }),
    ...(asserted === undefined ? {} : { asserted }),
    ...(attestation === undefined ? {} : { attestation }),
    ...(verification === undefined ? {} : { verification }),
    ...(claimed === undefined ? {} : { claimed }),
    ...(display === undefined ? {} : { display }),
    ...(agent === '' ? {} : { agent }),
    ...(peer === '' ? {} : { peer }),
  }
}

/** How often the call was diverted on its way here: entries of History-Info (RFC 7044) and Diversion (RFC 5806). */
export function diversions(message: SipMessage): number {
  let entries = 0
  for (const code of [Header.historyInfo, Header.diversion]) {
    for (let line = message.first[code]!; line !== -1; line = message.next[line]!) {
      // A comma inside <…> or quotes counts too much, never too little: the limit is generous.
      entries += headerText(message, line, 8192).split(',').length
    }
  }
  return entries
}

/** Tag of a From or To value, empty without one. */
export function tagOf(value: string): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(value.slice(Math.max(0, value.lastIndexOf('>'))))?.[1] ?? ''
}

/** Octets of a message, one character a byte. */
export function latin1(message: SipMessage, start: number, end: number): string {
  return Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength).toString(
    'latin1',
    start,
    end,
  )
}
