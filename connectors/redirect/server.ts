import { addressTest } from '../sip/index.ts'
import { type Listener, listen } from './listen.ts'
import type { RedirectOptions } from './options.ts'
import { createResponder, type ResponderContext } from './responder.ts'

export interface RedirectServer {
  /** As bound, port 0 resolved. */
  readonly addresses: readonly string[]
  close(): Promise<void>
}

/**
 * Opens the SIP redirect server on every configured address. What was opened is closed again when a later one fails.
 * @throws RingfenceError CONFIG_INVALID, LISTEN_FAILED
 */
export async function openRedirect(options: RedirectOptions, context: ResponderContext): Promise<RedirectServer> {
  const isPeer = addressTest(options.peers, 'redirect.peers')
  const { maxMessageBytes, maxConnections } = options
  const { counters } = context
  const respond = createResponder(options, context)
  const listeners: Listener[] = []
  const close = async () => {
    for (const listener of listeners) await listener.close()
  }
  try {
    for (const url of options.listen)
      listeners.push(await listen(url, { respond, isPeer, counters, maxMessageBytes, maxConnections }))
  } catch (error) {
    await close()
    throw error
  }
  return { addresses: listeners.map(({ address }) => address), close }
}
