import type { Activity, Route } from '../../engine/activity/index.ts'
import type { ContentGate } from './policy.ts'

/** A message as a tap has understood it, whatever the protocol. */
export interface ObservedMessage {
  readonly id: string
  readonly timeMs: number
  readonly from: string
  readonly fromUri?: string | undefined
  readonly display?: string | undefined
  readonly to: string
  readonly toUri?: string | undefined
  readonly route: Route
  readonly protocol: string
  readonly callId?: string | undefined
  readonly agent?: string | undefined
  /** Media type of the content. */
  readonly type: string
  /** undefined for content that is no text. */
  readonly text: string | undefined
  readonly consent?: boolean | undefined
}

/** Longest party on the log (the activity schema's bound). */
export const MAX_PARTY = 256

/**
 * Hands one message over under both roles, its content as the policy allows.
 * Returns false, and hands over nothing, when a party is empty or longer than 256 characters.
 */
export function emitMessage(message: ObservedMessage, gate: ContentGate, emit: (activity: Activity) => void): boolean {
  const { id, timeMs: time, route, protocol } = message
  if (!isParty(message.from) || !isParty(message.to)) return false
  const content = gate(message.type, message.text, message.to, message.consent)
  const common = {
    id,
    kind: 'message',
    time,
    from: {
      party: message.from,
      ...(message.fromUri === undefined ? undefined : { uri: message.fromUri.slice(0, 2048) }),
      ...(message.display === undefined ? undefined : { display: message.display.slice(0, 512) }),
    },
    to: message.toUri === undefined ? { party: message.to } : { party: message.to, uri: message.toUri.slice(0, 2048) },
    route,
    protocol,
    ...(message.callId === undefined ? undefined : { callId: message.callId.slice(0, 512) }),
    ...(message.agent === undefined ? undefined : { agent: message.agent.slice(0, 256) }),
    ...(content === undefined ? undefined : { content }),
  } as const
  // Not the spread first: V8 would give each of them a hidden class of its own.
  emit({ role: 'origin', ...common })
  emit({ role: 'target', ...common })
  return true
}

function isParty(party: string): boolean {
  return party.length > 0 && party.length <= MAX_PARTY
}
