import { type Static, Type } from '@sinclair/typebox'
import type { Route } from '../../engine/activity/index.ts'
import { messageOf } from '../../engine/errors/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { Connector, TapContext } from '../connector.ts'
import { contentGate, contentOptions, contentReader } from '../messages/index.ts'
import { type Component, openComponent } from './component.ts'
import { createXmppObserver } from './observer.ts'

const schema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address of the XMPP server' }),
  port: Type.Integer({ default: 5347, minimum: 1, maximum: 65_535, description: 'its component port' }),
  domain: Type.String({
    default: 'ringfence.localhost',
    minLength: 1,
    maxLength: 1023,
    description: 'domain of the component',
  }),
  secret: Type.String({ default: '', description: 'secret shared with the server' }),
  forwards: Type.Boolean({
    default: true,
    description: 'the server shows its traffic as forwarded messages (XEP-0297): the message inside is taken',
  }),
  retryMs: Type.Integer({
    default: 1000,
    minimum: 10,
    maximum: 600_000,
    description: 'pause before the first new attempt to connect (ms), doubled up to a minute',
  }),
  content: contentOptions,
})
export type XmppOptions = Static<typeof schema>

const LONGEST_RETRY_MS = 60_000

/** An XMPP server's external component: takes what is sent or forwarded to its domain, and spam reports. */
export const xmppConnector: Connector<typeof schema> = {
  type: 'xmpp',
  summary: 'messages and spam reports that an XMPP server sends to its component (XEP-0114, XEP-0377)',
  schema,
  async open(options, context) {
    let component: Component | undefined
    let timer: NodeJS.Timeout | undefined
    let closed = false
    let retryMs = options.retryMs

    function start(): void {
      component = connectComponent(options, context, {
        ready() {
          retryMs = options.retryMs
          context.logger.info({}, 'XMPP component connected')
        },
        ended(reason) {
          if (closed) return
          context.logger.warn({ reason, retryMs }, 'XMPP component disconnected')
          timer = setTimeout(start, retryMs)
          retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)
        },
      })
    }
    start()
    return {
      address: '',
      finished: new Promise(() => {}),
      async close() {
        closed = true
        clearTimeout(timer)
        component?.close()
      },
    }
  },
}

function connectComponent(
  options: XmppOptions,
  context: TapContext,
  life: { readonly ready: () => void; readonly ended: (reason: string) => void },
): Component {
  const { counters } = context
  const route: Route = {
    tap: context.name,
    peer: options.host,
    transport: 'tcp',
    ...(context.site === undefined ? undefined : { site: context.site }),
  }
  const observer = createXmppObserver(
    context.identity,
    contentGate(options.content, contentReader()),
    options.forwards,
    {
      emit(activity) {
        counters.activities++
        context.emit(activity)
      },
      dropped: reason => countDrop(counters, reason),
    },
  )
  const component = openComponent(options, {
    ready: life.ready,
    ended: life.ended,
    dropped: fault => countDrop(counters, fault),
    data(bytes) {
      counters.bytes += bytes
      if (context.congested()) pauseUntilDurable(component, context)
    },
    stanza(stanza) {
      counters.received++
      counters.decoded++
      observer.stanza(stanza, context.now(), route)
    },
  })
  return component
}

function pauseUntilDurable(component: Component, context: TapContext): void {
  component.socket.pause()
  context
    .durable()
    .catch(error => context.logger.warn({ error: messageOf(error) }, 'event log'))
    .finally(() => component.socket.resume())
}
