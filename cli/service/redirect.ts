import { openRedirect } from '../../connectors/redirect/index.ts'
import type { Decide } from '../../engine/decide/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { createTally, type Tally } from '../../engine/observe/index.ts'
import type { Ground } from './ground.ts'
import { passportsOf } from './passport.ts'

export interface RedirectParts {
  readonly decide: Decide
  readonly identity: Identity
  /** Decisions by action and way. */
  readonly decisions: Tally
  /** URI of the signed card for redress of a party, if there is a card. */
  readonly card: ((party: string) => string) | undefined
}

/**
 * The SIP redirect server with decisions from memory; none when no address is configured.
 * @returns addresses as bound @throws RingfenceError LISTEN_FAILED, CONFIG_INVALID
 */
export async function openRedirectServer(ground: Ground, parts: RedirectParts): Promise<readonly string[]> {
  const { config, metrics, verifier, opened } = ground
  if (config.redirect.listen.length === 0) return []
  const { decide, identity, decisions, card } = parts
  const [answered, dropped] = [createTally(2), createTally(1)]
  let retransmitted = 0
  metrics.expose('ringfence_redirect_responses_total', answered.samples)
  metrics.expose('ringfence_redirect_dropped_total', dropped.samples)
  metrics.expose('ringfence_redirect_retransmissions_total', () => retransmitted)
  const server = await openRedirect(config.redirect, {
    ask: question => decide(question, Date.now()),
    identity,
    card,
    now: () => performance.now(),
    verify: passportsOf(verifier),
    counters: {
      answered: (status, action) => answered.add(String(status), action),
      retransmitted: () => retransmitted++,
      absorbed: method => answered.add('none', method),
      dropped: reason => dropped.add(reason),
    },
    decided: ({ action }) => decisions.add(action, 'sip'),
  })
  opened.push(server.close)
  return server.addresses
}
