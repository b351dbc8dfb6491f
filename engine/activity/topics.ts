import type { TSchema } from '@sinclair/typebox'
import { Activity } from './activity.ts'
import { Control } from './control.ts'
import { DeadLetter, Feedback, Reputation, Verdict } from './verdict.ts'

const DAY_MS = 86_400_000

/** How a topic keeps its records: for a time, or the last one a key. */
export type Keeping = { readonly policy: 'delete'; readonly retentionMs: number } | { readonly policy: 'compact' }

export interface TopicSpec {
  readonly topic: Topic
  /** What the record key holds. */
  readonly key: string
  readonly keeping: Keeping
  /** Absent for binary topics. */
  readonly schema?: TSchema
}

export type Topic =
  | 'ringfence.activity'
  | 'ringfence.verdicts'
  | 'ringfence.reputation'
  | 'ringfence.feedback'
  | 'ringfence.control'
  | 'ringfence.snapshots'
  | 'ringfence.dead-letters'

/** The topics of DESIGN §4; their names are fixed, operators' tools read and write them. */
export const topics = {
  activity: {
    topic: 'ringfence.activity',
    key: 'party',
    keeping: { policy: 'delete', retentionMs: 7 * DAY_MS },
    schema: Activity,
  },
  verdicts: {
    topic: 'ringfence.verdicts',
    key: 'party',
    keeping: { policy: 'delete', retentionMs: 30 * DAY_MS },
    schema: Verdict,
  },
  reputation: { topic: 'ringfence.reputation', key: 'party', keeping: { policy: 'compact' }, schema: Reputation },
  feedback: {
    topic: 'ringfence.feedback',
    key: 'party',
    keeping: { policy: 'delete', retentionMs: 30 * DAY_MS },
    schema: Feedback,
  },
  control: {
    topic: 'ringfence.control',
    key: 'pack, list or model name',
    keeping: { policy: 'compact' },
    schema: Control,
  },
  snapshots: { topic: 'ringfence.snapshots', key: 'partition/chunk', keeping: { policy: 'compact' } },
  deadLetters: {
    topic: 'ringfence.dead-letters',
    key: 'none',
    keeping: { policy: 'delete', retentionMs: 30 * DAY_MS },
    schema: DeadLetter,
  },
} as const satisfies Record<string, TopicSpec>

export const topicSpecs: readonly TopicSpec[] = Object.values(topics)
