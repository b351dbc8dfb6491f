import type { EndedBy } from '../../engine/activity/index.ts'
import { type Call, type CallTable, createCallTable, NO_TAGS, Stage, shed } from './calls.ts'
import { type Emit, emitAnswered, emitAttempt, emitEnded, emitFailed } from './emit.ts'
import { branchOf, type DialogKey, hasCredentials, sessionSeconds } from './fields.ts'
import type { SipMessage } from './message.ts'
import { Method } from './names.ts'
import type { SipOptions } from './options.ts'
import { addBranch, isLive, isOtherBranch, isRetried, takeCause, whoRefused } from './outcome.ts'
import type { TimerWheel } from './timers.ts'

/** Follows calls through their messages and tells what became of them. */
export interface Dialogs {
  request(message: SipMessage, key: DialogKey, call: Call | undefined, timeMs: number): void
  response(message: SipMessage, key: DialogKey, call: Call | undefined, timeMs: number): void
  find(message: SipMessage, key: DialogKey): Call | undefined
  expired(call: Call): void
  /** Gives out what is final already: challenges nobody answered, calls whose BYE was seen. */
  flush(): void
  readonly size: number
  readonly live: number
}

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

/** 64·T1 (RFC 3261 §17): how long retransmissions of a finished call may still come. */
const LINGER_MS = 32_000
/** After a CANCEL the 487 comes within 64·T1 (§9.1), or the INVITE transaction is over all the same. */
const CANCELLED_MS = 32_000
/** A BYE before any final response was seen: how long the INVITE's own end may still come (a 487 says it was never answered). */
const EARLY_BYE_MS = 5_000
const MAX_LEGS = 16

