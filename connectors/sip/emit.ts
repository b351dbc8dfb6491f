import type { Activity, ActivityOf, EndedBy } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Call } from './calls.ts'

/** Takes one activity copy. */
export type Emit = (activity: Activity) => void

type CallKind = 'call.attempt' | 'call.answered' | 'call.ended' | 'call.failed'

/** Id of what happened to a call: a pure function of what every tap sees of it. */
function callIdOf(call: Call, kind: CallKind): string {
  return idOf(kind, call.callId, call.tagText, String(call.idCseq))
}

/** The call was attempted: one copy for the party that acts and one for the party acted upon. */
export function emitAttempt(call: Call, emit: Emit): void {
  const id = callIdOf(call, 'call.attempt')
  emit(attempt(call, id, 'origin'))
  if (call.to !== undefined) emit(attempt(call, id, 'target'))
}

function attempt(call: Call, id: string, role: 'origin' | 'target'): ActivityOf<'call.attempt'> {
  const { from, route, callId } = call
  const activity: ActivityOf<'call.attempt'> = {
    id,
    role,
    kind: 'call.attempt',
    time: call.inviteMs,
    from,
    route,
    callId,
  }
  addParties(activity, call)
  if (call.media.length > 0) activity.media = call.media
  return activity
}

export function emitAnswered(call: Call, emit: Emit): void {
  const { from, route, callId } = call
  const activity: ActivityOf<'call.answered'> = {
    id: callIdOf(call, 'call.answered'),
    role: 'origin',
    kind: 'call.answered',
    time: call.answerMs,
    from,
    route,
    callId,
    ringing: seconds(call.inviteMs, call.answerMs),
  }
  addParties(activity, call)
  if (call.ringMs !== 0) activity.pdd = seconds(call.inviteMs, call.ringMs)
  emit(activity)
}

/** @param untilMs end of the talk, which for a missing BYE is before `timeMs` */
export function emitEnded(call: Call, timeMs: number, untilMs: number, endedBy: EndedBy, emit: Emit): void {
  const { from, route, callId } = call
  const activity: ActivityOf<'call.ended'> = {
    id: callIdOf(call, 'call.ended'),
    role: 'origin',
    kind: 'call.ended',
    time: Math.max(timeMs, call.answerMs),
    from,
    route,
    callId,
    duration: seconds(call.answerMs, untilMs),
    ringing: seconds(call.inviteMs, call.answerMs),
    endedBy,
  }
  addParties(activity, call)
  if (call.ringMs !== 0) activity.pdd = seconds(call.inviteMs, call.ringMs)
  if (call.cause !== '') activity.cause = call.cause
  emit(activity)
}

export function emitFailed(call: Call, timeMs: number, status: number, endedBy: EndedBy, emit: Emit): void {
  const { from, route, callId } = call
  const activity: ActivityOf<'call.failed'> = {
    id: callIdOf(call, 'call.failed'),
    role: 'origin',
    kind: 'call.failed',
    time: Math.max(timeMs, call.inviteMs),
    from,
    route,
    callId,
    status,
    endedBy,
  }
  addParties(activity, call)
  if (call.ringMs !== 0) {
    activity.ringing = seconds(call.ringMs, timeMs)
    activity.pdd = seconds(call.inviteMs, call.ringMs)
  }
  if (call.cause !== '') activity.cause = call.cause
  emit(activity)
}

function addParties(activity: Activity, call: Call): void {
  if (call.to !== undefined) activity.to = call.to
  if (call.diverted.length > 0) activity.diverted = call.diverted
  if (call.agent !== '') activity.agent = call.agent
}

/** Never negative: messages are seen out of order, and clocks of capture agents differ. */
function seconds(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1000
}
