import type { Identity } from '../../engine/identity/index.ts'
import type { SignalDescription } from '../signal.ts'
import type { XmlElement } from './element.ts'
import { partyOfJid, readJid } from './stanza.ts'
import { createStreamReader } from './stream-reader.ts'

/** Describes the first stanza that begins in `bytes[start, end)`. Never throws. */
export function describeXmpp(identity: Identity, bytes: Uint8Array, start: number, end: number): SignalDescription {
  let found: XmlElement | undefined
  let reason = 'no whole stanza'
  const take = (element: XmlElement) => {
    found ??= element
  }
  const sink = {
    opened: (header: XmlElement) => {
      if (header.attributes.version !== undefined) take(header)
    },
    stanza: take,
    closed() {},
    dropped(fault: string) {
      reason = fault
    },
  }
  createStreamReader(sink, false).push(bytes, start, end)
  if (found === undefined) return { valid: false, reason }
  const from = readJid(found.attributes.from)
  const to = readJid(found.attributes.to)
  return {
    method: found.name,
    ...(from === undefined ? undefined : { from: partyOfJid(from, identity) }),
    ...(to === undefined ? undefined : { to: partyOfJid(to, identity) }),
    ...(found.attributes.id === undefined ? undefined : { callId: found.attributes.id }),
    valid: true,
  }
}
