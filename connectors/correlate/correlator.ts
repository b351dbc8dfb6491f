import { countDrop } from '../../engine/observe/index.ts'
import type { TapContext } from '../connector.ts'
import type { Envelope, SignalProtocol, SignalSink } from '../signal.ts'
import { createSipObserver } from '../sip/index.ts'
import { createMessageObservers } from '../streams/index.ts'
import { createEventClock } from './event-clock.ts'

/** Turns the signals of one protocol into activity. */
export interface SignalObserver {
  observe(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  /** Event time has reached `timeMs`. */
  advance(timeMs: number): void
  close(): void
}

export interface CorrelatorOptions {
  /** Decoders of further protocols; a signal whose protocol has none is counted as ignored. */
  readonly others?: Partial<Record<SignalProtocol, SignalObserver>>
}

/** What stands between a live tap's decoder and its activities. */
export interface Correlator {
  readonly signal: SignalSink
  close(): void
}

/** How often event time is moved on: the limits that depend on it are seconds at the least. */
const TICK_MS = 1000
/**
 * Signals move event time themselves; the clock takes over after so many ticks without one. Sockets are read between two
 * ticks, so a process that was held up does not run ahead of what waits for it: the same feed gives the same order.
 */
const QUIET_TICKS = 3

const IGNORED: Readonly<Record<SignalProtocol, string>> = {
  sip: 'ignored-sip',
  msrp: 'ignored-msrp',
  smpp: 'ignored-smpp',
  xmpp: 'ignored-xmpp',
  sdp: 'ignored-sdp',
  rtcp: 'ignored-rtcp',
  log: 'ignored-log',
  other: 'ignored-other',
}

/** Hands each signal of a live tap to the observer of its protocol, and keeps their event time going. */
export function createCorrelator(context: TapContext, options: CorrelatorOptions = {}): Correlator {
  const { counters, now } = context
  const sip = createSipObserver({
    tap: context.name,
    site: context.site,
    identity: context.identity,
    emit: context.emit,
    counters,
    options: context.sip,
    verify: context.verifyPassports,
  })
  const { sip: showSip, ...messages } = createMessageObservers(context, context.sip.content)
  const observers: Partial<Record<SignalProtocol, SignalObserver>> = { ...messages, ...options.others, sip }
  const clock = createEventClock()
  let quietTicks = 0
  const timer = setInterval(() => {
    counters.tracked = sip.stats.tracked
    counters.evicted = sip.stats.evicted
    if (++quietTicks < QUIET_TICKS) return
    const timeMs = clock.at(now())
    if (timeMs > 0) for (const observer of Object.values(observers)) observer.advance(timeMs)
  }, TICK_MS)
  timer.unref()

  return {
    signal(protocol, bytes, start, end, envelope) {
      quietTicks = 0
      clock.seen(envelope.timeMs, now())
      if (protocol === 'sip') {
        showSip(bytes, start, end)
        sip.observe(bytes, start, end, envelope)
        return
      }
      const observer = observers[protocol]
      if (observer === undefined) countDrop(counters, IGNORED[protocol])
      else observer.observe(bytes, start, end, envelope)
    },
    close() {
      clearInterval(timer)
      for (const observer of Object.values(observers)) observer.close()
    },
  }
}
