import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import {
  checkSip,
  createSipMessage,
  firstText,
  Header,
  headerText,
  lineNamed,
  Method,
  originOf,
  readSip,
  type SipMessage,
  targetOf,
  type VerifyPassport,
} from '../sip/index.ts'
import { createMarker } from './marker.ts'
import type { RedirectOptions } from './options.ts'
import { type PlanOptions, plan, type Reply } from './plan.ts'
import type { Ask, RedirectAnswer, RedirectQuestion } from './port.ts'
import { createRecent } from './recent.ts'
import { type RequestHead, readHead } from './request.ts'
import { bracketable } from './text.ts'
import { returnWay } from './via.ts'
import { writeResponse } from './write.ts'

/** Why a request got no decision: a closed list, fit for a metric's label. */
export const redirectDrops = [
  'not-sip',
  'not-a-request',
  'unanswerable',
  'malformed',
  'too-long',
  'stranger',
  'loop',
  'too-many-hops',
  'ask-failed',
  'connection',
  'send-failed',
] as const
export type RedirectDrop = (typeof redirectDrops)[number]

export interface RedirectCounters {
  /** One answer: its status, and the action behind it or why there was none. */
  answered(status: number, action: string): void
  retransmitted(): void
  absorbed(method: string): void
  dropped(reason: RedirectDrop): void
}

export interface ResponderContext {
  readonly ask: Ask
  readonly identity: Identity
  readonly counters: RedirectCounters
  /** Milliseconds; any clock that does not go back. */
  readonly now: () => number
  /** URI of the signed card for redress, if there is one. */
  readonly card: string | undefined
  readonly verify?: VerifyPassport
  /** Every decision, when it was made. */
  readonly decided?: (answer: RedirectAnswer) => void
}

export interface Response {
  readonly bytes: Buffer
  /** Port that the answer goes to over UDP; the address is always the one that the request came from. */
  readonly port: number
}

/** Answers one whole request out of `bytes[start, end)`; undefined when nothing is to be sent. Never throws. */
export type Respond = (
  bytes: Uint8Array,
  start: number,
  end: number,
  address: string,
  port: number,
) => Response | undefined

const ALLOW = 'Allow: INVITE, ACK, CANCEL, OPTIONS, MESSAGE'
const fallback: RedirectAnswer = { action: 'allow', score: 0, reasons: [] }

/**
 * A stateless UAS (RFC 3261 §8.2.7): the response is a function of the request and of the decision, the To tag a hash of the
 * transaction, ACK and CANCEL are taken in silence. Only decisions of the last half minute are remembered, so that a
 * retransmission gets the answer that was given even when the standing has changed meanwhile.
 */
