import { type Call, type CallTable, createCallTable, NO_TAGS, Stage } from './calls.ts'
import { branchOf, type DialogKey, hasCredentials } from './fields.ts'
import { createLifecycle, type DialogHost } from './lifecycle.ts'
import type { SipMessage } from './message.ts'
import { Method } from './names.ts'
import { addBranch, isLive, isOtherBranch, isRetried, takeCause, whoRefused } from './outcome.ts'

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

/** After a CANCEL the 487 comes within 64·T1 (§9.1), or the INVITE transaction is over all the same. */
const CANCELLED_MS = 32_000
/** A BYE before any final response was seen: how long the INVITE's own end may still come (a 487 says it was never answered). */
const EARLY_BYE_MS = 5_000
const MAX_LEGS = 16

export function createDialogs(host: DialogHost): Dialogs {
  const { timers, options } = host
  const table: CallTable = createCallTable(options.maxCalls)
  const lifecycle = createLifecycle(host, table)
  const { begin, start, silence, answer, alive, pend, resume, fail, end, conclude } = lifecycle

  function find(message: SipMessage, key: DialogKey): Call | undefined {
    const first = table.find(key.callId[0]!, key.callId[1]!, message.bytes, key.callIdStart, key.callIdEnd)
    for (let call = first; call !== undefined; call = call.chain) {
      // The caller's tag stands in From when the caller speaks, in To when the one called does.
      const isOurs = call.tag === key.fromTag || (key.toTag !== 0 && call.tag === key.toTag)
      if (isOurs && (call === first || call.callId === first?.callId)) return call
    }
    return undefined
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
    resume(call, timeMs)
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
      return lifecycle.live
    },
  }
}
