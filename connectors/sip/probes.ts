import type { ActivityOf } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { Envelope } from '../signal.ts'
import type { Call } from './calls.ts'
import type { Emit } from './emit.ts'
import { type DialogKey, idOfRequest } from './fields.ts'
import type { SipMessage } from './message.ts'
import { methodNames } from './names.ts'
import { targetOf } from './party.ts'
import type { Repeats } from './repeats.ts'
import { agentOf, originAt, type Sender } from './sender.ts'
import { latin1Of } from './text.ts'

/** Requests by which scanners look for what answers: counted under the address that they came from. */
export interface Probes {
  /** An OPTIONS outside a dialog. */
  options(message: SipMessage, key: DialogKey, envelope: Envelope): void
  /** An INVITE was refused for want of credentials or right. */
  refused(call: Call, status: number, timeMs: number): void
}

export interface ProbesHost {
  readonly identity: Identity
  readonly sender: Sender
  readonly repeats: Repeats
  readonly emit: Emit
}

export function createProbes({ identity, sender, repeats, emit }: ProbesHost): Probes {
  return {
    options(message, key, envelope) {
      if (key.toTag !== 0) return
      if (repeats.has('probe', key, message.cseq, envelope.timeMs)) return
      const probe: ActivityOf<'probe'> = {
        id: idOfRequest('probe', message, key, message.cseq),
        role: 'origin',
        kind: 'probe',
        time: envelope.timeMs,
        from: sender.sourceOf(message, envelope),
        route: sender.routeOf(message, envelope),
        callId: latin1Of(message.bytes, key.callIdStart, key.callIdEnd),
        method: methodNames[message.method]!,
      }
      const to = targetOf(identity, message)
      if (to !== undefined) probe.to = to
      const agent = agentOf(message)
      if (agent !== '') probe.agent = agent
      emit(probe)
    },
    refused(call, status, timeMs) {
      // Whom the operator knows is refused a right, not an entry: an asserted identity, or a password that was accepted.
      if (call.from.asserted !== 'from' || call.source === '' || (status === 403 && call.authenticated)) return
      const probe: ActivityOf<'probe'> = {
        id: idOf('probe', call.callId, call.tagText, String(call.idCseq)),
        role: 'origin',
        kind: 'probe',
        time: Math.max(timeMs, call.inviteMs),
        from: originAt(call.source, call.from.uri),
        route: call.route,
        callId: call.callId,
        method: 'INVITE',
        status,
      }
      if (call.to !== undefined) probe.to = call.to
      if (call.agent !== '') probe.agent = call.agent
      emit(probe)
    },
  }
}
