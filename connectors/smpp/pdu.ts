import { DATA_SM, DELIVER_SM, SUBMIT_MULTI, SUBMIT_SM } from './commands.ts'
import { HEADER_BYTES } from './framer.ts'

/** An address as it stands in a PDU: type of number, numbering plan, and where its octets are. */
export interface Address {
  ton: number
  npi: number
  value: string
}

/** A short message read from a PDU: one object is reused, offsets point into the PDU's bytes. */
export interface ShortMessage {
  command: number
  sequence: number
  from: Address
  /** One destination, more for submit_multi. */
  to: Address[]
  esmClass: number
  dataCoding: number
  /** The text's octets, from short_message or message_payload. */
  bodyStart: number
  bodyEnd: number
  /** SAR optional parameters; 0 parts when they are not there. */
  sarReference: number
  sarParts: number
  sarPart: number
  /** receipted_message_id or message_state was there: it tells of an earlier message. */
  receipt: boolean
  /** source_port or destination_port was there: for an application, -1 otherwise. */
  port: number
}

/** An empty message to read into. */
export function shortMessage(): ShortMessage {
  return {
    command: 0,
    sequence: 0,
    from: { ton: 0, npi: 0, value: '' },
    to: [],
    esmClass: 0,
    dataCoding: 0,
    bodyStart: 0,
    bodyEnd: 0,
    sarReference: 0,
    sarParts: 0,
    sarPart: 0,
    receipt: false,
    port: -1,
  }
}

export type PduFault =
  | 'PDU cut short'
  | 'text field without an end'
  | 'text length beyond the PDU'
  | 'no destination'
  | 'optional parameter beyond the PDU'

/** More destinations than this are not valid in a submit_multi (clause 4.5.1, number_of_dests is one octet). */
const MAX_DESTINATIONS = 255

// Where a fault is found deep in a PDU, `at` is set beyond every length; reading on then gives zeros and stops by itself.
interface Cursor {
  bytes: Uint8Array
  at: number
  end: number
  fault: PduFault | undefined
}
const cursor: Cursor = { bytes: new Uint8Array(0), at: 0, end: 0, fault: undefined }

/** Does this command carry a short message? */
export function carriesMessage(command: number): boolean {
  return command === SUBMIT_SM || command === DELIVER_SM || command === DATA_SM || command === SUBMIT_MULTI
}

/**
 * Reads a submit_sm, deliver_sm (clauses 4.4.1, 4.6.1: one layout), data_sm (4.7.1) or submit_multi (4.5.1) that fills
 * `bytes[start, end)` into `out`. Returns what is wrong with it, undefined when it is sound.
 */
export function readShortMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: ShortMessage,
): PduFault | undefined {
  out.command = word(bytes, start + 4)
  out.sequence = word(bytes, start + 12)
  out.sarParts = 0
  out.sarPart = 0
  out.sarReference = 0
  out.receipt = false
  out.port = -1
  cursor.bytes = bytes
  cursor.at = start + HEADER_BYTES
  cursor.end = end
  cursor.fault = undefined
  skipText(cursor, 6) // service_type
  readAddress(cursor, out.from)
  if (out.command === SUBMIT_MULTI) readDestinations(cursor, out)
  else {
    out.to.length = 1
    out.to[0] ??= { ton: 0, npi: 0, value: '' }
    readAddress(cursor, out.to[0]!)
  }
  if (out.command === DATA_SM) readDataBody(cursor, out)
  else readBody(cursor, out)
  readParameters(cursor, out)
  return cursor.fault
}

function readDestinations(from: Cursor, out: ShortMessage): void {
  const count = octet(from)
  if (count === 0 || count > MAX_DESTINATIONS) fail(from, 'no destination')
  out.to.length = 0
  for (let i = 0; i < count && from.fault === undefined; i++) {
    const address: Address = { ton: 0, npi: 0, value: '' }
    // dest_flag 1: an SME address; 2: the name of a distribution list, which only the SMSC can look up.
    if (octet(from) === 1) readAddress(from, address)
    else address.value = `dl:${text(from, 21)}`
    out.to.push(address)
  }
}

