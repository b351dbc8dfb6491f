import type { ActivityOf, Origin } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { countDrop, type TapCounters } from '../../engine/observe/index.ts'
import { contentGate, contentReader } from '../messages/index.ts'
import type { Envelope } from '../signal.ts'
import { type Call, NO_NAMES, NO_TAGS, Stage } from './calls.ts'
import { contentOf } from './content.ts'
import { createDialogs } from './dialogs.ts'
import type { Emit } from './emit.ts'
import { createDialogKey, type DialogKey, hasCredentials, mediaOf, readDialogKey } from './fields.ts'
import { createLegs } from './legs.ts'
import { createSipMessage, type SipMessage } from './message.ts'
import { Header, Method, methodNames } from './names.ts'
import { addressTest } from './networks.ts'
import { type SipOptions, sipDefaults } from './options.ts'
import { accountOf, divertedOf, fromUri, originOf, targetOf } from './party.ts'
import { createPassportGate, type VerifyPassports } from './passport.ts'
import { readSip } from './read.ts'
import { createRecent } from './recent.ts'
import { createRegistrations, type Registration } from './registrations.ts'
import { createRouter } from './route.ts'
import { firstText, latin1Of } from './text.ts'
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

const MESSAGE_MEMORY_MS = 64_000
const SIP_DROP = 'not-sip'
const NO_DIALOG_DROP = 'sip-without-dialog'
const KEEP_ALIVE_DROP = 'keep-alive'

/**
 * An observer for one tap. Deterministic: what it emits is a function of the messages and their times alone.
 *
 * Ids: `idOf(kind, Call-ID, From tag, CSeq)`. A request that carries credentials takes the CSeq before its own: it repeats
 * the request that was challenged, which had that CSeq (RFC 3261 §22.2, §8.1.3.5), so both are one attempt with one id,
 * also where one tap saw only the first and another only the second.
 *
 * Who is counted for probing: OPTIONS, REGISTER and unauthorised INVITE say in From whatever they like, so a scanner that
 * rotates it would start at zero each time. They are counted under `ip:<source address>`; From stays readable in `from.uri`.
 * @throws RingfenceError CONFIG_INVALID for a malformed address block
 */
