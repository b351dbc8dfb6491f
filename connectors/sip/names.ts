/**
 * Names that the reader knows, as small integers: header fields (with their compact forms, RFC 3261 §20 and the IANA
 * registry) and methods. A name is recognised by one perfect hash over its length and four of its bytes and one comparison.
 */

const headerNames = [
  // 0 is "any other header".
  '',
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'content-type',
  'contact',
  'route',
  'record-route',
  'user-agent',
  'server',
  'p-asserted-identity',
  'p-preferred-identity',
  'remote-party-id',
  'diversion',
  'history-info',
  'identity',
  'reason',
  'expires',
  'session-expires',
  'authorization',
  'proxy-authorization',
  'www-authenticate',
  'proxy-authenticate',
  'date',
  'session-id',
  'content-encoding',
  'content-transfer-encoding',
  'content-disposition',
  'retry-after',
  'replaces',
  'refer-to',
  'referred-by',
  'event',
  'privacy',
  'supported',
  'require',
  'allow',
  'accept',
  'subject',
  'warning',
  'timestamp',
  'organization',
  'min-expires',
  'in-reply-to',
  'p-charging-vector',
  'p-access-network-info',
  'allow-events',
  'mime-version',
  'subscription-state',
  'rseq',
  'rack',
  'call-info',
  'alert-info',
  'accept-contact',
  'reject-contact',
  'request-disposition',
  'identity-info',
  'min-se',
  'proxy-require',
  'unsupported',
  'security-client',
  'path',
  'service-route',
] as const

/** Compact forms: the letter and the full name (RFC 3261, 3515, 3265, 3841, 4028, 4474, 8224 …). */
const compactForms: Readonly<Record<string, (typeof headerNames)[number]>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

/** Code of a header the reader knows; `headerCodeOf` gives it for bytes. */
export const Header = {
  other: 0,
  via: 1,
  from: 2,
  to: 3,
  callId: 4,
  cseq: 5,
  maxForwards: 6,
  contentLength: 7,
  contentType: 8,
  contact: 9,
  route: 10,
  recordRoute: 11,
  userAgent: 12,
  server: 13,
  assertedIdentity: 14,
  preferredIdentity: 15,
  remotePartyId: 16,
  diversion: 17,
  historyInfo: 18,
  identity: 19,
  reason: 20,
  expires: 21,
  sessionExpires: 22,
  authorization: 23,
  proxyAuthorization: 24,
  wwwAuthenticate: 25,
  proxyAuthenticate: 26,
  date: 27,
  sessionId: 28,
  contentEncoding: 29,
  contentTransferEncoding: 30,
  contentDisposition: 31,
  retryAfter: 32,
  replaces: 33,
  referTo: 34,
} as const

export const HEADER_KINDS = headerNames.length

export const methodNames = [
  '',
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'OPTIONS',
  'MESSAGE',
  'UPDATE',
  'PRACK',
  'INFO',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
] as const

/** Code of a method; 0 for one that is not in the list. */
export const Method = {
  other: 0,
  invite: 1,
  ack: 2,
  bye: 3,
  cancel: 4,
  register: 5,
  options: 6,
  message: 7,
  update: 8,
  prack: 9,
} as const

const SLOTS = 1024

interface NameTable {
  readonly slots: Uint8Array
  readonly multipliers: readonly [number, number, number]
}

/** Folded bytes of all names one after the other, and where each begins. */
const nameStarts = new Uint16Array(headerNames.length + 1)
const nameBytes = Buffer.from(headerNames.join(''), 'latin1')
for (let code = 0; code < headerNames.length; code++)
  nameStarts[code + 1] = nameStarts[code]! + headerNames[code]!.length

const compactCodes = new Uint8Array(256)
for (const [letter, name] of Object.entries(compactForms)) {
  const code = headerNames.indexOf(name)
  compactCodes[letter.charCodeAt(0)] = code
  compactCodes[letter.toUpperCase().charCodeAt(0)] = code
}

const { slots, multipliers } = perfectTable()
const [A, B, C] = multipliers

/** Searches multipliers under which no two names share a slot; a few dozen tries, once. */
function perfectTable(): NameTable {
  for (let seed = 1; seed < 100_000; seed++) {
    const tried = [(seed * 31) | 1, (seed * 107) | 1, (seed * 1009) | 1] as const
    const table = new Uint8Array(SLOTS)
    let clash = false
    for (let code = 1; code < headerNames.length && !clash; code++) {
      const name = nameBytes.subarray(nameStarts[code], nameStarts[code + 1])
      const n = name.length
      const slot =
        (n * tried[0] + name[0]! * tried[1] + name[n - 1]! * tried[2] + name[n >> 1]! * 29 + name[n - 2]!) & (SLOTS - 1)
      clash = table[slot] !== 0
      table[slot] = code
    }
    if (!clash) return { slots: table, multipliers: tried }
  }
  throw new Error('no perfect hash for the header names')
}

/** Code of the header name `bytes[start, end)`, whatever its case; 0 when it is not one of the list. */
export function headerCodeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length === 1) return compactCodes[bytes[start]!]!
  if (length < 2) return 0
  const slot =
    (length * A +
      (bytes[start]! | 0x20) * B +
      (bytes[end - 1]! | 0x20) * C +
      (bytes[start + (length >> 1)]! | 0x20) * 29 +
      (bytes[end - 2]! | 0x20)) &
    (SLOTS - 1)
  const code = slots[slot]!
  if (code === 0) return 0
  const nameStart = nameStarts[code]!
  if (nameStarts[code + 1]! - nameStart !== length) return 0
  for (let i = 0; i < length; i++) {
    const expected = nameBytes[nameStart + i]!
    // A letter matches in either case; the hyphen (0x2d has bit 0x20 set already) only itself.
    const byte = bytes[start + i]!
    if (byte !== expected && (expected === 0x2d || (byte | 0x20) !== expected)) return 0
  }
  return code
}

/** Code of the method `bytes[start, end)`: methods are case-sensitive (RFC 3261 §7.1). */
export function methodCodeOf(bytes: Uint8Array, start: number, end: number): number {
  const candidate = methodCandidate(bytes[start]!, end - start)
  if (candidate === 0) return 0
  const name = methodNames[candidate]!
  if (name.length !== end - start) return 0
  for (let i = 1; i < name.length; i++) if (bytes[start + i] !== name.charCodeAt(i)) return 0
  return candidate
}

/** First byte and, where two methods share it, the length. */
function methodCandidate(first: number, length: number): number {
  switch (first) {
    case 0x49: // I
      return length === 4 ? 10 : Method.invite
    case 0x41: // A
      return Method.ack
    case 0x42: // B
      return Method.bye
    case 0x43: // C
      return Method.cancel
    case 0x52: // R
      return length === 5 ? 11 : Method.register
    case 0x4f: // O
      return Method.options
    case 0x4d: // M
      return Method.message
    case 0x55: // U
      return Method.update
    case 0x50: // P
      return length === 5 ? Method.prack : 14
    case 0x53: // S
      return 12
    case 0x4e: // N
      return 13
    default:
      return 0
  }
}
