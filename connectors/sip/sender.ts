import type { Origin, Route } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { Envelope } from '../signal.ts'
import type { SipMessage } from './message.ts'
import { Header } from './names.ts'
import { addressTest } from './networks.ts'
import type { SipOptions } from './options.ts'
import { fromUri, originOf } from './party.ts'
import { createRouter } from './route.ts'
import { firstText } from './text.ts'

/** Who sent a message and how it entered, as one tap may know it. */
export interface Sender {
  /** Shared between activities: not to be changed. */
  routeOf(message: SipMessage, envelope: Envelope): Route
  /** Address that it really came from, past the operator's own elements. */
  addressOf(message: SipMessage, envelope: Envelope): string
  /** Whom the headers name; an asserted identity counts only from elements that the operator believes. */
  originOf(message: SipMessage, envelope: Envelope): Origin
  /**
   * The source address as the party. OPTIONS, REGISTER and unauthorised INVITE say in From whatever they like, so a scanner
   * that rotates it would start at zero each time; From stays readable in `uri`.
   */
  sourceOf(message: SipMessage, envelope: Envelope): Origin
}

/**
 * Compiles the options that say whom to believe.
 * @throws RingfenceError CONFIG_INVALID for a malformed address block
 */
export function createSender(tap: string, site: string | undefined, identity: Identity, options: SipOptions): Sender {
  const router = createRouter(tap, site, options)
  const isBelieved = addressTest(options.assertedFrom, 'assertedFrom')
  const believesAll = options.assertedFrom.length === 0
  return {
    routeOf: router.routeOf,
    addressOf: router.sourceOf,
    originOf: (message, envelope) => originOf(identity, message, believesAll || isBelieved(envelope.source)),
    sourceOf: (message, envelope) => originAt(router.sourceOf(message, envelope), fromUri(message)),
  }
}

/** The address as the party, with what From said where it said anything. */
export function originAt(address: string, uri = ''): Origin {
  const origin: Origin = { party: `ip:${address}` }
  if (uri !== '') origin.uri = uri
  return origin
}

/** User-Agent, '' without one. */
export function agentOf(message: SipMessage): string {
  return firstText(message, Header.userAgent, 256).slice(0, 256)
}
