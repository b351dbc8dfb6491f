import type { Activity, Route } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import { countDrop } from '../../engine/observe/index.ts'
import type { TapContext } from '../connector.ts'
import { type ContentGate, emitMessage, parseJson } from '../messages/index.ts'
import type { PushDrop } from '../push/index.ts'
import { parseTime, partyReader } from '../records/index.ts'
import { type ChatMessage, type ChatReport, readItem } from './message.ts'

/** Why something was refused: the closed list that drops are counted by. */
export type ChatDrop =
  | PushDrop
  | 'batch too deep'
  | 'batch not JSON'
  | 'no messages'
  | 'too many messages'
  | 'message invalid'
  | 'time invalid'
  | 'party too long'

export interface Rejected {
  readonly index: number
  readonly reason: string
}

/** The answer to a batch. */
export type BatchResult =
  | { readonly ok: true; readonly id: unknown; readonly accepted: number; readonly rejected: readonly Rejected[] }
  | { readonly ok: false; readonly status: 400 | 413; readonly error: string }

export interface BatchReader {
  /** Takes one batch from the named sender, hands its messages over, and says what became of them. */
  take(bytes: Buffer, sender: string, peer: string, transport: string): BatchResult
}

/** Reads batches: an array of messages, or `{"id":…,"messages":[…]}` whose id comes back in the answer. */
export function batchReader(context: TapContext, gate: ContentGate, maxMessages: number): BatchReader {
  const { counters } = context
  const partyOf = partyReader(context.identity)
  const emit = (activity: Activity) => {
    counters.activities++
    context.emit(activity)
  }

  function refuse(drop: ChatDrop, status: 400 | 413, error: string): BatchResult {
    countDrop(counters, drop)
    return { ok: false, status, error }
  }

  function takeItem(value: unknown, sender: string, route: Route): { drop: ChatDrop; reason: string } | undefined {
    const item = readItem(value)
    if (item.kind === 'wrong') return { drop: 'message invalid', reason: item.reason }
    const what = item.kind === 'message' ? item.message : item.report
    const timeMs = timeOf(what.time, context)
    if (Number.isNaN(timeMs)) return { drop: 'time invalid', reason: '/time: neither ISO 8601 nor epoch' }
    counters.decoded++
    const taken =
      item.kind === 'message'
        ? takeMessage(item.message, timeMs, sender, route)
        : takeReport(item.report, timeMs, sender, route)
    return taken ? undefined : { drop: 'party too long', reason: 'a party is longer than 256 characters' }
  }

  function takeMessage(message: ChatMessage, timeMs: number, sender: string, base: Route): boolean {
    const id = idOf('chat', sender, message.id)
    const from = partyOf(message.from)
    const targets = typeof message.to === 'string' ? [message.to] : message.to
    const route = message.service === undefined ? base : { ...base, trunk: message.service }
    let taken = true
    for (let i = 0; i < targets.length; i++) {
      const observed = {
        id: i === 0 ? id : `${id}.${i + 1}`,
        timeMs,
        from,
        to: partyOf(targets[i]!),
        route,
        protocol: 'chat',
        type: message.type ?? 'text/plain',
        text: message.text,
        agent: message.agent,
        display: message.display,
        consent: message.consent,
      }
      taken = emitMessage(observed, gate, emit) && taken
    }
    return taken
  }

  function takeReport(report: ChatReport, timeMs: number, sender: string, route: Route): boolean {
    const from = { party: partyOf(report.party) }
    const to = { party: partyOf(report.reporter) }
    if (from.party.length > 256 || to.party.length > 256) return false
    const id = idOf('chat-report', sender, report.id)
    const opinion = report.report
    emit({ id, role: 'origin', kind: 'feedback', time: timeMs, from, to, route, source: 'report', opinion })
    return true
  }

  return {
    take(bytes, sender, peer, transport) {
      counters.received++
      counters.bytes += bytes.length
      const parsed = parseJson(bytes)
      if ('fault' in parsed) {
        return parsed.fault === 'too deep'
          ? refuse('batch too deep', 400, 'nested too deep')
          : refuse('batch not JSON', 400, 'not JSON')
      }
      const messages = Array.isArray(parsed.value) ? parsed.value : fieldOf(parsed.value, 'messages')
      if (!Array.isArray(messages)) return refuse('no messages', 400, 'expected {"messages":[…]} or an array')
      if (messages.length > maxMessages) {
        return refuse('too many messages', 413, `more than ${maxMessages} messages in one batch`)
      }
      const site = context.site
      const route = {
        tap: context.name,
        peer,
        transport,
        trunk: sender,
        ...(site === undefined ? undefined : { site }),
      }
      const rejected: Rejected[] = []
      for (let index = 0; index < messages.length; index++) {
        const fault = takeItem(messages[index], sender, route)
        if (fault === undefined) continue
        countDrop(counters, fault.drop)
        rejected.push({ index, reason: fault.reason })
      }
      return {
        ok: true,
        id: fieldOf(parsed.value, 'id'),
        accepted: messages.length - rejected.length,
        rejected,
      }
    },
  }
}

function timeOf(time: number | string | undefined, context: TapContext): number {
  if (time === undefined) return context.now()
  return parseTime(typeof time === 'number' ? numberText(time) : time)
}

/** Numbers as digits: 1e12 and the like are as good a JSON number as any. */
function numberText(time: number): string {
  return Number.isInteger(time) && time < 1e18 ? time.toFixed(0) : String(time)
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
