import { type Static, Type } from '@sinclair/typebox'
import { closed } from '../../engine/activity/index.ts'
import { messageOf } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, TapContext } from '../connector.ts'
import { contentGate, contentOptions, contentReader } from '../messages/index.ts'
import { tlsOptions } from '../tls/index.ts'
import { type SmppConnection, smppConnection } from './flows.ts'
import { createSmppObserver, type SmppDrop, type SmppObserver } from './observer.ts'
import { openProxy, type ProxyWatcher } from './proxy.ts'
import { defaultAlphabets } from './text.ts'

const schema = Type.Object({
  host: Type.String({ default: '0.0.0.0', description: 'address that ESMEs connect to' }),
  port: Type.Integer({ default: 2775, minimum: 0, maximum: 65_535, description: 'port that ESMEs connect to' }),
  upstreamHost: Type.String({ default: '127.0.0.1', description: 'address of the SMSC' }),
  upstreamPort: Type.Integer({ default: 2776, minimum: 1, maximum: 65_535, description: 'port of the SMSC' }),
  ...tlsOptions,
  upstreamTls: Type.Boolean({ default: false, description: 'speak TLS with the SMSC' }),
  upstreamCaFile: Type.String({
    default: '',
    description: "PEM authority of the SMSC's certificate; empty takes those that Node knows",
  }),
  maxConnections: Type.Integer({
    default: 1024,
    minimum: 1,
    description: 'ESME connections at a time; more are refused',
  }),
  alphabet: {
    ...closed(defaultAlphabets, 'what data_coding 0 means on this SMSC'),
    default: 'gsm7',
  },
  partsWaitMs: Type.Integer({
    default: 300_000,
    minimum: 1000,
    description: 'how long the parts of a long message are waited for (ms)',
  }),
  partsMessages: Type.Integer({
    default: 10_000,
    minimum: 1,
    description: 'long messages waiting for parts at a time',
  }),
  content: contentOptions,
})
export type SmppOptions = Static<typeof schema>

/** Characters of parts held at a time; a part is 160 as a rule, a message_payload may be 64 K. */
const PART_CHARACTERS = 16_000_000

/** In line between ESMEs and an SMSC: forwards every octet first, then looks at it. */
export const smppConnector: Connector<typeof schema> = {
  type: 'smpp',
  summary: 'SMPP 3.4 proxy between ESMEs and an SMSC: forwards every PDU unchanged and looks on',
  schema,
  async open(options, context) {
    const { counters, logger } = context
    const dropped = (reason: SmppDrop | 'engine behind' | 'watcher failed' | 'tls-handshake') =>
      countDrop(counters, reason)
    const observer = smppObserverOf(options, context)
    const watched = new Set<ProxyWatcher>()
    const proxy = await openProxy(options, {
      watch(client, server) {
        const route = { tap: context.name, transport: 'tcp', ...(context.site && { site: context.site }) }
        const connection = smppConnection(client, server, route, observer, dropped, true)
        const watcher = watcherOf(connection, context, () => watched.delete(watcher))
        watched.add(watcher)
        return watcher
      },
      watcherFailed(error) {
        dropped('watcher failed')
        logger.error({ error: messageOf(error) }, 'SMPP decoding failed; the connection is forwarded unseen')
      },
      refused(reason, error) {
        if (reason === 'tls-handshake') dropped(reason)
        logger.warn({ reason, error: error === undefined ? undefined : messageOf(error) }, 'SMPP connection refused')
      },
    })
    const timer = setInterval(() => observer.expire(context.now()), 1000)
    timer.unref()
    return {
      address: proxy.address,
      finished: new Promise(() => {}),
      async close() {
        clearInterval(timer)
        await proxy.close()
        for (const watcher of watched) watcher.closed()
        observer.flush()
      },
    }
  },
}

/** The observer of a tap, or of a capture, with the tap's own limits and content policy. */
export function smppObserverOf(
  options: Pick<SmppOptions, 'alphabet' | 'partsWaitMs' | 'partsMessages' | 'content'>,
  context: Pick<TapContext, 'identity' | 'counters' | 'emit'>,
): SmppObserver {
  const { counters } = context
  const observer = createSmppObserver(
    {
      smscDefault: options.alphabet,
      limits: { messages: options.partsMessages, characters: PART_CHARACTERS, waitMs: options.partsWaitMs },
    },
    context.identity,
    contentGate(options.content, contentReader()),
    {
      emit(activity) {
        counters.activities++
        context.emit(activity)
      },
      dropped: reason => countDrop(counters, reason),
    },
  )
  return {
    ...observer,
    pdu(bytes, start, end, timeMs, link) {
      counters.received++
      counters.decoded++
      observer.pdu(bytes, start, end, timeMs, link)
    },
  }
}

function watcherOf(connection: SmppConnection, context: TapContext, ended: () => void): ProxyWatcher {
  let behind = false
  return {
    data(fromClient, bytes) {
      context.counters.bytes += bytes.length
      // The queue towards the log is full: the traffic goes on, unseen, and decoding picks up at a later PDU.
      if (context.congested()) {
        if (!behind) connection.gap()
        behind = true
        countDrop(context.counters, 'engine behind')
        return
      }
      behind = false
      connection.push(fromClient, bytes, 0, bytes.length, context.now())
    },
    closed() {
      connection.end()
      ended()
    },
  }
}