export function createDialogs(host: DialogHost): Dialogs {
  const { emit, timers, options } = host
  const noAnswerMs = options.noAnswerSeconds * 1000
  const retryMs = options.retrySeconds * 1000
  const idleMs = options.sessionIdleSeconds * 1000
  const table: CallTable = createCallTable(options.maxCalls)
  let live = 0

  function find(message: SipMessage, key: DialogKey): Call | undefined {
    const first = table.find(key.callId[0]!, key.callId[1]!, message.bytes, key.callIdStart, key.callIdEnd)
    for (let call = first; call !== undefined; call = call.chain) {
      // The caller's tag stands in From when the caller speaks, in To when the one called does.
      const isOurs = call.tag === key.fromTag || (key.toTag !== 0 && call.tag === key.toTag)
      if (isOurs && (call === first || call.callId === first?.callId)) return call
    }
    return undefined
  }

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

  /** A limit was reached: what the messages so far say became of it. */
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

  function onInvite(message: SipMessage, key: DialogKey, known: Call | undefined, timeMs: number): void {
    if (key.toTag !== 0) {
      // A re-INVITE. Of a call whose beginning was not seen nothing can be told, but its 200 must not look like a new one.
      if (known === undefined) silence(begin(message, key, timeMs), timeMs)
      else alive(known, message, timeMs)
      return
    }
    if (known === undefined || known.tag !== key.fromTag) {
      const call = begin(message, key, timeMs)
      call.branches = [branchOf(message)]
      if (host.isLeg(message, call)) silence(call, timeMs)
      else start(call, timeMs)
      return
    }
    if (known.stage === Stage.silent || message.cseq < known.cseq) return
    if (message.cseq === known.cseq) {
      if (known.stage !== Stage.done) addBranch(known, branchOf(message))
      return
    }
    retry(message, key, known, timeMs)
  }

  /** The same call tried again: with credentials after a challenge, at another place after a redirection (RFC 3261 §8.1.3). */
  function retry(message: SipMessage, key: DialogKey, call: Call, timeMs: number): void {
    if (call.stage === Stage.answered) return
    if (call.stage === Stage.done) {
      timers.cancel(call)
      table.remove(call)
      const again = begin(message, key, timeMs)
      again.branches = [branchOf(message)]
      // Its failure is on the log already: a call begun anew must not take its ids.
      if (again.idCseq <= call.cseq) again.idCseq = message.cseq
      start(again, timeMs)
      return
    }
    call.cseq = message.cseq
    call.authenticated = hasCredentials(message)
    call.branches = [branchOf(message)]
    call.stage = Stage.trying
    call.status = 0
    call.cause = ''
    call.cancelled = false
    table.touch(call)
    timers.schedule(call, timeMs, noAnswerMs)
  }

  function onAck(message: SipMessage, key: DialogKey, call: Call, timeMs: number): void {
    if (call.stage > Stage.ringing || key.toTag === 0 || message.cseq !== call.cseq || call.tag !== key.fromTag) return
    const branch = branchOf(message)
    if (branch === 0 || call.branches.includes(0)) return
    // The final response was not seen. The ACK of a failure has its INVITE's branch, that of a 2xx a new one (§17.1.1.3, §13.2.2.4).
    if (!call.branches.includes(branch)) {
      answer(call, timeMs)
      call.legs = [key.toTag]
      alive(call, message, timeMs)
    } else if (branch === call.branches[0]) pend(call, timeMs, 0)
  }

  function pend(call: Call, timeMs: number, status: number): void {
    call.status = status
    call.lastMs = timeMs
    call.stage = Stage.pending
    table.touch(call)
    timers.schedule(call, timeMs, retryMs)
  }

  function onCancel(message: SipMessage, call: Call, timeMs: number): void {
    if (call.stage > Stage.ringing || message.cseq !== call.cseq) return
    // A proxy cancels its own branches when one of them answers: only the caller's counts.
    if (isOtherBranch(call, branchOf(message))) return
    call.cancelled = true
    takeCause(call, message)
    timers.schedule(call, timeMs, CANCELLED_MS)
  }

  function onBye(message: SipMessage, key: DialogKey, call: Call, timeMs: number): void {
    const byOrigin = call.tag === key.fromTag
    if (call.stage < Stage.pending) {
      if (call.byeMs !== 0) return
      call.byeMs = timeMs
      call.byeByOrigin = byOrigin
      takeCause(call, message)
      timers.schedule(call, timeMs, EARLY_BYE_MS)
      return
    }
    if (call.stage !== Stage.answered) return
    const leg = byOrigin ? key.toTag : key.fromTag
    if (call.goneLegs.includes(leg)) return
    const at = call.legs.indexOf(leg)
    if (at !== -1) {
      call.legs = call.legs.filter(tag => tag !== leg)
      call.goneLegs = [...call.goneLegs, leg]
    }
    // Of several dialogs that a fork confirmed, the caller keeps one and ends the others at once (§13.2.2.4).
    if (at === -1 ? call.legs.length > 1 : call.legs.length > 0) return
    takeCause(call, message)
    end(call, timeMs, timeMs, byOrigin ? 'origin' : 'target')
  }

  function onInviteResponse(message: SipMessage, key: DialogKey, known: Call | undefined, timeMs: number): void {
    const { status } = message
    const call = known ?? adopt(message, key, timeMs)
    if (call === undefined || call.stage === Stage.done) return
    if (call.stage === Stage.silent || call.tag !== key.fromTag) {
      alive(call, message, timeMs)
      return
    }
    if (message.cseq !== call.cseq) {
      if (message.cseq < call.cseq) return
      if (call.stage === Stage.answered) {
        alive(call, message, timeMs)
        return
      }
      // The second try itself was not seen, only what came of it.
      call.cseq = message.cseq
      call.branches = NO_TAGS
      if (call.stage === Stage.pending) call.stage = Stage.trying
    }
    if (status < 180) return
    if (status < 200) onRinging(call, timeMs)
    else if (status < 300) onAccepted(call, message, key, timeMs)
    // Its ACK may have been captured first: then the call waits without a status, and this is the status.
    else if (call.stage <= Stage.ringing || (call.stage === Stage.pending && call.status === 0))
      onRefused(call, message, timeMs)
  }

  function onRinging(call: Call, timeMs: number): void {
    if (call.stage > Stage.ringing) return
    if (call.ringMs === 0) call.ringMs = timeMs
    call.lastMs = timeMs
    call.stage = Stage.ringing
    table.touch(call)
  }

  function onAccepted(call: Call, message: SipMessage, key: DialogKey, timeMs: number): void {
    if (call.stage !== Stage.answered) answer(call, timeMs)
    const isKnown = call.legs.includes(key.toTag) || call.goneLegs.includes(key.toTag)
    if (!isKnown && call.legs.length + call.goneLegs.length < MAX_LEGS) call.legs = [...call.legs, key.toTag]
    alive(call, message, timeMs)
    if (call.byeMs !== 0)
      end(call, Math.max(call.byeMs, timeMs), Math.max(call.byeMs, timeMs), call.byeByOrigin ? 'origin' : 'target')
  }

  function onRefused(call: Call, message: SipMessage, timeMs: number): void {
    const { status } = message
    if (isOtherBranch(call, branchOf(message))) {
      // One branch of a fork: the caller's own final response decides, this one only if that is never seen.
      if (status > call.status) call.status = status
      return
    }
    takeCause(call, message)
    if (!call.cancelled && isRetried(status)) pend(call, timeMs, status)
    else fail(call, timeMs, status, whoRefused(call, status))
  }

  /** The INVITE itself was not seen: what answers it tells that there was one. A challenge does not tell which attempt. */
  function adopt(message: SipMessage, key: DialogKey, timeMs: number): Call | undefined {
    const { status } = message
    if (status < 180 || isRetried(status) || status === 481 || status === 491) return undefined
    const call = begin(message, key, timeMs)
    start(call, timeMs)
    return call
  }

  /** A message within the dialog: it lives, and its limit starts again. */
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
    find,
    request(message, key, call, timeMs) {
      if (message.method === Method.invite) onInvite(message, key, call, timeMs)
      else if (call !== undefined) {
        if (message.method === Method.bye) onBye(message, key, call, timeMs)
        else if (message.method === Method.cancel) onCancel(message, call, timeMs)
        else if (message.method === Method.ack && call.stage <= Stage.ringing) onAck(message, key, call, timeMs)
        else if (key.toTag !== 0) alive(call, message, timeMs)
      }
    },
    response(message, key, call, timeMs) {
      if (message.cseqMethod === Method.invite) onInviteResponse(message, key, call, timeMs)
      else if (call !== undefined && key.toTag !== 0 && message.cseqMethod !== Method.cancel) {
        // RFC 3261 §12.2.1.2: the far end does not know the dialog any more, so the call is over.
        const isGone = message.status === 481 && call.stage === Stage.answered && message.cseqMethod !== Method.bye
        if (isGone && call.legs.length < 2) end(call, timeMs, timeMs, 'network')
        else alive(call, message, timeMs)
      }
    },
    expired(call) {
      if (isLive(call)) conclude(call, call.deadlineMs)
      else table.remove(call)
    },
    flush() {
      for (const call of table.list()) {
        if (call.stage === Stage.pending || (call.stage < Stage.pending && call.byeMs !== 0))
          conclude(call, call.lastMs)
      }
    },
    get size() {
      return table.size
    },
    get live() {
      return live
    },
  }
}
