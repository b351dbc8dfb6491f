/** One MSRP request or response (RFC 4975 §9), its body as far as it was kept. */
export interface MsrpFrame {
  readonly transaction: string
  /** '' for a response. */
  readonly method: string
  /** 0 for a request. */
  readonly status: number
  /** By name in lower case; the first of each. */
  readonly headers: ReadonlyMap<string, string>
  /** The octets of start line and headers, as they came: with the body and the end line they are the frame again. */
  readonly head: Buffer
  readonly body: Buffer
  /** Octets of the body, kept or not. */
  readonly bodyBytes: number
  /** `$` the message is complete, `+` more follows, `#` it was given up. */
  readonly flag: '$' | '+' | '#'
}

export type FrameDrop = 'not MSRP' | 'head too long' | 'header line broken' | 'stream out of step'

export interface FrameSink {
  frame(frame: MsrpFrame): void
  dropped(reason: FrameDrop): void
}

export interface FrameReader {
  push(bytes: Uint8Array, start: number, end: number): void
  /** Octets are missing here: reading goes on at the next frame. */
  gap(): void
  /** Octets held at the moment. */
  readonly held: number
}

/** Longest head: start line and headers. Paths through relays are the longest part. */
const HEAD_BYTES = 16_384
/** Octets of a body that are kept; RFC 4975 §7.1.1 advises chunks of 2,048. Every direction may hold as much. */
const BODY_BYTES = 65_536
const START = Buffer.from('MSRP ')
const HEAD_END = Buffer.from('\r\n\r\n')
const END_LINE = Buffer.from('\r\n-------')
const NOTHING = Buffer.alloc(0)
/** `\r\n-------`, transaction id of at most 32 characters (RFC 4975 §9: ident), flag, `\r\n`. */
const LONGEST_END = 2 + 7 + 32 + 1 + 2

interface Head {
  readonly transaction: string
  readonly method: string
  readonly status: number
  readonly headers: Map<string, string>
  readonly octets: Buffer
  /** `\r\n-------transaction`: what stands before the flag. */
  readonly endMark: Buffer
}

/**
 * Cuts one direction of a connection into frames. A body is looked through for its own end line only, so that what looks
 * like MSRP inside it stays inside; of a long one the beginning is kept and the rest passed over as it comes.
 */
export function createFrameReader(sink: FrameSink, inStep: boolean): FrameReader {
  let held: Buffer = NOTHING
  let inSync = inStep
  let head: Head | undefined
  let body: Buffer[] = []
  let kept = 0
  let bodyBytes = 0

  function lose(reason: FrameDrop): void {
    sink.dropped(reason)
    head = undefined
    inSync = false
  }

  /** Takes octets of the body: those that cannot be part of an end line that is still arriving. */
  function takeBody(octets: Buffer): void {
    bodyBytes += octets.length
    const room = BODY_BYTES - kept
    if (room <= 0 || octets.length === 0) return
    const part = Buffer.from(octets.length > room ? octets.subarray(0, room) : octets)
    body.push(part)
    kept += part.length
  }

  function give(flag: MsrpFrame['flag']): void {
    const { transaction, method, status, headers, octets } = head!
    head = undefined
    sink.frame({ transaction, method, status, headers, head: octets, body: Buffer.concat(body), bodyBytes, flag })
    body = []
    kept = 0
    bodyBytes = 0
  }

  /** Reads what it can of `data`; returns how much. */
  function step(data: Buffer): number {
    if (!inSync) return findStart(data)
    return head === undefined ? readHead(data) : readBody(data)
  }

  function findStart(data: Buffer): number {
    const at = data.indexOf(START)
    if (at < 0) return Math.max(0, data.length - START.length + 1)
    inSync = true
    return at
  }

  function readHead(data: Buffer): number {
    if (data.length < START.length && START.subarray(0, data.length).equals(data)) return 0
    if (!data.subarray(0, START.length).equals(START)) {
      lose('not MSRP')
      return 1
    }
    const parsed = parseHead(data)
    if (parsed === 'more') {
      if (data.length <= HEAD_BYTES) return 0
      lose('head too long')
      return START.length
    }
    if (parsed === undefined) {
      lose('header line broken')
      return START.length
    }
    head = parsed.head
    body = []
    kept = 0
    bodyBytes = 0
    if (parsed.flag !== undefined) give(parsed.flag)
    return parsed.length
  }

  function readBody(data: Buffer): number {
    const mark = head!.endMark
    let from = 0
    for (;;) {
      const at = data.indexOf(mark, from)
      if (at < 0) {
        const safe = Math.max(0, data.length - LONGEST_END)
        takeBody(data.subarray(0, safe))
        return safe
      }
      const flagAt = at + mark.length
      if (flagAt + 3 > data.length) {
        takeBody(data.subarray(0, at))
        return at
      }
      const flag = flagOf(data, flagAt)
      if (flag !== undefined) {
        takeBody(data.subarray(0, at))
        give(flag)
        return flagAt + 3
      }
      from = at + 1
    }
  }

  return {
    push(bytes, start, end) {
      const fresh = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
      let data = held.length === 0 ? fresh : Buffer.concat([held, fresh])
      while (data.length > 0) {
        const [before, wasInSync] = [head, inSync]
        const used = step(data)
        data = data.subarray(used)
        if (used === 0 && head === before && inSync === wasInSync) break
      }
      held = data.length === 0 ? NOTHING : Buffer.from(data)
    },
    gap() {
      sink.dropped('stream out of step')
      held = NOTHING
      head = undefined
      body = []
      kept = 0
      inSync = false
    },
    get held() {
      return held.length + kept
    },
  }
}