export function createResponder(options: RedirectOptions, context: ResponderContext): Respond {
  const { counters, identity } = context
  const planOptions: PlanOptions = { ...options, card: context.card }
  const marker = createMarker(options.secret)
  const recent = createRecent<RedirectAnswer>(context.now)
  const message = createSipMessage()

  function decide(head: RequestHead): RedirectAnswer {
    const key = idOf(head.topVia, head.callId, head.cseq, head.from)
    const known = recent.get(key)
    if (known !== undefined) {
      counters.retransmitted()
      return known
    }
    const answer = askSafely(questionOf(message, identity, options, context.verify))
    recent.set(key, answer)
    context.decided?.(answer)
    return answer
  }

  /** A decision that cannot be made lets the call through. */
  function askSafely(question: RedirectQuestion): RedirectAnswer {
    try {
      return context.ask(question)
    } catch {
      counters.dropped('ask-failed')
      return fallback
    }
  }

  function judge(head: RequestHead): Reply {
    const uri = latin1(message, message.uriStart, message.uriEnd)
    const fromTag = tagOf(head.from)
    const hops = firstText(message, Header.maxForwards, 16)
    if (hops !== '' && Number(hops) === 0) {
      counters.dropped('too-many-hops')
      return { status: 483, phrase: 'Too Many Hops', headers: [] }
    }
    if (marker.isOn(uri, head.callId, fromTag) || diversions(message) > options.maxDiversions) {
      counters.dropped('loop')
      return { status: 482, phrase: 'Loop Detected', headers: [] }
    }
    const plain = bracketable(marker.without(uri))
    if (plain === undefined) {
      counters.dropped('malformed')
      return { status: 400, phrase: 'Bad Request-URI', headers: [] }
    }
    const answer = decide(head)
    const origin = originOf(identity, message, true, context.verify)
    return plan(
      answer,
      {
        uri: plain,
        originUri: origin.uri === undefined ? undefined : bracketable(origin.uri),
        display: origin.display ?? '',
        attestation: origin.attestation,
        verification: origin.verification,
        mark: options.marker ? marker.of(head.callId, fromTag) : '',
      },
      planOptions,
    )
  }

  function replyTo(head: RequestHead): { reply: Reply; action: string } | undefined {
    const { method } = message
    if (method === Method.ack || method === Method.cancel) {
      counters.absorbed(method === Method.ack ? 'ACK' : 'CANCEL')
      return undefined
    }
    const wrong = checkSip(message)
    if (wrong !== undefined) {
      counters.dropped('malformed')
      return {
        reply: { status: 400, phrase: 'Bad Request', headers: [`X-Ringfence: reason=${wrong}`] },
        action: 'refused',
      }
    }
    if (method === Method.options)
      return { reply: { status: 200, phrase: 'OK', headers: [ALLOW, 'Accept: application/sdp'] }, action: 'options' }
    if (method !== Method.invite && method !== Method.message)
      return { reply: { status: 405, phrase: 'Method Not Allowed', headers: [ALLOW] }, action: 'refused' }
    if (head.hasToTag)
      return { reply: { status: 481, phrase: 'Call/Transaction Does Not Exist', headers: [] }, action: 'refused' }
    const reply = judge(head)
    return { reply, action: actionOf(reply) }
  }

  return (bytes, start, end, address, port) => {
    if (end - start > options.maxMessageBytes) {
      counters.dropped('too-long')
      return undefined
    }
    if (!readSip(message, bytes, start, end)) {
      // Keep-alives are line ends or zeros and no attempt at anything.
      if (!isKeepAlive(bytes, start, end)) counters.dropped('not-sip')
      return undefined
    }
    if (!message.isRequest) {
      counters.dropped('not-a-request')
      return undefined
    }
    const head = readHead(message)
    const way = head === undefined ? undefined : returnWay(head.topVia, address, port)
    if (head === undefined || way === undefined) {
      counters.dropped('unanswerable')
      return undefined
    }
    const answer = replyTo(head)
    if (answer === undefined) return undefined
    counters.answered(answer.reply.status, answer.action)
    const tag = idOf('to', head.topVia, head.callId, head.cseq, head.from).slice(0, 16)
    return { bytes: writeResponse(head, way.via, tag, answer.reply), port: way.port }
  }
}

/** Action as the reply's own note tells it; a reply without one was a refusal. */
function actionOf({ headers }: Reply): string {
  return /^X-Ringfence: action=(\w+)/.exec(headers.at(-1) ?? '')?.[1] ?? 'refused'
}

function questionOf(
  message: SipMessage,
  identity: Identity,
  { peerHeader }: RedirectOptions,
  verify: VerifyPassport | undefined,
): RedirectQuestion {
  // Who asks is the operator's own proxy: what it asserts is believed.
  const { party, asserted, attestation, verification, claimed, display } = originOf(identity, message, true, verify)
  const to = targetOf(identity, message)
  const agent = firstText(message, Header.userAgent, 256)
  const peer = peerHeader === '' ? '' : headerText(message, lineNamed(message, peerHeader.toLowerCase()), 64).trim()
  return {
    kind: message.method === Method.message ? 'message' : 'call',
    from: party,
    ...(to === undefined ? {} : { to: to.party }),
    ...(asserted === undefined ? {} : { asserted }),
    ...(attestation === undefined ? {} : { attestation }),
    ...(verification === undefined ? {} : { verification }),
    ...(claimed === undefined ? {} : { claimed }),
    ...(display === undefined ? {} : { display }),
    ...(agent === '' ? {} : { agent }),
    ...(peer === '' ? {} : { peer }),
  }
}

/** How often the call was diverted on its way here: entries of History-Info (RFC 7044) and Diversion (RFC 5806). */
function diversions(message: SipMessage): number {
  let entries = 0
  for (const code of [Header.historyInfo, Header.diversion]) {
    for (let line = message.first[code]!; line !== -1; line = message.next[line]!) {
      // A comma inside <…> or quotes counts too much, never too little: the limit is generous.
      entries += headerText(message, line, 8192).split(',').length
    }
  }
  return entries
}

function tagOf(value: string): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(value.slice(Math.max(0, value.lastIndexOf('>'))))?.[1] ?? ''
}

function latin1(message: SipMessage, start: number, end: number): string {
  return Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength).toString(
    'latin1',
    start,
    end,
  )
}

function isKeepAlive(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 8) return false
  for (let at = start; at < end; at++) if (bytes[at] !== 0 && bytes[at] !== 10 && bytes[at] !== 13) return false
  return true
}
