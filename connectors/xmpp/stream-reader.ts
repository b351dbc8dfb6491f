import { StringDecoder } from 'node:string_decoder'
import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { XmlElement } from './element.ts'

/** Bounds of one stanza: RFC 6120 §13.12 lets servers limit it, 10,000 octets at the least; real servers allow 64–256 KB. */
const STANZA_BYTES = 262_144
const DEPTH = 32
const ELEMENTS = 2000

export type XmppFault =
  | 'XML not well-formed'
  | 'document type or processing instruction'
  | 'stanza too long'
  | 'stanza too deep'
  | 'stream out of step'

export interface StreamReaderSink {
  /** A stream was opened: the attributes of its header. */
  opened(header: XmlElement): void
  stanza(stanza: XmlElement): void
  /** The stream was closed in order. */
  closed(): void
  dropped(fault: XmppFault): void
}

export interface StreamReader {
  push(bytes: Uint8Array, start: number, end: number): void
  /** Octets are missing here: reading goes on at the next stanza. */
  gap(): void
}

/** What stands before the stanzas of a stream whose header was not seen (RFC 6120 §4.2). */
const HEADER = '<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">'
const STREAMS = 'http://etherx.jabber.org/streams'
/** Beginnings tried within one piece of a damaged stream; what is left of it then is passed over, so that damage stays cheap. */
const FAILURES = 8
const STANZA_OPENS = ['<message', '<iq', '<stream:stream', '<presence']

/**
 * Reads one direction of an XMPP stream into stanzas. Document types, processing instructions and comments, which RFC 6120
 * §11.1 forbids and entity bombs need, end the stanza: no entity but the five of XML is ever expanded. A stanza is bounded in
 * octets, depth and elements. After damage, and where `inStep` is false, reading begins at the next stanza.
 */
export function createStreamReader(sink: StreamReaderSink, inStep: boolean): StreamReader {
  let decoder = new StringDecoder('utf8')
  let parser: ReturnType<typeof createParser> | undefined = inStep ? createParser(sink) : undefined
  // What may be the beginning of a stanza while one is looked for.
  let tail = ''

  function fail(fault: XmppFault): void {
    sink.dropped(fault)
    parser = undefined
    tail = ''
  }

  /** Finds where reading can begin again; returns what is to be parsed from there. */
  function resume(text: string): string | undefined {
    const all = tail + text
    let first = -1
    for (const opening of STANZA_OPENS) {
      const at = all.indexOf(opening)
      if (at >= 0 && (first < 0 || at < first)) first = at
    }
    if (first < 0) {
      tail = all.slice(-16)
      return undefined
    }
    tail = ''
    parser = createParser(sink)
    if (!all.startsWith('<stream:stream', first)) parser.write(HEADER)
    return all.slice(first)
  }

  function read(text: string): void {
    let rest: string | undefined = text
    for (let failures = 0; failures < FAILURES; failures++) {
      if (parser === undefined) rest = resume(rest)
      if (rest === undefined || parser === undefined) return
      const failed = parser.write(rest)
      if (failed === undefined) return
      fail(failed.fault)
      rest = rest.slice(Math.max(1, failed.at))
    }
  }

  return {
    push(bytes, start, end) {
      read(decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)))
    },
    gap() {
      decoder = new StringDecoder('utf8')
      if (parser !== undefined) sink.dropped('stream out of step')
      parser = undefined
      tail = ''
    },
  }
}

/** Text handed to the parser at once: the stanza bound is looked at between pieces. */
const PIECE = 16_384
const STOP = Object.freeze({})

function createParser(sink: StreamReaderSink) {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const path: XmlElement[] = []
  let fault: XmppFault | undefined
  let failedAt = 0
  let elements = 0
  let characters = 0

  /** Ends parsing there and then: after a fault the parser would report one error, with its stack, for each odd character. */
  function fail(what: XmppFault): void {
    fault ??= what
    failedAt = parser.position
    throw STOP
  }
  const forbidden = () => fail('document type or processing instruction')
  parser.on('error', () => fail('XML not well-formed'))
  parser.on('doctype', forbidden)
  parser.on('processinginstruction', forbidden)
  parser.on('comment', forbidden)
  parser.on('opentag', tag => {
    const element = elementOf(tag)
    if (path.length === 0) {
      if (tag.uri === STREAMS && tag.local === 'stream') sink.opened(element)
      characters = 0
    } else if (path.length === 1) elements = 1
    else if (path.length > DEPTH || ++elements > ELEMENTS) fail('stanza too deep')
    // The stream element lives as long as the connection: it keeps no children.
    if (path.length > 1 && fault === undefined) path[path.length - 1]!.children.push(element)
    path.push(element)
  })
  parser.on('text', text => {
    if (path.length > 1) path[path.length - 1]!.text += text
  })
  parser.on('cdata', text => {
    if (path.length > 1) path[path.length - 1]!.text += text
  })
  parser.on('closetag', () => {
    const element = path.pop()
    if (path.length === 1 && element !== undefined) {
      characters = 0
      if (fault === undefined) sink.stanza(element)
    } else if (path.length === 0) sink.closed()
  })

  return {
    /** Parses on. Of damage, returns what it is and how far into `text` it was found. */
    write(text: string): { readonly fault: XmppFault; readonly at: number } | undefined {
      const before = parser.position
      // The parser makes an Error of each fault; a stack nobody reads took a third of the time of hostile input.
      const stackTraceLimit = Error.stackTraceLimit
      Error.stackTraceLimit = 0
      for (let at = 0; at < text.length && fault === undefined; at += PIECE) {
        const piece = text.length <= PIECE ? text : text.slice(at, at + PIECE)
        characters += piece.length
        try {
          parser.write(piece)
          if (characters > STANZA_BYTES) fail('stanza too long')
        } catch {
          // The one that was thrown by fail(), or the parser's own: either way it is not used again.
          fault ??= 'XML not well-formed'
        }
      }
      Error.stackTraceLimit = stackTraceLimit
      return fault === undefined ? undefined : { fault, at: failedAt - before }
    },
  }
}

function elementOf(tag: SaxesTagNS): XmlElement {
  const attributes: Record<string, string> = Object.create(null)
  for (const name in tag.attributes) attributes[name] = tag.attributes[name]!.value
  return { name: tag.local, namespace: tag.uri, attributes, children: [], text: '' }
}

const STREAM_OPENS = ['<?xml ', '<stream:stream', '<message', '<iq ', '<presence']

/** Does `bytes[start, end)` open with an XMPP stream or stanza? `more` when there are too few octets to say. */
export function xmppOpens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
  if (start < end && bytes[start] !== 0x3c) return 'no'
  const text = Buffer.from(bytes.subarray(start, Math.min(end, start + 512))).toString('latin1')
  if (!STREAM_OPENS.some(opening => opening.startsWith(text.slice(0, opening.length)))) return 'no'
  // Any XML may begin with a declaration: the stream header behind it tells.
  if (text.startsWith('<?xml ')) return text.includes('<stream:stream') ? 'yes' : text.length < 512 ? 'more' : 'no'
  return STREAM_OPENS.some(opening => text.startsWith(opening)) ? 'yes' : 'more'
}
