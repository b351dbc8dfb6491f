import type { Envelope } from '../../../connectors/signal.ts'
import {
  createSipObserver,
  type SipObserver,
  type SipObserverConfig,
  type SipOptions,
} from '../../../connectors/sip/index.ts'
import type { Activity, ActivityKind, ActivityOf } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { type TapCounters, tapCounters } from '../../../engine/observe/index.ts'

export const T0 = 1_764_000_000_000

/** What a message of the scene says beside its start line; the rest has everyday values. */
export interface Fields {
  readonly callId?: string
  readonly from?: string
  readonly fromTag?: string
  readonly to?: string
  readonly toTag?: string
  readonly cseq?: number
  readonly branch?: string
  /** Further Via lines below the topmost. */
  readonly below?: readonly string[]
  readonly headers?: readonly string[]
  readonly body?: string
  readonly uri?: string
}

export const alice = '<sip:+33144556677@ims.example;user=phone>'
export const bob = '<sip:+33612345678@ims.example;user=phone>'

function lines(startLine: string, method: string, fields: Fields): Uint8Array {
  const body = fields.body ?? ''
  return Buffer.from(
    [
      startLine,
      `Via: SIP/2.0/UDP 198.51.100.2:5060;branch=z9hG4bK${fields.branch ?? 'a'}`,
      ...(fields.below ?? []),
      `From: ${fields.from ?? alice}${fields.fromTag === '' ? '' : `;tag=${fields.fromTag ?? 'ft'}`}`,
      `To: ${fields.to ?? bob}${fields.toTag === undefined ? '' : `;tag=${fields.toTag}`}`,
      `Call-ID: ${fields.callId ?? 'call-1@198.51.100.2'}`,
      `CSeq: ${fields.cseq ?? 1} ${method}`,
      ...(fields.headers ?? []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}

export function request(method: string, fields: Fields = {}): Uint8Array {
  return lines(`${method} ${fields.uri ?? 'sip:+33612345678@ims.example;user=phone'} SIP/2.0`, method, fields)
}

export function response(status: number, method: string, fields: Fields = {}): Uint8Array {
  return lines(`SIP/2.0 ${status} Reason`, method, { toTag: 'tt', ...fields })
}

/** An observer with everything it emitted, at a time that the scene sets. */
export interface Scene {
  readonly observer: SipObserver
  readonly emitted: Activity[]
  readonly counters: TapCounters
  /** Observes the message `afterMs` later than the one before. */
  see(afterMs: number, bytes: Uint8Array, envelope?: Partial<Envelope>): void
  wait(afterMs: number): void
  /** Kind and role of what was emitted, in order. */
  kinds(): string[]
  only<K extends ActivityKind>(kind: K, role?: 'origin' | 'target'): ActivityOf<K>
}

export function createScene(options: Partial<SipOptions> = {}, more: Partial<SipObserverConfig> = {}): Scene {
  const emitted: Activity[] = []
  const counters = tapCounters()
  const observer = createSipObserver({
    tap: 'tap-1',
    identity: createIdentity({ defaultCountry: 'FR' }),
    emit: activity => emitted.push(activity),
    counters,
    // Small tables: hundreds of scenes are made.
    options: { maxCalls: 10_000, ...options },
    ...more,
  })
  let now = T0
  return {
    observer,
    emitted,
    counters,
    see(afterMs, bytes, envelope = {}) {
      now += afterMs
      observer.observe(bytes, 0, bytes.length, { ...envelopeAt(now), ...envelope })
    },
    wait(afterMs) {
      now += afterMs
      observer.advance(now)
    },
    kinds: () => emitted.map(({ kind, role }) => `${kind} ${role}`),
    only(kind, role = 'origin') {
      const found = emitted.filter(activity => activity.kind === kind && activity.role === role)
      if (found.length !== 1) throw new Error(`${found.length} activities of kind ${kind}, role ${role}`)
      return found[0] as ActivityOf<typeof kind>
    },
  }
}

export function envelopeAt(timeMs: number): Envelope {
  return {
    timeMs,
    source: '203.0.113.7',
    sourcePort: 5060,
    destination: '192.0.2.1',
    destinationPort: 5060,
    transport: 'udp',
    correlationId: '',
  }
}
