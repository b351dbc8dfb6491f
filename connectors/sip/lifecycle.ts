import type { EndedBy } from '../../engine/activity/index.ts'
import { type Call, type CallTable, Stage, shed } from './calls.ts'
import { type Emit, emitAnswered, emitAttempt, emitEnded, emitFailed } from './emit.ts'
import { type DialogKey, sessionSeconds } from './fields.ts'
import type { SipMessage } from './message.ts'
import type { SipOptions } from './options.ts'
import { isLive } from './outcome.ts'
import type { TimerWheel } from './timers.ts'

/** What dialogs ask of the observer: to build a call from its first message, and to tell about unanswered challenges. */
export interface DialogHost {
  readonly emit: Emit
  readonly timers: TimerWheel
  readonly options: SipOptions
  create(message: SipMessage, key: DialogKey, timeMs: number): Call
  /** The call is the second leg of one that is followed already (B2BUA), so it gives nothing of its own. */
  isLeg(message: SipMessage, call: Call): boolean
  /** The call was refused for want of credentials or right, by a server that knows the source only. */
  refused(call: Call, status: number, timeMs: number): void
  evicted(): void
}

/** The stages of calls: each step sets the call's limit, keeps the table in order and tells what is final. */
export interface Lifecycle {
  /** Takes up a call; the one that was silent for longest makes room. */
  begin(message: SipMessage, key: DialogKey, timeMs: number): Call
  /** Its attempt is told. */
  start(call: Call, timeMs: number): void
  /** Followed without a word: a re-INVITE of an unknown call, the second leg of a known one. */
  silence(call: Call, timeMs: number): void
  answer(call: Call, timeMs: number): void
  /** A message within the dialog: it lives, and its limit starts again. */
  alive(call: Call, message: SipMessage, timeMs: number): void
  /** Refused with a status that may be tried again (0: its status was not seen). */
  pend(call: Call, timeMs: number, status: number): void
  /** Tried again: nothing is known of how it will end. */
  resume(call: Call, timeMs: number): void
  fail(call: Call, timeMs: number, status: number, endedBy: EndedBy): void
  /** @param untilMs end of the talk, which for a missing BYE is before `timeMs` */
  end(call: Call, timeMs: number, untilMs: number, endedBy: EndedBy): void
  /** A limit was reached: what the messages so far say became of it. */
  conclude(call: Call, timeMs: number): void
  readonly live: number
}

/** 64·T1 (RFC 3261 §17): how long retransmissions of a finished call may still come. */
const LINGER_MS = 32_000

/** @param table where the calls are found again; given by who finds them */
export function createLifecycle(host: DialogHost, table: CallTable): Lifecycle {
  const { emit, timers, options } = host
  const noAnswerMs = options.noAnswerSeconds * 1000
  const retryMs = options.retrySeconds * 1000
  const idleMs = options.sessionIdleSeconds * 1000
  let live = 0

  function begin(message: SipMessage, key: DialogKey, timeMs: number): Call {
    if (table.size >= options.maxCalls) evict()
    const call = host.create(message, key, timeMs)
    table.add(call)
    return call
  }

  function start(call: Call, timeMs: number): void {
    live++
    timers.schedule(call, timeMs, noAnswerMs)
    emitAttempt(call, emit)
  }

  function settle(call: Call, timeMs: number): void {
    if (isLive(call)) live--
    call.stage = Stage.done
    shed(call)
    table.touch(call)
    timers.schedule(call, timeMs, LINGER_MS)
  }

  function silence(call: Call, timeMs: number): void {
    call.stage = Stage.silent
    table.touch(call)
    timers.schedule(call, timeMs, idleMs)
  }

  function evict(): void {
    const call = table.oldest()
    if (call === undefined) return
    // What the log was told has begun must end on the log, so that counts of concurrent calls come down again.
    if (isLive(call)) conclude(call, call.lastMs)
    timers.cancel(call)
    table.remove(call)
    host.evicted()
  }

  function fail(call: Call, timeMs: number, status: number, endedBy: EndedBy): void {
    emitFailed(call, timeMs, status, endedBy, emit)
    if (status === 401 || status === 403 || status === 407) host.refused(call, status, timeMs)
    settle(call, timeMs)
  }

  function answer(call: Call, timeMs: number): void {
    call.answerMs = Math.max(timeMs, call.inviteMs)
    call.stage = Stage.answered
    table.touch(call)
    emitAnswered(call, emit)
  }

  function end(call: Call, timeMs: number, untilMs: number, endedBy: EndedBy): void {
    emitEnded(call, timeMs, untilMs, endedBy, emit)
    settle(call, timeMs)
  }

  function conclude(call: Call, timeMs: number): void {
    if (call.stage === Stage.answered) {
      // Nobody knows when it ended: the talk is counted up to the last sign of life.
      end(call, timeMs, call.lastMs, 'timeout')
    } else if (call.byeMs !== 0) {
      // A BYE without any final response but 487 ends an answered call whose 200 was not seen.
      answer(call, call.ringMs === 0 ? call.inviteMs : call.ringMs)
      end(call, call.byeMs, call.byeMs, call.byeByOrigin ? 'origin' : 'target')
    } else if (call.cancelled) fail(call, timeMs, 487, 'origin')
    else if (call.stage === Stage.pending) fail(call, timeMs, call.status, 'network')
    else fail(call, timeMs, call.status, 'timeout')
  }

  function pend(call: Call, timeMs: number, status: number): void {
    call.status = status
    call.lastMs = timeMs
    call.stage = Stage.pending
    table.touch(call)
    timers.schedule(call, timeMs, retryMs)
  }

  function resume(call: Call, timeMs: number): void {
    call.stage = Stage.trying
    call.status = 0
    call.cause = ''
    call.cancelled = false
    table.touch(call)
    timers.schedule(call, timeMs, noAnswerMs)
  }

  function alive(call: Call, message: SipMessage, timeMs: number): void {
    if (timeMs > call.lastMs) call.lastMs = timeMs
    if (call.stage === Stage.done || (call.stage < Stage.answered && call.byeMs !== 0)) return
    table.touch(call)
    if (call.stage !== Stage.answered && call.stage !== Stage.silent) return
    const seconds = sessionSeconds(message)
    if (seconds > 0) call.sessionMs = seconds * 1000
    // RFC 4028 §10: without a refresh the session ends at its interval; a third more for the refresh that is late.
    timers.schedule(call, timeMs, call.sessionMs > 0 ? (call.sessionMs * 4) / 3 : idleMs)
  }

  return {
    begin,
    start,
    silence,
    answer,
    alive,
    pend,
    resume,
    fail,
    end,
    conclude,
    get live() {
      return live
    },
  }
}
