import type { Identity } from '../../engine/identity/index.ts'
import type { SignalDescription } from '../signal.ts'
import { createSipAddress, readAddress } from './address.ts'
import { checkSip } from './check.ts'
import type { SipMessage } from './message.ts'
import { createSipMessage } from './message.ts'
import { Header } from './names.ts'
import { partyOfUri } from './party.ts'
import { type Framing, readSip } from './read.ts'
import { firstText, latin1Of } from './text.ts'

const message = createSipMessage()
const address = createSipAddress()

/** Describes the message `bytes[start, end)`: also an invalid one, as far as it can be read. Never throws. */
export function describeSip(
  identity: Identity,
  bytes: Uint8Array,
  start: number,
  end: number,
  framing: Framing = 'datagram',
): SignalDescription {
  if (!readSip(message, bytes, start, end, framing)) return { valid: false, reason: 'not-sip' }
  const reason = checkSip(message)
  const from = partyIn(identity, message, Header.from)
  const to = partyIn(identity, message, Header.to)
  const callId = firstText(message, Header.callId, 512)
  return {
    ...(message.isRequest
      ? { method: latin1Of(bytes, message.methodStart, Math.min(message.methodEnd, message.methodStart + 64)) }
      : { status: message.status }),
    ...(from === '' ? {} : { from }),
    ...(to === '' ? {} : { to }),
    ...(callId === '' ? {} : { callId }),
    valid: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  }
}

function partyIn(identity: Identity, read: SipMessage, code: number): string {
  const line = read.first[code]!
  if (line === -1) return ''
  readAddress(address, read.bytes, read.valueStarts[line]!, read.valueEnds[line]!)
  return partyOfUri(identity, read.bytes, address.uri)
}
