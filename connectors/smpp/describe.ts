import type { Identity } from '../../engine/identity/index.ts'
import type { SignalDescription } from '../signal.ts'
import { commandName } from './commands.ts'
import { HEADER_BYTES, smppOpens } from './framer.ts'
import { partyOfAddress } from './observer.ts'
import { carriesMessage, readShortMessage, shortMessage } from './pdu.ts'

const message = shortMessage()
const RESPONSE = 0x80000000

/** Describes the PDU `bytes[start, end)`. Never throws. */
export function describeSmpp(identity: Identity, bytes: Uint8Array, start: number, end: number): SignalDescription {
  if (end - start < HEADER_BYTES || smppOpens(bytes, start, end) === 'no') return { valid: false, reason: 'not-smpp' }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
  const command = view.getUint32(4)
  const callId = String(view.getUint32(12))
  const method = commandName(command) ?? `0x${command.toString(16)}`
  if (command >= RESPONSE) return { method, status: view.getUint32(8), callId, valid: true }
  if (!carriesMessage(command)) return { method, callId, valid: true }
  const reason = readShortMessage(bytes, start, end, message)
  if (reason !== undefined) return { method, callId, valid: false, reason }
  const from = partyOfAddress(message.from, identity)
  const to = message.to.map(address => partyOfAddress(address, identity)).join(' ')
  return { method, from, to, callId, valid: true }
}