export function createSipObserver(config: SipObserverConfig): SipObserver {
  const { identity, counters } = config
  const options: SipOptions = { ...sipDefaults, ...config.options }
  const router = createRouter(config.tap, config.site, options)
  const isBelieved = addressTest(options.assertedFrom, 'assertedFrom')
  const believesAll = options.assertedFrom.length === 0
  const legs = createLegs(options.legHeader, options.maxCalls)
  const contents = contentGate(options.content, contentReader())
  const message = createSipMessage()
  const key = createDialogKey()
  const recent = createRecent(Math.min(262_144, Math.max(1024, options.maxCalls)), MESSAGE_MEMORY_MS)
  const agents = new Map<string, string>()
  let evicted = 0
  let repeated = 0
  let unmatched = 0
  let current: Envelope | undefined

  const gate = createPassportGate(identity, config.verify, activity => {
    counters.activities++
    config.emit(activity)
  })
  const { emit } = gate
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
    refused: probeOfInvite,
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
      from: sourceOrigin(registering),
      to: accountOf(identity, registering),
      route: router.routeOf(registering, envelope()),
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

  function sourceOrigin(request: SipMessage): Origin {
    const origin: Origin = { party: `ip:${router.sourceOf(request, envelope())}` }
    const uri = fromUri(request)
    if (uri !== '') origin.uri = uri
    return origin
  }

  function createCall(first: SipMessage, dialog: DialogKey, timeMs: number): Call {
    const believes = believesAll || isBelieved(envelope().source)
    const callId = latin1Of(first.bytes, dialog.callIdStart, dialog.callIdEnd)
    const authenticated = first.isRequest && hasCredentials(first)
    const from = originOf(identity, first, believes)
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
      route: router.routeOf(first, envelope()),
      source: router.sourceOf(first, envelope()),
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

  function probeOfInvite(call: Call, status: number, timeMs: number): void {
    // Whom the operator knows is refused a right, not an entry: an asserted identity, or a password that was accepted.
    if (call.from.asserted !== 'from' || call.source === '' || (status === 403 && call.authenticated)) return
    const probe: ActivityOf<'probe'> = {
      id: idOf('probe', call.callId, call.tagText, String(call.idCseq)),
      role: 'origin',
      kind: 'probe',
      time: Math.max(timeMs, call.inviteMs),
      from:
        call.from.uri === undefined
          ? { party: `ip:${call.source}` }
          : { party: `ip:${call.source}`, uri: call.from.uri },
      route: call.route,
      callId: call.callId,
      method: 'INVITE',
      status,
    }
    if (call.to !== undefined) probe.to = call.to
    if (call.agent !== '') probe.agent = call.agent
    emit(probe)
  }

  function onOptions(timeMs: number): void {
    if (key.toTag !== 0) return
    if (isRepeated('probe', message.cseq, timeMs)) return
    const callId = latin1Of(message.bytes, key.callIdStart, key.callIdEnd)
    const probe: ActivityOf<'probe'> = {
      id: idOf('probe', callId, latin1Of(message.bytes, key.fromTagStart, key.fromTagEnd), String(message.cseq)),
      role: 'origin',
      kind: 'probe',
      time: timeMs,
      from: sourceOrigin(message),
      route: router.routeOf(message, envelope()),
      callId,
      method: methodNames[message.method]!,
    }
    const to = targetOf(identity, message)
    if (to !== undefined) probe.to = to
    const agent = agentOf(message)
    if (agent !== '') probe.agent = agent
    emit(probe)
  }

  function onMessage(timeMs: number): void {
    const cseq = hasCredentials(message) ? message.cseq - 1 : message.cseq
    if (isRepeated('message', cseq, timeMs)) return
    const found = contentOf(message, options.textLimit)
    if (found === undefined) return
    const callId = latin1Of(message.bytes, key.callIdStart, key.callIdEnd)
    const believes = believesAll || isBelieved(envelope().source)
    const id = idOf('message', callId, latin1Of(message.bytes, key.fromTagStart, key.fromTagEnd), String(cseq))
    const from = originOf(identity, message, believes)
    gate.begin(message, from, timeMs)
    const to = targetOf(identity, message)
    const content = contents(found.type, found.text, to?.party ?? '', undefined)
    const route = router.routeOf(message, envelope())
    const agent = agentOf(message)
    for (const role of ['origin', 'target'] as const) {
      if (role === 'target' && to === undefined) return
      const activity: ActivityOf<'message'> = {
        id,
        role,
        kind: 'message',
        time: timeMs,
        from,
        route,
        callId,
        protocol: 'sip',
      }
      if (content !== undefined) activity.content = content
      if (to !== undefined) activity.to = to
      if (agent !== '') activity.agent = agent
      emit(activity)
    }
  }

  function isRepeated(kind: 'probe' | 'message', cseq: number, timeMs: number): boolean {
    const salt = kind === 'probe' ? 0x51ed270b : 0x2545f491
    const high = key.callId[0]! ^ Math.imul(key.fromTag, 0x9e3779b1)
    const low = key.callId[1]! ^ Math.imul(cseq + 1, 0x85ebca6b) ^ salt
    if (!recent.seen(high, low, timeMs)) return false
    repeated++
    return true
  }

  function onRequest(timeMs: number): void {
    switch (message.method) {
      case Method.register:
        registrations.request(message, key, timeMs)
        return
      case Method.options:
        onOptions(timeMs)
        return
      case Method.message:
        onMessage(timeMs)
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
        return repeated
      },
      get unmatched() {
        return unmatched
      },
    },
  }
}

function agentOf(message: SipMessage): string {
  return firstText(message, Header.userAgent, 256).slice(0, 256)
}