function flagOf(data: Buffer, at: number): MsrpFrame['flag'] | undefined {
  if (data[at + 1] !== 0x0d || data[at + 2] !== 0x0a) return undefined
  const flag = data[at]
  return flag === 0x24 ? '$' : flag === 0x2b ? '+' : flag === 0x23 ? '#' : undefined
}

interface ParsedHead {
  readonly head: Head
  readonly length: number
  /** Set when the end line follows the headers at once: no body. */
  readonly flag: MsrpFrame['flag'] | undefined
}

/** Reads start line and headers up to the empty line or the end line; `more` when they are not all there. */
function parseHead(data: Buffer): ParsedHead | 'more' | undefined {
  // Looked for first, so that a head that trickles in is not read anew with each octet.
  if (data.indexOf(HEAD_END) < 0 && data.indexOf(END_LINE) < 0) return 'more'
  let lineEnd = data.indexOf('\r\n')
  if (lineEnd < 0 || lineEnd > HEAD_BYTES) return 'more'
  const start = /^MSRP ([A-Za-z0-9.\-+%=]{4,32}) (?:(\d{3})(?: .*)?|([A-Z]+))$/.exec(
    data.toString('latin1', 0, lineEnd),
  )
  if (start === null) return undefined
  const transaction = start[1]!
  const headers = new Map<string, string>()
  const head: Omit<Head, 'octets'> = {
    transaction,
    method: start[3] ?? '',
    status: Number(start[2] ?? 0),
    headers,
    endMark: Buffer.from(`\r\n-------${transaction}`),
  }
  const endLine = `-------${transaction}`
  for (;;) {
    const from = lineEnd + 2
    lineEnd = data.indexOf('\r\n', from)
    if (lineEnd < 0 || lineEnd > HEAD_BYTES) return 'more'
    // The body begins after an empty line; its end line may follow that line's own CRLF at once.
    if (lineEnd === from) return parsedHead(head, data, from + 2, undefined)
    const line = data.toString('utf8', from, lineEnd)
    if (line.startsWith(endLine) && line.length === endLine.length + 1) {
      const flag = flagOf(data, lineEnd - 1)
      return flag === undefined ? undefined : parsedHead(head, data, lineEnd + 2, flag)
    }
    const colon = line.indexOf(':')
    if (colon <= 0) return undefined
    const name = line.slice(0, colon).toLowerCase()
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
}

function parsedHead(
  head: Omit<Head, 'octets'>,
  data: Buffer,
  length: number,
  flag: MsrpFrame['flag'] | undefined,
): ParsedHead {
  return { head: { ...head, octets: Buffer.from(data.subarray(0, length)) }, length, flag }
}

/** The frame as octets again, its body as far as it was kept: what another reader is given. */
export function frameOctets(frame: MsrpFrame): Buffer {
  if (!frame.head.subarray(-4).equals(HEAD_END)) return frame.head
  return Buffer.concat([frame.head, frame.body, Buffer.from(`\r\n-------${frame.transaction}${frame.flag}\r\n`)])
}

/** Does `bytes[start, end)` open with an MSRP frame? `more` when there are too few octets to say. */
export function msrpOpens(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'more' {
  const length = Math.min(START.length, end - start)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== START[i]) return 'no'
  return length < START.length ? 'more' : 'yes'
}
