import type { Identity } from '../../engine/identity/index.ts'
import { countDrop, type TapCounters } from '../../engine/observe/index.ts'
import type { Envelope } from '../signal.ts'
import { type Call, NO_NAMES, NO_TAGS, Stage } from './calls.ts'
import { createDialogs } from './dialogs.ts'
import type { Emit } from './emit.ts'
import { createDialogKey, type DialogKey, hasCredentials, mediaOf, readDialogKey } from './fields.ts'
import { createLegs } from './legs.ts'
import { createSipMessage, type SipMessage } from './message.ts'
import { Method } from './names.ts'
import { type SipOptions, sipDefaults } from './options.ts'
import { createPager } from './pager.ts'
import { accountOf, divertedOf, targetOf } from './party.ts'
import { createPassportGate, type VerifyPassports } from './passport.ts'
import { createProbes } from './probes.ts'
import { readSip } from './read.ts'
import { createRegistrations, type Registration } from './registrations.ts'
import { createRepeats } from './repeats.ts'
import { agentOf, createSender } from './sender.ts'
import { latin1Of } from './text.ts'
import { createTimerWheel } from './timers.ts'

/** Turns SIP messages into activity: who called or messaged whom and what became of it. */
export interface SipObserver {
  /** One message as captured: `bytes[start, end)`, valid during the call only. Never throws. */
  observe(bytes: Uint8Array, start: number, end: number, envelope: Envelope): void
  /** Event time has reached `timeMs`: limits up to it are over. A live tap calls it now and then, for when traffic stops. */
  advance(timeMs: number): void
  /** Gives out what is final; calls that stand stay open. */
  close(): void
  readonly stats: SipStats
}

/** What the observer holds and has left out; plain numbers for the metrics. */
export interface SipStats {
  /** Calls that have begun and not ended. */
  readonly liveCalls: number
  /** Calls and registrations in memory, finished ones included. */
  readonly tracked: number
  /** Given up because there were too many. */
  readonly evicted: number
  /** Requests seen again: retransmissions, further hops, other taps. */
  readonly repeated: number
  /** Messages of no call that is known (their beginning was not captured) and of methods that give no activity. */
  readonly unmatched: number
}

export interface SipObserverConfig {
  readonly tap: string
  readonly site?: string | undefined
  readonly identity: Identity
  readonly emit: Emit
  readonly counters: TapCounters
  readonly options?: Partial<SipOptions>
  /** Verifies signed identities, where that is configured. */
  readonly verify?: VerifyPassports | undefined
}

const SIP_DROP = 'not-sip'
const NO_DIALOG_DROP = 'sip-without-dialog'
const KEEP_ALIVE_DROP = 'keep-alive'

/**
 * An observer for one tap. Deterministic: what it emits is a function of the messages and their times alone.
 *
 * Ids: `idOf(kind, Call-ID, From tag, CSeq)`. A request that carries credentials takes the CSeq before its own: it repeats
 * the request that was challenged, which had that CSeq (RFC 3261 §22.2, §8.1.3.5), so both are one attempt with one id,
 * also where one tap saw only the first and another only the second.
 * @throws RingfenceError CONFIG_INVALID for a malformed address block
 */
