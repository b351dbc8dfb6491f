import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { TapContext } from '../../connectors/connector.ts'
import type { Activity } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import type { LogFields, Logger, TapCounters } from '../../engine/observe/index.ts'
import { testContext } from './context.ts'

/** An identity that leaves everything as it is. */
export const plainIdentity: Identity = {
  ofNumber: raw => raw,
  ofUser: user => user,
  numberFacts: () => ({ isNumber: true, valid: true, type: 'unknown', country: '' }),
}

/** What a tap under test was made to do, and a way to wait for it without sleeping. */
export interface TapHarness {
  readonly context: TapContext
  readonly counters: TapCounters
  readonly activities: Activity[]
  readonly logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[]
  /** Resolves when `condition` holds: looked at whenever the event loop turns. Rejects after ten seconds. */
  until(condition: () => boolean): Promise<void>
}

/** A tap's context that collects. */
export function tapHarness(given: Partial<TapContext> = {}): TapHarness {
  const logged: { level: string; message: string; fields: LogFields }[] = []
  const log = (level: string) => (fields: LogFields, message: string) => {
    logged.push({ level, message, fields })
  }
  const logger: Logger = {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: () => logger,
  }
  const context = testContext({ name: 'tap-1', identity: plainIdentity, logger, now: Date.now, ...given })
  return { context, counters: context.counters, activities: context.activities, logged, until }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('what the test waits for did not happen within ten seconds')
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Options of a connector: its defaults, with those given. */
export function optionsOf<S extends TSchema>(schema: S, given: Record<string, unknown> = {}) {
  return Value.Decode(schema, Value.Default(schema, structuredClone(given)))
}

/** A call's INVITE, 180, 200 and BYE as SIP messages. */
export function callMessages(callId: string, from = '+33123456789', to = '+14155550100'): Buffer[] {
  const head = (tag: string, cseq: string, branch: string) =>
    [
      `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${branch}${callId}`,
      `From: <sip:${from}@example.net>;tag=a`,
      `To: <sip:${to}@example.net>${tag}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq}`,
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  const uri = `sip:${to}@example.net`
  return [
    `INVITE ${uri} SIP/2.0\r\n${head('', '1 INVITE', 'i')}`,
    `SIP/2.0 180 Ringing\r\n${head(';tag=b', '1 INVITE', 'i')}`,
    `SIP/2.0 200 OK\r\n${head(';tag=b', '1 INVITE', 'i')}`,
    `BYE ${uri} SIP/2.0\r\n${head(';tag=b', '2 BYE', 'y')}`,
  ].map(text => Buffer.from(text))
}
