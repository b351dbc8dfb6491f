import type { Activity, Route } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { type ContentGate, emitMessage } from '../messages/index.ts'
import { commandName, DELIVER_SM } from './commands.ts'
import { createConcatenation } from './concatenation.ts'
import type { FramerDrop } from './framer.ts'
import {
  type Address,
  carriesMessage,
  type PduFault,
  readShortMessage,
  type ShortMessage,
  shortMessage,
} from './pdu.ts'
import { alphabetOf, type DefaultAlphabet, decodeText } from './text.ts'
import { readUserDataHeader, userDataHeader } from './user-data-header.ts'

/** Why something seen is no message: the closed list that drops are counted by. */
export type SmppDrop =
  | FramerDrop
  | PduFault
  | 'unknown command'
  | 'delivery receipt'
  | 'user data header beyond the text'
  | 'part repeated'
  | 'parts missing'
  | 'invalid charset'
  | 'sequence reset'
  | 'no sender or recipient'

export interface SmppLimits {
  /** Long messages waiting for parts at most. */
  readonly messages: number
  readonly characters: number
  /** How long parts are waited for. */
  readonly waitMs: number
}

export interface SmppObserverOptions {
  readonly smscDefault: DefaultAlphabet
  readonly limits: SmppLimits
}

export interface SmppObserverSink {
  readonly emit: (activity: Activity) => void
  readonly dropped: (reason: SmppDrop) => void
}

/** Where a PDU was seen: one object a connection and direction. */
export interface SmppLink {
  route: Route
  /** Says which connection it is in the ids of its messages: both ends' addresses and ports. */
  readonly connection: string
  /** Highest sequence number so far, and how often numbering began anew: numbers come again after a reset. */
  sequence: number
  resets: number
}

/** A link on which nothing has been seen. */
export function smppLink(route: Route, connection: string): SmppLink {
  return { route, connection, sequence: 0, resets: 0 }
}

export interface SmppObserver {
  /** Looks at one whole PDU, `bytes[start, end)`. */
  pdu(bytes: Uint8Array, start: number, end: number, timeMs: number, link: SmppLink): void
  /** Gives out long messages whose parts have not come by `timeMs`, as far as they came. */
  expire(timeMs: number): void
  /** Gives out all long messages that still wait. */
  flush(): void
}

/** What is remembered of a long message: where its first part came from. */
interface Envelope {
  readonly id: string
  readonly timeMs: number
  readonly from: string
  readonly to: readonly string[]
  readonly route: Route
}

const RESPONSE_BIT = 0x80
/** esm_class bits 5–2: message type (clause 5.2.12); 0 is a message, the others are receipts and acknowledgements. */
const MESSAGE_TYPE = 0x3c
const HAS_HEADER = 0x40
/** A number this much lower than the last is numbering begun anew; less is a window of requests out of order. */
const RESET_DISTANCE = 1024

/**
 * Turns PDUs into messages: joins concatenated ones, leaves receipts out, resolves parties.
 * An id is a function of connection, sequence number, parties and octets: a replay or a second tap on the same connection
 * gives the same one.
 */