function readBody(from: Cursor, out: ShortMessage): void {
  out.esmClass = octet(from)
  from.at += 2 // protocol_id, priority_flag
  skipText(from, 17) // schedule_delivery_time
  skipText(from, 17) // validity_period
  from.at += 2 // registered_delivery, replace_if_present_flag
  out.dataCoding = octet(from)
  from.at += 1 // sm_default_msg_id
  const length = octet(from)
  out.bodyStart = Math.min(from.at, from.end)
  if (from.at + length > from.end) fail(from, 'text length beyond the PDU')
  out.bodyEnd = Math.min(out.bodyStart + length, from.end)
  from.at = out.bodyEnd
}

function readDataBody(from: Cursor, out: ShortMessage): void {
  out.esmClass = octet(from)
  from.at += 1 // registered_delivery
  out.dataCoding = octet(from)
  out.bodyStart = Math.min(from.at, from.end)
  out.bodyEnd = out.bodyStart
}

/** Optional parameters (clause 5.3): tag, length, value. */
function readParameters(from: Cursor, out: ShortMessage): void {
  const { bytes, end } = from
  let at = from.at
  while (at + 4 <= end && from.fault === undefined) {
    const tag = (bytes[at]! << 8) | bytes[at + 1]!
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    at += 4
    if (at + length > end) {
      fail(from, 'optional parameter beyond the PDU')
      return
    }
    readParameter(bytes, tag, at, length, out)
    at += length
  }
}

function readParameter(bytes: Uint8Array, tag: number, at: number, length: number, out: ShortMessage): void {
  switch (tag) {
    case 0x0424: // message_payload: instead of short_message
      out.bodyStart = at
      out.bodyEnd = at + length
      break
    case 0x020c: // sar_msg_ref_num
      if (length === 2) out.sarReference = (bytes[at]! << 8) | bytes[at + 1]!
      break
    case 0x020e: // sar_total_segments
      if (length === 1) out.sarParts = bytes[at]!
      break
    case 0x020f: // sar_segment_seqnum
      if (length === 1) out.sarPart = bytes[at]!
      break
    case 0x001e: // receipted_message_id
    case 0x0427: // message_state
      out.receipt = true
      break
    case 0x020b: // destination_port
      if (length === 2) out.port = (bytes[at]! << 8) | bytes[at + 1]!
      break
  }
}

function readAddress(from: Cursor, out: Address): void {
  out.ton = octet(from)
  out.npi = octet(from)
  // 21 octets in submit_sm, 65 in data_sm: the longer bound for both, a sender that overdoes it is still to be seen.
  out.value = text(from, 65)
}

function octet(from: Cursor): number {
  if (from.at >= from.end) {
    fail(from, 'PDU cut short')
    return 0
  }
  return from.bytes[from.at++]!
}

/** Finds the end of a C-Octet String of at most `max` octets; returns where it begins and leaves `at` behind its NUL. */
function skipText(from: Cursor, max: number): number {
  const start = from.at
  const limit = Math.min(from.end, start + max)
  let i = start
  while (i < limit && from.bytes[i] !== 0) i++
  if (i === limit) fail(from, start >= from.end ? 'PDU cut short' : 'text field without an end')
  else from.at = i + 1
  return start
}

function text(from: Cursor, max: number): string {
  const start = skipText(from, max)
  if (from.fault !== undefined) return ''
  return latin1(from.bytes, start, from.at - 1)
}

/** Twenty octets at most as a rule: a loop beats the call into Buffer's decoder up to about thirty. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  let value = ''
  for (let i = start; i < end; i++) value += String.fromCharCode(bytes[i]!)
  return value
}

function fail(from: Cursor, fault: PduFault): void {
  from.fault ??= fault
  from.at = from.end
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
