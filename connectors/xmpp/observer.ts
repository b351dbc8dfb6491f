import type { Activity, Route } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { type ContentGate, emitMessage, MAX_PARTY } from '../messages/index.ts'
import type { XmlElement } from './element.ts'
import { type Jid, partyOfJid, type ReadMessage, type ReadReport, readStanza } from './stanza.ts'
import type { XmppFault } from './stream-reader.ts'

/** Why something seen is no message: the closed list that drops are counted by. */
export type XmppDrop = XmppFault | 'error stanza' | 'no body' | 'copy of a message' | 'no sender or recipient'

export interface XmppObserver {
  stanza(stanza: XmlElement, timeMs: number, route: Route): void
}

/** Turns stanzas into messages and feedback. `forwards` as in readStanza. */
export function createXmppObserver(
  identity: Identity,
  gate: ContentGate,
  forwards: boolean,
  sink: { readonly emit: (activity: Activity) => void; readonly dropped: (reason: XmppDrop) => void },
): XmppObserver {
  function giveMessage(message: ReadMessage, seenMs: number, route: Route): void {
    const from = partyOfJid(message.from, identity)
    const to = partyOfJid(message.to, identity)
    // Without an id of the sender's the time of the capture has to tell two equal messages apart.
    const which = message.id === '' ? String(seenMs) : message.id
    const observed = {
      id: idOf('xmpp', from, to, which, message.text ?? ''),
      timeMs: message.timeMs ?? seenMs,
      from,
      fromUri: uriOf(message.from),
      to,
      toUri: uriOf(message.to),
      route,
      protocol: 'xmpp',
      type: 'text/plain',
      text: message.text,
    }
    if (!emitMessage(observed, gate, sink.emit)) sink.dropped('no sender or recipient')
  }

  function giveReport(report: ReadReport, time: number, route: Route): void {
    const reporter = report.reporter === undefined ? undefined : partyOfJid(report.reporter, identity)
    for (const jid of report.reported) {
      const party = partyOfJid(jid, identity)
      if (party.length > MAX_PARTY || (reporter?.length ?? 0) > MAX_PARTY) {
        sink.dropped('no sender or recipient')
        continue
      }
      const id = idOf('xmpp-report', party, reporter ?? '', report.id, String(time))
      const to = reporter === undefined ? undefined : { to: { party: reporter } }
      const said = { source: 'report', opinion: 'spam' } as const
      sink.emit({ id, role: 'origin', kind: 'feedback', time, from: { party }, ...to, route, ...said })
    }
  }

  return {
    stanza(stanza, timeMs, route) {
      const reading = readStanza(stanza, forwards)
      if (reading.kind === 'message') giveMessage(reading.message, timeMs, route)
      else if (reading.kind === 'report') giveReport(reading.report, timeMs, route)
      else if (reading.kind === 'nothing') sink.dropped(reading.why)
    },
  }
}

function uriOf(jid: Jid): string {
  return jid.local === '' ? `xmpp:${jid.domain}` : `xmpp:${jid.local}@${jid.domain}`
}
