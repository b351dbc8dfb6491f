import type { ActivityOf } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { Envelope } from '../signal.ts'
import { createDialogKey, hasCredentials, readDialogKey } from './fields.ts'
import { createSipMessage } from './message.ts'
import type { SipOptions } from './options.ts'
import { divertedOf } from './party.ts'
import { readSip } from './read.ts'
import { agentOf, createSender } from './sender.ts'
import { latin1Of } from './text.ts'

/** A line nobody was given the number of: whoever reaches it was trying numbers. */
export interface DecoyName {
  readonly name: string
  readonly party: string
  readonly uri: string
}

/** Reads a request that reached a decoy into the probe that it is; undefined for what is no request with a dialog. */
export type ReadDecoyHit = (bytes: Uint8Array, envelope: Envelope, decoy: DecoyName) => ActivityOf<'probe'> | undefined

/**
 * Unlike OPTIONS and REGISTER, who reaches a decoy is counted under its own identity: the network has let the call
 * through under it, and that is what its other calls are counted under.
 */
export function createDecoyReader(
  tap: string,
  site: string | undefined,
  identity: Identity,
  options: SipOptions,
): ReadDecoyHit {
  const message = createSipMessage()
  const key = createDialogKey()
  const sender = createSender(tap, site, identity, options)
  return (bytes, envelope, decoy) => {
    if (!readSip(message, bytes, 0, bytes.length) || !message.isRequest || !readDialogKey(key, message))
      return undefined
    const callId = latin1Of(bytes, key.callIdStart, key.callIdEnd)
    const tag = latin1Of(bytes, key.fromTagStart, key.fromTagEnd)
    const cseq = hasCredentials(message) ? message.cseq - 1 : message.cseq
    const probe: ActivityOf<'probe'> = {
      // One of its own: the tap of the network may tell a probe of the same request too.
      id: idOf('probe', callId, tag, String(cseq), 'decoy'),
      role: 'origin',
      kind: 'probe',
      time: envelope.timeMs,
      from: sender.originOf(message, envelope),
      to: { party: decoy.party, uri: decoy.uri },
      route: sender.routeOf(message, envelope),
      callId,
      method: latin1Of(bytes, message.methodStart, Math.min(message.methodEnd, message.methodStart + 32)),
      decoy: decoy.name,
    }
    const diverted = divertedOf(identity, message)
    if (diverted.length > 0) probe.diverted = diverted
    const agent = agentOf(message)
    if (agent !== '') probe.agent = agent
    return probe
  }
}
