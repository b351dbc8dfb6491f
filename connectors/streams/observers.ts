import { Value } from '@sinclair/typebox/value'
import type { Activity, Route } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { countDrop, type TapCounters } from '../../engine/observe/index.ts'
import { type ContentOptions, contentGate, contentOptions, contentReader } from '../messages/index.ts'
import { createMsrpObserver, createMsrpSessions } from '../msrp/index.ts'
import type { Envelope } from '../signal.ts'
import { createSmppFlows, type SmppOptions, smppConnector, smppObserverOf } from '../smpp/index.ts'
import { createStreamReader, createXmppObserver, type StreamReader } from '../xmpp/index.ts'

/** Turns the signals of one message protocol, as captures show them, into activity. */
export interface StreamObserver {
  observe(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  /** Event time has reached `timeMs`. */
  advance(timeMs: number): void
  close(): void
}

export interface MessageObservers {
  readonly smpp: StreamObserver
  readonly msrp: StreamObserver
  readonly xmpp: StreamObserver
  /** Every SIP message is to be shown here as well: the SDP of dialogs says who speaks over MSRP. */
  sip(bytes: Uint8Array, start: number, end: number): void
}

export interface ObserverContext {
  readonly name: string
  readonly site: string | undefined
  readonly identity: Identity
  readonly emit: (activity: Activity) => void
  readonly counters: TapCounters
}

/** Long messages waiting for parts, octets of them, and how long. */
const MSRP_LIMITS = { messages: 10_000, bytes: 33_554_432, waitMs: 300_000 }
/** Directions of XMPP connections followed at once; each holds one unfinished stanza. */
const XMPP_DIRECTIONS = 2048

/** Observers of SMPP, MSRP and XMPP for one tap that captures packets. */
export function createMessageObservers(
  context: ObserverContext,
  content: ContentOptions = Value.Default(contentOptions, {}) as ContentOptions,
): MessageObservers {
  const { counters, identity } = context
  const dropped = (reason: string) => countDrop(counters, reason)
  const emit = (activity: Activity) => {
    counters.activities++
    context.emit(activity)
  }
  const smppDefaults = Value.Default(smppConnector.schema, {}) as SmppOptions
  const smpp = smppObserverOf({ ...smppDefaults, content }, { identity, counters, emit: context.emit })
  const flows = createSmppFlows(context, smpp, dropped)
  const sessions = createMsrpSessions(identity)
  const gate = contentGate(content, contentReader())
  return {
    smpp: { observe: flows.signal, advance: smpp.expire, close: flows.flush },
    msrp: createMsrpObserver(context, sessions, gate, MSRP_LIMITS, { emit, dropped }),
    xmpp: xmppStreams(context, emit, dropped, content),
    sip: sessions.observeSip,
  }
}

function xmppStreams(
  context: ObserverContext,
  emit: (activity: Activity) => void,
  dropped: (reason: string) => void,
  content: ContentOptions,
): StreamObserver {
  const observer = createXmppObserver(context.identity, contentGate(content, contentReader()), false, { emit, dropped })
  const readers = new Map<string, { reader: StreamReader; seen: Envelope }>()

  function readerOf(envelope: Envelope) {
    const name = `${envelope.source}:${envelope.sourcePort} ${envelope.destination}:${envelope.destinationPort}`
    const known = readers.get(name)
    if (known !== undefined) return known
    if (readers.size >= XMPP_DIRECTIONS) for (const oldest of readers.keys()) if (readers.delete(oldest)) break
    const seen = { ...envelope }
    const base: Route = { tap: context.name, peer: envelope.source, transport: envelope.transport }
    const route = context.site === undefined ? base : { ...base, site: context.site }
    const sink = {
      opened() {},
      stanza: (stanza: Parameters<typeof observer.stanza>[0]) => observer.stanza(stanza, seen.timeMs, route),
      closed() {},
      dropped,
    }
    const made = { reader: createStreamReader(sink, false), seen }
    readers.set(name, made)
    return made
  }

  return {
    observe(bytes, start, end, envelope) {
      const direction = readerOf(envelope)
      direction.seen.timeMs = envelope.timeMs
      direction.reader.push(bytes, start, end)
    },
    advance() {},
    close: () => readers.clear(),
  }
}
