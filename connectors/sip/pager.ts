import type { ActivityOf } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { contentGate, contentReader } from '../messages/index.ts'
import type { Envelope } from '../signal.ts'
import { contentOf } from './content.ts'
import { type DialogKey, hasCredentials, idOfRequest } from './fields.ts'
import type { SipMessage } from './message.ts'
import type { SipOptions } from './options.ts'
import { targetOf } from './party.ts'
import type { PassportGate } from './passport.ts'
import type { Repeats } from './repeats.ts'
import { agentOf, type Sender } from './sender.ts'
import { latin1Of } from './text.ts'

export interface PagerHost {
  readonly identity: Identity
  readonly sender: Sender
  readonly repeats: Repeats
  readonly gate: PassportGate
  readonly options: Pick<SipOptions, 'content' | 'textLimit'>
}

/** Takes a MESSAGE, which is a whole message by itself (pager mode, RFC 3428 §1). */
export type Pager = (message: SipMessage, key: DialogKey, envelope: Envelope) => void

export function createPager({ identity, sender, repeats, gate, options }: PagerHost): Pager {
  const contents = contentGate(options.content, contentReader())
  return (message, key, envelope) => {
    const cseq = hasCredentials(message) ? message.cseq - 1 : message.cseq
    if (repeats.has('message', key, cseq, envelope.timeMs)) return
    const found = contentOf(message, options.textLimit)
    if (found === undefined) return
    const from = sender.originOf(message, envelope)
    gate.begin(message, from, envelope.timeMs)
    const to = targetOf(identity, message)
    const content = contents(found.type, found.text, to?.party ?? '', undefined)
    const agent = agentOf(message)
    const origin: ActivityOf<'message'> = {
      id: idOfRequest('message', message, key, cseq),
      role: 'origin',
      kind: 'message',
      time: envelope.timeMs,
      from,
      route: sender.routeOf(message, envelope),
      callId: latin1Of(message.bytes, key.callIdStart, key.callIdEnd),
      protocol: 'sip',
    }
    if (content !== undefined) origin.content = content
    if (to !== undefined) origin.to = to
    if (agent !== '') origin.agent = agent
    gate.emit(origin)
    if (to !== undefined) gate.emit({ ...origin, role: 'target' })
  }
}
