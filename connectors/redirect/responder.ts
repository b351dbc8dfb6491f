import type { Origin } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import {
  checkSip,
  createSipMessage,
  firstText,
  Header,
  identityHeaders,
  learnPassport,
  Method,
  originOf,
  type PassportAnswer,
  passportQuestion,
  readSip,
  type VerifyPassports,
} from '../sip/index.ts'
import { createMarker } from './marker.ts'
import type { RedirectOptions } from './options.ts'
import { plan, type Reply } from './plan.ts'
import type { Ask, RedirectAnswer, RedirectQuestion } from './port.ts'
import { diversions, latin1, questionOf, tagOf } from './question.ts'
import { createRecent } from './recent.ts'
import { type RequestHead, readHead } from './request.ts'
import { bracketable } from './text.ts'
import { type ReturnWay, returnWay } from './via.ts'
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
  /** URI of the signed card for redress, which lets this party appeal; undefined without a card. */
  readonly card: ((party: string) => string) | undefined
  /** Verifies signed identities, within its deadline; the answer waits for it. */
  readonly verify?: VerifyPassports | undefined
  /** Wall clock in milliseconds: signed identities have a date. */
  readonly wallClock?: () => number
  /** Every decision, when it was made. */
  readonly decided?: (answer: RedirectAnswer) => void
}

/** What was decided for a call, and what its signature was worth. */
interface Given {
  readonly answer: RedirectAnswer
  readonly passport: PassportAnswer | undefined
}

export interface Response {
  readonly bytes: Buffer
  /** Port that the answer goes to over UDP; the address is always the one that the request came from. */
  readonly port: number
}

/**
 * Answers one whole request out of `bytes[start, end)`; undefined when nothing is to be sent. At once, but for a request whose
 * signed identity has to be verified first. Never throws or rejects.
 */
export type Respond = (
  bytes: Uint8Array,
  start: number,
  end: number,
  address: string,
  port: number,
) => Response | undefined | Promise<Response | undefined>

const ALLOW = 'Allow: INVITE, ACK, CANCEL, OPTIONS, MESSAGE'
const fallback: RedirectAnswer = { action: 'allow', score: 0, reasons: [] }

/**
 * A stateless UAS (RFC 3261 §8.2.7): the response is a function of the request and of the decision, the To tag a hash of the
 * transaction, ACK and CANCEL are taken in silence. Only decisions of the last half minute are remembered, so that a
 * retransmission gets the answer that was given even when the standing has changed meanwhile.
 */
export function createResponder(options: RedirectOptions, context: ResponderContext): Respond {
  const { counters, identity } = context
  const marker = createMarker(options.secret)
  const recent = createRecent<Given>(context.now)
  const message = createSipMessage()

  /** The origin as the headers say, and as its signature says once that was looked at. */
  function originNow(passport: PassportAnswer | undefined): Origin {
    // Who asks is the operator's own proxy: what it asserts is believed.
    const origin = originOf(identity, message, true)
    if (passport !== undefined) learnPassport(identity, origin, passport)
    return origin
  }

  function decide(head: RequestHead, passport: PassportAnswer | undefined): Given {
    const key = keyOf(head)
    const known = recent.get(key)
    if (known !== undefined) {
      counters.retransmitted()
      return known
    }
    const answer = askSafely(questionOf(message, identity, originNow(passport), options))
    const given = { answer, passport }
    recent.set(key, given)
    context.decided?.(answer)
    return given
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

  function judge(head: RequestHead, verified: PassportAnswer | undefined): Reply {
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
    const { answer, passport } = decide(head, verified)
    const origin = originNow(passport)
    return plan(
      answer,
      {
        uri: plain,
        originUri: origin.uri === undefined ? undefined : bracketable(origin.uri),
        display: origin.display ?? '',
        attestation: origin.attestation,
        verification: origin.verification,
        card: () => context.card?.(origin.party),
        mark: () => (options.marker ? marker.of(head.callId, fromTag) : ''),
      },
      options,
    )
  }

  function replyTo(
    head: RequestHead,
    passport: PassportAnswer | undefined,
  ): { reply: Reply; action: string } | undefined {
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
    const reply = judge(head, passport)
    return { reply, action: actionOf(reply) }
  }

  /** A new call's signed identity is verified before it is decided on; undefined when there is nothing to wait for. */
  function verifying(head: RequestHead): Promise<PassportAnswer | undefined> | undefined {
    const { verify } = context
    if (verify === undefined || head.hasToTag || message.first[Header.identity] === -1) return undefined
    if (message.method !== Method.invite && message.method !== Method.message) return undefined
    if (recent.get(keyOf(head)) !== undefined) return undefined
    const nowMs = (context.wallClock ?? Date.now)()
    return verify(identityHeaders(message), passportQuestion(identity, message, originNow(undefined), nowMs))
  }

  /** Reads a request; undefined when there is nobody to answer. */
  function read(bytes: Uint8Array, start: number, end: number): RequestHead | undefined {
    if (end - start > options.maxMessageBytes) counters.dropped('too-long')
    else if (!readSip(message, bytes, start, end)) {
      // Keep-alives are line ends or zeros and no attempt at anything.
      if (!isKeepAlive(bytes, start, end)) counters.dropped('not-sip')
    } else if (!message.isRequest) counters.dropped('not-a-request')
    else {
      const head = readHead(message)
      if (head === undefined) counters.dropped('unanswerable')
      return head
    }
    return undefined
  }

  function answer(head: RequestHead, way: ReturnWay, passport: PassportAnswer | undefined): Response | undefined {
    const answered = replyTo(head, passport)
    if (answered === undefined) return undefined
    counters.answered(answered.reply.status, answered.action)
    const tag = idOf('to', head.topVia, head.callId, head.cseq, head.from).slice(0, 16)
    return { bytes: writeResponse(head, way.via, tag, answered.reply), port: way.port }
  }

  return (bytes, start, end, address, port) => {
    const head = read(bytes, start, end)
    if (head === undefined) return undefined
    const way = returnWay(head.topVia, address, port)
    if (way === undefined) {
      counters.dropped('unanswerable')
      return undefined
    }
    const verification = verifying(head)
    if (verification === undefined) return answer(head, way, undefined)
    // Others are answered meanwhile: the request is read again, from a copy, when its turn comes.
    const copy = new Uint8Array(bytes.subarray(start, end))
    const resume = (passport: PassportAnswer | undefined) => {
      readSip(message, copy, 0, copy.length)
      return answer(head, way, passport)
    }
    return verification.then(resume, () => resume(undefined))
  }
}

function keyOf({ topVia, callId, cseq, from }: RequestHead): string {
  return idOf(topVia, callId, cseq, from)
}

/** Action as the reply's own note tells it; a reply without one was a refusal. */
function actionOf({ headers }: Reply): string {
  return /^X-Ringfence: action=(\w+)/.exec(headers.at(-1) ?? '')?.[1] ?? 'refused'
}

function isKeepAlive(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 8) return false
  for (let at = start; at < end; at++) if (bytes[at] !== 0 && bytes[at] !== 10 && bytes[at] !== 13) return false
  return true
}
