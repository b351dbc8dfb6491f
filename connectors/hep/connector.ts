import type { Connector, Tap, TapContext } from '../connector.ts'
import { createCorrelator } from '../correlate/index.ts'
import { createKeyCheck } from './keys.ts'
import { parseListen } from './listen.ts'
import { type HepOptions, hepSchema } from './options.ts'
import { createHepReceiver } from './receiver.ts'
import { listenTcp } from './tcp.ts'
import { type Listener, listenUdp } from './udp.ts'

/** HEP from capture agents, proxies and SBCs: heplify, captagent, Kamailio, OpenSIPS, Asterisk, FreeSWITCH, … */
export const hepConnector: Connector<typeof hepSchema> = {
  type: 'hep',
  summary: 'HEP v1, v2 and v3 (Homer) over UDP, TCP and TLS',
  schema: hepSchema,
  open,
}

async function open(options: HepOptions, context: TapContext): Promise<Tap> {
  const { counters, logger, now } = context
  const keyCheck = createKeyCheck(options.keys)
  const correlator = createCorrelator(context)
  const receive = createHepReceiver({
    signal: correlator.signal,
    counters,
    keyCheck,
    maxInflatedBytes: options.maxInflatedBytes,
    maxAheadMs: options.maxAheadSeconds * 1000,
  })
  const listeners: Listener[] = []
  const close = async () => {
    await Promise.all(listeners.map(listener => listener.close()))
    correlator.close()
  }
  try {
    for (const url of options.listen.trim().split(/ +/)) {
      const listen = parseListen(url)
      listeners.push(
        listen.transport === 'udp'
          ? await listenUdp({ listen, recvBufferBytes: options.recvBufferSize, receive, now, logger })
          : await listenTcp({
              listen,
              certFile: options.certFile,
              keyFile: options.keyFile,
              caFile: options.caFile,
              maxConnections: options.maxConnections,
              idleMs: options.idleSeconds * 1000,
              receive,
              congested: context.congested,
              counters,
              now,
              logger,
            }),
      )
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    address: listeners.map(listener => listener.address).join(' '),
    finished: new Promise(() => {}),
    close,
  }
}