export function createSipObserver(config: SipObserverConfig): SipObserver {
  const { identity, counters } = config
  const options: SipOptions = { ...sipDefaults, ...config.options }
  const sender = createSender(config.tap, config.site, identity, options)
  const legs = createLegs(options.legHeader, options.maxCalls)
  const message = createSipMessage()
  const key = createDialogKey()
  const repeats = createRepeats(options.maxCalls)
  const agents = new Map<string, string>()
  let evicted = 0
  let unmatched = 0
  let current: Envelope | undefined

  const gate = createPassportGate(identity, config.verify, activity => {
    counters.activities++
    config.emit(activity)
  })
  const { emit } = gate
  const probes = createProbes({ identity, sender, repeats, emit })
  const onMessage = createPager({ identity, sender, repeats, gate, options })
  const timers = createTimerWheel(item => {
    const owner = item as Call | Registration
    if (owner.kind === 'call') dialogs.expired(owner)
    else registrations.expired(owner)
  })

  const dialogs = createDialogs({
    emit,
    timers,
    options,
    create: createCall,
    isLeg: legs.isLeg,
    refused: probes.refused,
    evicted: () => {
      evicted++
    },
  })
  const registrations = createRegistrations({
    emit,
    timers,
    capacity: options.maxCalls,
    retryMs: options.retrySeconds * 1000,
    partiesOf: registering => ({
      from: sender.sourceOf(registering, envelope()),
      to: accountOf(identity, registering),
      route: sender.routeOf(registering, envelope()),
      agent: agentOf(registering),
    }),
    evicted: () => {
      evicted++
    },
  })

  /** Agents are few and calls many: one string for all calls of one agent. Bounded, since agents write what they like. */
  function shared(text: string): string {
    const known = agents.get(text)
    if (known !== undefined) return known
    if (agents.size >= 4096) agents.clear()
    agents.set(text, text)
    return text
  }

  function envelope(): Envelope {
    if (current === undefined) throw new Error('no message is being observed')
    return current
  }

  function createCall(first: SipMessage, dialog: DialogKey, timeMs: number): Call {
    const callId = latin1Of(first.bytes, dialog.callIdStart, dialog.callIdEnd)
    const authenticated = first.isRequest && hasCredentials(first)
    const from = sender.originOf(first, envelope())
    gate.begin(first, from, timeMs)
    return {
      kind: 'call',
      callId,
      high: dialog.callId[0]!,
      low: dialog.callId[1]!,
      tag: dialog.fromTag,
      tagText: latin1Of(first.bytes, dialog.fromTagStart, dialog.fromTagEnd),
      chain: undefined,
      older: undefined,
      newer: undefined,
      queue: 0,
      stage: Stage.trying,
      cseq: first.cseq,
      idCseq: authenticated ? first.cseq - 1 : first.cseq,
      authenticated,
      branches: NO_TAGS,
      legs: NO_TAGS,
      goneLegs: NO_TAGS,
      from,
      to: targetOf(identity, first),
      diverted: divertedOf(identity, first),
      route: sender.routeOf(first, envelope()),
      source: sender.addressOf(first, envelope()),
      agent: first.isRequest ? shared(agentOf(first)) : '',
      media: first.isRequest ? mediaOf(first) : NO_NAMES,
      inviteMs: timeMs,
      ringMs: 0,
      answerMs: 0,
      lastMs: timeMs,
      sessionMs: 0,
      status: 0,
      cause: '',
      cancelled: false,
      byeMs: 0,
      byeByOrigin: false,
      deadlineMs: 0,
      firesMs: 0,
      timerPrevious: undefined,
      timerNext: undefined,
      bucket: -1,
    }
  }

  function onRequest(timeMs: number): void {
    switch (message.method) {
      case Method.register:
        registrations.request(message, key, timeMs)
        return
      case Method.options:
        probes.options(message, key, envelope())
        return
      case Method.message:
        onMessage(message, key, envelope())
        return
      default: {
        const call = dialogs.find(message, key)
        if (call === undefined && message.method !== Method.invite) unmatched++
        dialogs.request(message, key, call, timeMs)
      }
    }
  }

  function onResponse(timeMs: number): void {
    switch (message.cseqMethod) {
      case Method.register:
        registrations.response(message, key, timeMs)
        return
      case Method.options:
      case Method.message:
        return
      default: {
        const call = dialogs.find(message, key)
        if (call === undefined) unmatched++
        dialogs.response(message, key, call, timeMs)
      }
    }
  }

  return {
    observe(bytes, start, end, from) {
      if (!readSip(message, bytes, start, end)) {
        countDrop(counters, message.start >= end ? KEEP_ALIVE_DROP : SIP_DROP)
        return
      }
      counters.decoded++
      timers.advance(from.timeMs)
      if (!readDialogKey(key, message)) {
        countDrop(counters, NO_DIALOG_DROP)
        return
      }
      current = from
      if (message.isRequest) onRequest(from.timeMs)
      else onResponse(from.timeMs)
      current = undefined
    },
    advance: timers.advance,
    close() {
      dialogs.flush()
      registrations.flush()
      gate.flush()
    },
    stats: {
      get liveCalls() {
        return dialogs.live
      },
      get tracked() {
        return dialogs.size + registrations.size
      },
      get evicted() {
        return evicted
      },
      get repeated() {
        return repeats.count
      },
      get unmatched() {
        return unmatched
      },
    },
  }
}
