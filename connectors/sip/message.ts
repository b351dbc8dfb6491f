import { HEADER_KINDS } from './names.ts'

/** More header lines than this is an attack: the rest is not looked at and the message is invalid. */
export const MAX_HEADERS = 256

/** Why a message is not valid SIP: a closed list, fit for a metric's label. */
export const sipReasons = [
  'not-sip',
  'bad-start-line',
  'bad-version',
  'bad-method',
  'bad-request-uri',
  'bad-status',
  'bad-header-line',
  'too-many-headers',
  'no-header-end',
  'missing-via',
  'missing-from',
  'missing-to',
  'missing-call-id',
  'missing-cseq',
  'missing-content-length',
  'repeated-header',
  'bad-cseq',
  'cseq-mismatch',
  'bad-content-length',
  'short-body',
  'bad-via',
  'bad-from',
  'bad-to',
  'bad-contact',
  'bad-route',
  'bad-call-id',
  'bad-max-forwards',
  'bad-expires',
  'bad-date',
] as const
export type SipReason = (typeof sipReasons)[number]

/**
 * One SIP message as offsets into the bytes it was read from: headers are located once and decoded when asked for.
 * A reader is made once and reused for every message; what it says holds until the next read, and the bytes must stay.
 */
export interface SipMessage {
  bytes: Uint8Array
  /** First byte of the start line, after any leading CRLF. */
  start: number
  /** One past the message: the body's end by Content-Length, or the end of what was given. */
  end: number
  isRequest: boolean
  /** Code of the request's method (`Method`), 0 for one not in the list or a response. */
  method: number
  methodStart: number
  methodEnd: number
  /** Status of a response, 0 for a request or when it is no number. */
  status: number
  uriStart: number
  uriEnd: number
  /** Sequence number of CSeq, -1 when there is none that can be read. */
  cseq: number
  /** Code of CSeq's method, and where it stands. */
  cseqMethod: number
  cseqMethodStart: number
  cseqMethodEnd: number
  /** Value of Content-Length, -1 when absent, -2 when unreadable. */
  contentLength: number
  bodyStart: number
  bodyEnd: number
  /** What made the frame itself invalid; the grammar of the headers is `checkSip`'s work. */
  reason: SipReason | undefined
  headerCount: number
  /** For each header line in order: code, name and value as [start, end). */
  readonly codes: Uint8Array
  readonly nameStarts: Int32Array
  readonly nameEnds: Int32Array
  readonly valueStarts: Int32Array
  readonly valueEnds: Int32Array
  /** Next line with the same code, -1 after the last. */
  readonly next: Int16Array
  /** By code: first and last line, -1 when absent. */
  readonly first: Int16Array
  readonly last: Int16Array
}

/** An empty message to read into. */
export function createSipMessage(): SipMessage {
  return {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    isRequest: false,
    method: 0,
    methodStart: 0,
    methodEnd: 0,
    status: 0,
    uriStart: 0,
    uriEnd: 0,
    cseq: -1,
    cseqMethod: 0,
    cseqMethodStart: 0,
    cseqMethodEnd: 0,
    contentLength: -1,
    bodyStart: 0,
    bodyEnd: 0,
    reason: undefined,
    headerCount: 0,
    codes: new Uint8Array(MAX_HEADERS),
    nameStarts: new Int32Array(MAX_HEADERS),
    nameEnds: new Int32Array(MAX_HEADERS),
    valueStarts: new Int32Array(MAX_HEADERS),
    valueEnds: new Int32Array(MAX_HEADERS),
    next: new Int16Array(MAX_HEADERS),
    first: new Int16Array(HEADER_KINDS),
    last: new Int16Array(HEADER_KINDS),
  }
}
