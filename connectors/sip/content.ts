import type { Content } from '../../engine/activity/index.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { firstText, latin1Of } from './text.ts'

/** A multipart or CPIM body nests no deeper than this. */
const MAX_DEPTH = 4
/** Bytes of a body that are looked at: a MESSAGE is 1300 bytes over UDP (RFC 3428 §8), more over streams. */
const MAX_BODY = 262_144
const MAX_PARTS = 16

interface Part {
  readonly type: string
  readonly parameters: string
  readonly encoding: string
  readonly body: string
}

/**
 * What a MESSAGE request carries: media type and text, decoded by charset and transfer encoding, from text/*, multipart
 * and message/cpim (RFC 3862). Undefined for what is no message: delivery notifications (IMDN, RFC 5438) and "is
 * composing" (RFC 3994).
 * @param limit characters of text that are kept
 */
export function contentOf(message: SipMessage, limit: number): Content | undefined {
  const header = firstText(message, Header.contentType, 512)
  const body = latin1Of(message.bytes, message.bodyStart, Math.min(message.bodyEnd, message.bodyStart + MAX_BODY))
  const encoding = firstText(message, Header.contentTransferEncoding, 64)
  // RFC 3261 §20.15 wants a Content-Type with every body; without one it is taken for text.
  return contentOfPart(partOf(header === '' ? 'text/plain' : header, encoding, body), limit, 0)
}

/** As `contentOf`, for a body that came another way (MSRP): its bytes, Content-Type and Content-Transfer-Encoding. */
export function contentOfBody(
  contentType: string,
  encoding: string,
  body: Uint8Array,
  limit: number,
): Content | undefined {
  const kept = body.subarray(0, MAX_BODY)
  return contentOfPart(partOf(contentType, encoding, latin1Of(kept, 0, kept.length)), limit, 0)
}

function partOf(contentType: string, encoding: string, body: string): Part {
  const semicolon = contentType.indexOf(';')
  const type = (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
  return {
    type,
    parameters: semicolon === -1 ? '' : contentType.slice(semicolon),
    encoding: encoding.trim().toLowerCase(),
    body,
  }
}

function contentOfPart(part: Part, limit: number, depth: number): Content | undefined {
  const { type } = part
  if (type === 'message/imdn+xml' || type === 'application/im-iscomposing+xml') return undefined
  if (depth < MAX_DEPTH) {
    if (type.startsWith('multipart/')) return contentOfMultipart(part, limit, depth)
    if (type === 'message/cpim') return contentOfCpim(part, limit, depth)
  }
  if (!type.startsWith('text/')) return { type: type.slice(0, 128) }
  const text = decode(transferDecoded(part), parameter(part.parameters, 'charset'))
  return { type, text: text.length > limit ? cutAt(text, limit) : text }
}

/** Not in the middle of a surrogate pair. */
function cutAt(text: string, limit: number): string {
  const code = text.charCodeAt(limit - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit)
}

/** The first text/plain part, else the first that has text, else the first that is a message at all. */
function contentOfMultipart(part: Part, limit: number, depth: number): Content | undefined {
  const boundary = parameter(part.parameters, 'boundary')
  if (boundary === '') return { type: part.type }
  let best: Content | undefined
  const pieces = part.body.split(`--${boundary}`, MAX_PARTS + 1)
  for (const piece of pieces.slice(1)) {
    if (piece.startsWith('--')) break
    const content = contentOfPart(mimePart(piece.replace(/^[ \t]*\r?\n/, '').replace(/\r?\n$/, '')), limit, depth + 1)
    if (content === undefined) continue
    if (content.type === 'text/plain' && content.text !== undefined) return content
    if (best === undefined || (best.text === undefined && content.text !== undefined)) best = content
  }
  return best
}

/** Message headers, an empty line, MIME headers, an empty line, the content (RFC 3862 §2). */
function contentOfCpim(part: Part, limit: number, depth: number): Content | undefined {
  const end = /\r?\n\r?\n/.exec(part.body)
  if (end === null) return { type: part.type }
  return contentOfPart(mimePart(part.body.slice(end.index + end[0].length)), limit, depth + 1)
}

function mimePart(text: string): Part {
  const end = /^\r?\n|\r?\n\r?\n/.exec(text)
  const head = end === null ? '' : text.slice(0, end.index).replace(/\r?\n[ \t]+/g, ' ')
  const body = end === null ? text : text.slice(end.index + end[0].length)
  let contentType = 'text/plain'
  let encoding = ''
  for (const line of head.split(/\r?\n/, 64)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    if (name === 'content-type') contentType = line.slice(colon + 1).trim()
    else if (name === 'content-transfer-encoding') encoding = line.slice(colon + 1)
  }
  return partOf(contentType, encoding, body)
}

/** Value of a `;name=value` or `;name="value"` of a Content-Type, empty when absent. */
function parameter(parameters: string, name: string): string {
  for (const piece of parameters.split(';')) {
    const equals = piece.indexOf('=')
    if (equals === -1 || piece.slice(0, equals).trim().toLowerCase() !== name) continue
    return piece
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/s, '$1')
  }
  return ''
}

function transferDecoded(part: Part): Buffer {
  if (part.encoding === 'base64') return Buffer.from(part.body, 'base64')
  if (part.encoding !== 'quoted-printable') return Buffer.from(part.body, 'latin1')
  const text = part.body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(text, 'latin1')
}

type Decoder = InstanceType<typeof TextDecoder>

const decoders = new Map<string, Decoder | undefined>()

/** A charset that nobody knows is read as UTF-8 (RFC 3261 §7.4.1: the default); what does not decode becomes U+FFFD. */
function decode(bytes: Buffer, charset: string): string {
  if (charset === '' || charset.length > 32) return bytes.toString('utf8')
  const label = charset.toLowerCase()
  if (!decoders.has(label)) {
    if (decoders.size > 256) decoders.clear()
    decoders.set(label, decoderOf(label))
  }
  return decoders.get(label)?.decode(bytes) ?? bytes.toString('utf8')
}

function decoderOf(label: string): Decoder | undefined {
  try {
    return new TextDecoder(label)
  } catch {
    return undefined
  }
}
