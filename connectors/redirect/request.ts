import { Header, latin1Value, type SipMessage, topmostEnd } from '../sip/index.ts'
import { copied } from './text.ts'

/** What every response takes from its request, as text of one character a byte, free of control characters. */
export interface RequestHead {
  /** Via values in order, the topmost alone first. */
  readonly topVia: string
  readonly otherVias: readonly string[]
  readonly from: string
  readonly to: string
  readonly hasToTag: boolean
  readonly callId: string
  readonly cseq: string
}

const MAX_VIAS = 64

/** Undefined when a header that a response must carry is missing or stands twice: there is nobody to answer. */
export function readHead(message: SipMessage): RequestHead | undefined {
  const { first, next } = message
  const lines = [first[Header.from]!, first[Header.to]!, first[Header.callId]!, first[Header.cseq]!]
  const via = first[Header.via]!
  if (via === -1 || lines.some(line => line === -1 || next[line] !== -1)) return undefined
  const [from, to, callId, cseq] = lines.map(line => copied(latin1Value(message, line))) as [
    string,
    string,
    string,
    string,
  ]
  const end = topmostEnd(message, via)
  const whole = latin1Value(message, via)
  const otherVias = end >= whole.length ? [] : [copied(whole.slice(end + 1)).trim()]
  for (let line = next[via]!; line !== -1; line = next[line]!) {
    if (otherVias.length >= MAX_VIAS) return undefined
    otherVias.push(copied(latin1Value(message, line)))
  }

  return {
    topVia: copied(whole.slice(0, end)).trim(),
    otherVias,
    from,
    to,
    hasToTag: /;\s*tag\s*=/i.test(to.slice(Math.max(0, to.lastIndexOf('>')))),
    callId,
    cseq,
  }
}
