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
  /** Time of the last message of it. */
  lastMs: number
  readonly from: Origin
  readonly to: Target | undefined
  readonly route: Route
  readonly agent: string
}

/** Follows REGISTER requests to what the registrar said. */
export interface Registrations {
  request(message: SipMessage, key: DialogKey, timeMs: number): void
  response(message: SipMessage, key: DialogKey, timeMs: number): void
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

  /** The activity's time is that of the outcome, as with calls that fail. */
  function finish(registration: Registration, outcome: Outcome, timeMs: number): void {
    const { callId, tagText, idCseq, from, to, route, agent, status } = registration
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

  function conclude(registration: Registration, timeMs: number): void {
    const { status } = registration
    finish(registration, status === 0 ? 'unanswered' : isChallenge(status) ? 'challenged' : 'failed', timeMs)
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
      lastMs: timeMs,
      ...host.partiesOf(message),
      deadlineMs: 0,
      firesMs: 0,
      timerPrevious: undefined,
      timerNext: undefined,
      bucket: -1,
    }
    known.set(callId, registration)
    timers.schedule(registration, timeMs, UNANSWERED_MS)
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
          timers.schedule(registration, timeMs, UNANSWERED_MS)
          return
        }
        if (!registration.done) conclude(registration, timeMs)
        drop(registration)
      }
      begin(message, key, callId, timeMs)
    },
    response(message, key, timeMs) {
      const { status } = message
      if (status < 200) return
      const registration = known.get(latin1Of(message.bytes, key.callIdStart, key.callIdEnd))
      if (registration === undefined || registration.done || message.cseq !== registration.cseq) return
      registration.status = status
      registration.lastMs = timeMs
      if (status < 300) finish(registration, 'accepted', timeMs)
      else if (isChallenge(status) && (!registration.authenticated || isStale(message))) {
        timers.schedule(registration, timeMs, host.retryMs)
      } else if (status !== 423) finish(registration, 'failed', timeMs)
    },
    expired(registration) {
      if (!registration.done) {
        conclude(registration, registration.deadlineMs)
        timers.schedule(registration, registration.deadlineMs, UNANSWERED_MS)
      } else known.delete(registration.callId)
    },
    flush() {
      for (const registration of known.values()) {
        if (!registration.done && registration.status !== 0) conclude(registration, registration.lastMs)
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
