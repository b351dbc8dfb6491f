import type { ActivityOf, Origin, Route, Target } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Emit } from './emit.ts'
import { type DialogKey, hasCredentials } from './fields.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { firstText, latin1Of } from './text.ts'
import type { Timed, TimerWheel } from './timers.ts'

/** One try of an account to register, from the first REGISTER until its outcome is known and its echoes are over. */
export interface Registration extends Timed {
  readonly kind: 'registration'
  readonly callId: string
  readonly tagText: string
  cseq: number
  readonly idCseq: number
  authenticated: boolean
  status: number
  done: boolean
  readonly timeMs: number
  readonly from: Origin
  readonly to: Target | undefined
  readonly route: Route
  readonly agent: string
}

/** Follows REGISTER requests to what the registrar said. */
export interface Registrations {
  request(message: SipMessage, key: DialogKey, timeMs: number): void
  response(message: SipMessage, key: DialogKey): void
  expired(registration: Registration): void
  /** Gives out challenges that nobody answered. */
  flush(): void
  readonly size: number
}

export interface RegistrationHost {
  readonly emit: Emit
  readonly timers: TimerWheel
  readonly capacity: number
  readonly retryMs: number
  /** Who registers (counted under the source's address), for which account, by which route, with which agent. */
  partiesOf(message: SipMessage): { from: Origin; to: Target | undefined; route: Route; agent: string }
  evicted(): void
}

/** 64·T1: a REGISTER without an answer has timed out (RFC 3261 §17.1.2.2). */
const UNANSWERED_MS = 32_000

type Outcome = ActivityOf<'registration'>['outcome']

export function createRegistrations(host: RegistrationHost): Registrations {
  const { emit, timers } = host
  const known = new Map<string, Registration>()

  function finish(registration: Registration, outcome: Outcome): void {
    const { callId, tagText, idCseq, from, to, route, agent, timeMs, status } = registration
    const activity: ActivityOf<'registration'> = {
      id: idOf('registration', callId, tagText, String(idCseq)),
      role: 'origin',
      kind: 'registration',
      time: timeMs,
      from,
      route,
      callId,
      status,
      outcome,
    }
    if (to !== undefined) activity.to = to
    if (agent !== '') activity.agent = agent
    emit(activity)
    registration.done = true
  }

  function conclude(registration: Registration): void {
    if (registration.status === 0) finish(registration, 'unanswered')
    else finish(registration, registration.status === 401 || registration.status === 407 ? 'challenged' : 'failed')
  }

  function drop(registration: Registration): void {
    timers.cancel(registration)
    known.delete(registration.callId)
  }

  function begin(message: SipMessage, key: DialogKey, callId: string, timeMs: number): void {
    if (known.size >= host.capacity) {
      const eldest = known.values().next().value
      if (eldest !== undefined) drop(eldest)
      host.evicted()
    }
    const authenticated = hasCredentials(message)
    const registration: Registration = {
      kind: 'registration',
      callId,
      tagText: latin1Of(message.bytes, key.fromTagStart, key.fromTagEnd),
      cseq: message.cseq,
      // The try before it was the challenged one, seen or not: one id for both (see observer.ts).
      idCseq: authenticated ? message.cseq - 1 : message.cseq,
      authenticated,
      status: 0,
      done: false,
      timeMs,
      ...host.partiesOf(message),
      deadlineMs: 0,
      firesMs: 0,
      timerPrevious: undefined,
      timerNext: undefined,
      bucket: -1,
    }
    known.set(callId, registration)
    timers.schedule(registration, timeMs + UNANSWERED_MS)
  }

  return {
    request(message, key, timeMs) {
      const callId = latin1Of(message.bytes, key.callIdStart, key.callIdEnd)
      const registration = known.get(callId)
      if (registration !== undefined) {
        if (message.cseq <= registration.cseq) return
        if (!registration.done && registration.status !== 0) {
          registration.cseq = message.cseq
          registration.authenticated = hasCredentials(message)
          timers.schedule(registration, timeMs + UNANSWERED_MS)
          return
        }
        if (!registration.done) conclude(registration)
        drop(registration)
      }
      begin(message, key, callId, timeMs)
    },
    response(message, key) {
      const { status } = message
      if (status < 200) return
      const registration = known.get(latin1Of(message.bytes, key.callIdStart, key.callIdEnd))
      if (registration === undefined || registration.done || message.cseq !== registration.cseq) return
      registration.status = status
      if (status < 300) finish(registration, 'accepted')
      else if (isChallenge(status) && (!registration.authenticated || isStale(message))) {
        timers.schedule(registration, registration.timeMs + host.retryMs)
      } else if (status !== 423) finish(registration, 'failed')
    },
    expired(registration) {
      if (!registration.done) {
        conclude(registration)
        timers.schedule(registration, registration.deadlineMs + UNANSWERED_MS)
      } else known.delete(registration.callId)
    },
    flush() {
      for (const registration of known.values()) {
        if (!registration.done && registration.status !== 0) conclude(registration)
      }
    },
    get size() {
      return known.size
    },
  }
}

function isChallenge(status: number): boolean {
  return status === 401 || status === 407
}

/** The password was right, only the nonce too old (RFC 7616 §3.3): the agent tries again by itself. */
function isStale(message: SipMessage): boolean {
  const text = firstText(message, Header.wwwAuthenticate, 1024) + firstText(message, Header.proxyAuthenticate, 1024)
  return /\bstale\s*=\s*"?true/i.test(text)
}
