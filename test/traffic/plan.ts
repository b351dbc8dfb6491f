/** What the traffic is made of, before SIPp places it. All times are milliseconds from the beginning of the recording. */
export type Role = 'ordinary' | 'robocaller' | 'sequential-dialler' | 'wangiri' | 'message-blast' | 'scanner'

export type CallOutcome =
  | 'caller-hangs-up'
  | 'callee-hangs-up'
  | 'busy'
  | 'declined'
  | 'absent'
  | 'unknown'
  | 'given-up'

/** A group of parties that reach the operator through the same address. */
export type Entry = 'access' | 'robocaller' | 'sequential-dialler' | 'wangiri' | 'message-blast'

export interface Person {
  readonly number: string
  readonly name: string
  readonly agent: string
}

export interface PlannedCall {
  readonly entry: Entry
  readonly atMs: number
  readonly from: Person
  /** E.164 number of the callee. */
  readonly to: string
  /** As the caller dials it: E.164 or national. */
  readonly dialled: string
  readonly outcome: CallOutcome
  /** From INVITE to 180. */
  readonly delayMs: number
  readonly ringMs: number
  readonly talkMs: number
}

export interface PlannedMessage {
  readonly entry: Entry
  readonly atMs: number
  readonly from: Person
  readonly to: string
  readonly text: string
}

export interface PlannedRegistration {
  readonly atMs: number
  readonly person: Person
}

export interface PlannedProbe {
  readonly atMs: number
  readonly method: 'OPTIONS' | 'REGISTER' | 'INVITE'
  readonly fromUser: string
  readonly toUser: string
  readonly agent: string
}

export interface TrafficPlan {
  readonly calls: readonly PlannedCall[]
  readonly messages: readonly PlannedMessage[]
  readonly registrations: readonly PlannedRegistration[]
  readonly probes: readonly PlannedProbe[]
  readonly truth: readonly TruthRow[]
}

/** One line of the table of truth. */
export interface TruthRow {
  readonly party: string
  readonly role: Role
  readonly kind: string
  /** `either`: a name that an attacker gave itself and that nobody else has; its verdict says nothing of the engine. */
  readonly expected: 'flag' | 'allow' | 'either'
  readonly note: string
}

export const MINUTE_MS = 60_000
export const DURATION_MS = 10 * MINUTE_MS

export const isAnswered = (outcome: CallOutcome): boolean =>
  outcome === 'caller-hangs-up' || outcome === 'callee-hangs-up'
