import { endOfValue, type SipAddress } from './address.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'

/** The last buffer that was decoded from, as a Buffer: taps give the same one for many messages. */
let viewed: Uint8Array | undefined
let view: Buffer = Buffer.alloc(0)

function viewOf(bytes: Uint8Array): Buffer {
  if (bytes !== viewed) {
    view = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    viewed = bytes
  }
  return view
}

/** `bytes[start, end)` one character a byte: for tokens, hosts and identifiers, which are ASCII or opaque. */
export function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  return start >= end ? '' : viewOf(bytes).toString('latin1', start, end)
}

/** `bytes[start, end)` as UTF-8 (RFC 3261 §7); bytes that are not become U+FFFD. */
export function utf8Of(bytes: Uint8Array, start: number, end: number): string {
  return start >= end ? '' : viewOf(bytes).toString('utf8', start, end)
}

const folding = /[ \t]*\r?\n[ \t]+/g

/** Value of a header line as text, folding undone (a fold is one space, RFC 3261 §7.3.1), at most `limit` bytes of it. */
export function headerText(message: SipMessage, line: number, limit = 8192): string {
  if (line < 0) return ''
  const start = message.valueStarts[line]!
  const text = utf8Of(message.bytes, start, Math.min(message.valueEnds[line]!, start + limit))
  return text.includes('\n') ? text.replace(folding, ' ') : text
}

/** Value of the first header of a kind, empty when absent. */
export function firstText(message: SipMessage, code: number, limit?: number): string {
  return headerText(message, message.first[code]!, limit)
}

/** Line of the first header of that name (lower case) among those the reader has no code for, -1 when absent. */
export function lineNamed(message: SipMessage, name: string): number {
  for (let line = message.first[Header.other]!; line !== -1; line = message.next[line]!) {
    const start = message.nameStarts[line]!
    const end = message.nameEnds[line]!
    if (end - start === name.length && latin1Of(message.bytes, start, end).toLowerCase() === name) return line
  }
  return -1
}

/** Display name of an address, escapes undone and folding too; at most 256 characters. */
export function displayOf(address: SipAddress, bytes: Uint8Array): string {
  if (address.displayEnd <= address.displayStart) return ''
  let text = utf8Of(bytes, address.displayStart, Math.min(address.displayEnd, address.displayStart + 1024))
  if (text.includes('\n')) text = text.replace(folding, ' ')
  if (address.isQuoted && text.includes('\\')) text = text.replace(/\\(.)/gs, '$1')
  return text.length > 256 ? text.slice(0, 256) : text
}

/** Value of a header line one character a byte, folding as it stands. */
export function latin1Value(message: SipMessage, line: number): string {
  return latin1Of(message.bytes, message.valueStarts[line]!, message.valueEnds[line]!)
}

/** Where the first value of a comma-joined header line ends, from the beginning of the value. */
export function topmostEnd(message: SipMessage, line: number): number {
  const start = message.valueStarts[line]!
  return endOfValue(message.bytes, start, message.valueEnds[line]!) - start
}
