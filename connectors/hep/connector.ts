import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, Tap, TapContext } from '../connector.ts'
import { createCorrelator } from '../correlate/index.ts'
import { watchKernelDrops } from './kernel-drops.ts'
import { createKeyCheck } from './keys.ts'
import { type Listen, parseListen } from './listen.ts'
import { type HepOptions, hepSchema } from './options.ts'
import { createHepReceiver } from './receiver.ts'
import { listenTcp } from './tcp.ts'
import { type Listener, listenUdp } from './udp.ts'
import { listenUdpThreads } from './udp-threads.ts'

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
  const udpPorts: number[] = []
  let stopWatching = async () => {}
  const close = async () => {
    await stopWatching()
    await Promise.all(listeners.map(listener => listener.close()))
    correlator.close()
  }
  const listenOn = async (listen: Listen) => {
    if (listen.transport !== 'udp') {
      const { certFile, keyFile, caFile, maxConnections } = options
      const idleMs = options.idleSeconds * 1000
      const { congested } = context
      const limits = { maxConnections, idleMs, congested }
      listeners.push(await listenTcp({ listen, certFile, keyFile, caFile, ...limits, receive, counters, now, logger }))
      return
    }
    const udp = { recvBufferBytes: options.recvBufferSize, receive, now, logger }
    if (options.threads === 0) {
      listeners.push(await listenUdp({ listen, ...udp }))
    } else {
      listeners.push(...(await listenUdpThreads({ listen, ...udp, counters, threads: options.threads })))
    }
    udpPorts.push(listeners.at(-1)!.port)
  }
  try {
    for (const url of options.listen.trim().split(/ +/)) await listenOn(parseListen(url))
  } catch (error) {
    await close()
    throw error
  }
  stopWatching = watchKernelDrops(udpPorts, datagrams => countDrop(counters, 'kernel-overflow', datagrams))
  return {
    address: [...new Set(listeners.map(listener => listener.address))].join(' '),
    finished: new Promise(() => {}),
    close,
  }
}