export function createSmppObserver(
  options: SmppObserverOptions,
  identity: Identity,
  gate: ContentGate,
  sink: SmppObserverSink,
): SmppObserver {
  const message = shortMessage()
  const header = userDataHeader()
  const long = createConcatenation<Envelope>(options.limits, {
    complete: (first, text) => give(first, text),
    incomplete(first, text) {
      sink.dropped('parts missing')
      give(first, text)
    },
  })

  function give(envelope: Envelope, text: string | undefined): void {
    const { id, timeMs, from, to, route } = envelope
    const type = text === undefined ? 'application/octet-stream' : 'text/plain'
    for (let i = 0; i < to.length; i++) {
      // Each destination of a submit_multi is a message of its own.
      const own = i === 0 ? id : `${id}.${i + 1}`
      const observed = { id: own, timeMs, from, to: to[i]!, route, protocol: 'smpp', type, text }
      if (!emitMessage(observed, gate, sink.emit)) sink.dropped('no sender or recipient')
    }
  }

  function envelopeOf(bytes: Uint8Array, timeMs: number, link: SmppLink): Envelope {
    const from = partyOfAddress(message.from, identity)
    const to = message.to.map(address => partyOfAddress(address, identity))
    const body = Buffer.from(bytes.buffer, bytes.byteOffset + message.bodyStart, message.bodyEnd - message.bodyStart)
    const parts = ['smpp', link.connection, `${link.resets}.${message.sequence}`, from, ...to, body.toString('latin1')]
    return { id: idOf(...parts), timeMs, from, to, route: link.route }
  }

  function read(bytes: Uint8Array, timeMs: number, link: SmppLink): void {
    let textStart = message.bodyStart
    const hasHeader = (message.esmClass & HAS_HEADER) !== 0
    if (!hasHeader) readUserDataHeader(bytes, 0, 0, header)
    else if (!readUserDataHeader(bytes, message.bodyStart, message.bodyEnd, header)) {
      sink.dropped('user data header beyond the text')
    }
    textStart += header.length
    const forApplication = header.port > 0 || message.port > 0
    const context = { locking: header.locking, single: header.single, headerBytes: header.length }
    const text = forApplication
      ? undefined
      : decodeText(bytes, textStart, message.bodyEnd, message.dataCoding, options.smscDefault, context)
    // Given out all the same, as a handset shows it.
    if (text !== undefined && isBroken(text, message.bodyEnd - textStart, message.dataCoding))
      sink.dropped('invalid charset')
    const envelope = envelopeOf(bytes, timeMs, link)
    const byHeader = header.parts > 1
    const parts = byHeader ? header.parts : message.sarParts
    const part = byHeader ? header.part : message.sarPart
    if (parts < 2 || part < 1 || part > parts || text === undefined) {
      // Of binary content in parts the first stands for all.
      if (parts < 2 || part < 2) give(envelope, text)
      return
    }
    const reference = byHeader ? `u${header.reference}` : `s${message.sarReference}`
    const key = `${reference} ${envelope.from} ${envelope.to.join(' ')}`
    if (long.add(key, part, parts, text, timeMs, envelope) === 'repeated') sink.dropped('part repeated')
  }

  return {
    pdu(bytes, start, end, timeMs, link) {
      if ((bytes[start + 4]! & RESPONSE_BIT) !== 0) return
      const command = commandOf(bytes, start)
      if (!carriesMessage(command)) {
        if (commandName(command) === undefined) sink.dropped('unknown command')
        return
      }
      const fault = readShortMessage(bytes, start, end, message)
      if (fault !== undefined) {
        sink.dropped(fault)
        return
      }
      if (countSequence(link, message.sequence)) sink.dropped('sequence reset')
      if (isReceipt(bytes, message)) sink.dropped('delivery receipt')
      else read(bytes, timeMs, link)
    },
    expire: long.expire,
    flush: long.flush,
  }
}

/** Octets that the alphabet does not know, or half a character at the end. */
function isBroken(text: string, octets: number, dataCoding: number): boolean {
  return (octets % 2 === 1 && alphabetOf(dataCoding) === 'ucs2') || text.includes('\uFFFD')
}

function commandOf(bytes: Uint8Array, start: number): number {
  return (bytes[start + 4]! << 24) | (bytes[start + 5]! << 16) | (bytes[start + 6]! << 8) | bytes[start + 7]!
}

/** Keeps the link's numbering. True when it began anew; a sender that always sends one number is not told of each time. */
function countSequence(link: SmppLink, sequence: number): boolean {
  const isReset = sequence < link.sequence - RESET_DISTANCE
  if (isReset || sequence === link.sequence) link.resets++
  if (isReset || sequence > link.sequence) link.sequence = sequence
  return isReset
}

/** `id:… sub:… dlvrd:…`: the receipt that appendix B shows, from an SMSC that does not set esm_class. */
const RECEIPT_OPENS = Buffer.from('id:')

function isReceipt(bytes: Uint8Array, message: ShortMessage): boolean {
  if (message.command !== DELIVER_SM) return (message.esmClass & MESSAGE_TYPE) !== 0
  if (message.receipt || (message.esmClass & MESSAGE_TYPE) !== 0) return true
  for (let i = 0; i < 3; i++) if ((bytes[message.bodyStart + i]! | 0x20) !== (RECEIPT_OPENS[i]! | 0x20)) return false
  const body = Buffer.from(bytes.subarray(message.bodyStart, message.bodyEnd)).toString('latin1')
  return /^id:\S+ sub:\d+ dlvrd:\d+/i.test(body)
}

/** Types of number (clause 5.2.5) whose value is no telephone number. */
const NETWORK_SPECIFIC = 3
const ALPHANUMERIC = 5
const ABBREVIATED = 6

/** Party of an address: a number by its type of number, else its value as it is. */
export function partyOfAddress(address: Address, identity: Identity): string {
  const { ton, value } = address
  if (ton === ALPHANUMERIC || ton === NETWORK_SPECIFIC || ton === ABBREVIATED || value === '') return value
  if (ton === 1 && isDigits(value)) return identity.ofNumber(`+${value}`)
  return identity.ofNumber(value)
}

function isDigits(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return value.length > 0
}
