import type { Activity } from '../../../engine/activity/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition } from '../../../engine/partition/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, vocabulary } from '../rules/support.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 2, 2)

/** Seeded numbers (mulberry32): the same traffic every time. */
export function randomOf(seed: number) {
  let a = seed
  const unit = (): number => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number) => low + unit() * (high - low)
  return {
    unit,
    between,
    whole: (low: number, high: number) => Math.floor(between(low, high + 1)),
    pick: <T>(items: readonly T[]): T => items[Math.floor(unit() * items.length)]!,
    chance: (probability: number) => unit() < probability,
    /** Waiting time until the next of events that come `mean` apart: people are irregular. */
    gap: (mean: number) => -Math.log(1 - unit()) * mean,
  }
}
export type Random = ReturnType<typeof randomOf>

/** Valid French numbers: mobiles 06, offices 01 99. */
export const mobile = (index: number) => `+336${String(10_000_000 + index * 37).padStart(8, '0')}`
export const office = (index: number) => `+331${String(42_000_000 + index * 31).padStart(8, '0')}`

/** Any text that a party sends, any call it makes, in whatever order: sorted into event time when played. */
export interface Traffic {
  readonly activities: Activity[]
  call(from: string, to: string, timeMs: number, result: CallResult, fields?: object): void
  message(from: string, to: string, timeMs: number, text: string): void
  add(activity: Partial<Activity> & Record<string, unknown>): void
}

export type CallResult =
  | { readonly talkS: number; readonly ringS?: number }
  | { readonly status: number; readonly ringS?: number; readonly by?: 'origin' | 'target' | 'network' }

export function traffic(): Traffic {
  const activities: Activity[] = []
  let id = 0
  const add = (fields: Partial<Activity> & Record<string, unknown>): void => {
    const { from, to } = fields as { from: unknown; to?: unknown }
    const base = { id: `t${id++}`, route: { tap: 'test' }, ...fields, from }
    activities.push({ ...base, role: 'origin' } as Activity)
    if (to !== undefined) activities.push({ ...base, role: 'target' } as Activity)
  }
  return {
    activities,
    add,
    call(from, to, timeMs, result, fields = {}) {
      const base = { from: { party: from }, to: { party: to }, ...fields }
      const ringing = result.ringS ?? 6
      const at = (seconds: number) => Math.round(timeMs + seconds * SECOND)
      add({ ...base, kind: 'call.attempt', time: at(0), media: ['audio'] })
      if ('talkS' in result) {
        add({ ...base, kind: 'call.answered', time: at(ringing), ringing })
        add({
          ...base,
          kind: 'call.ended',
          time: at(ringing + result.talkS),
          duration: result.talkS,
          ringing,
          endedBy: 'origin',
        })
      } else {
        const endedBy = result.by ?? 'target'
        add({ ...base, kind: 'call.failed', time: at(ringing), status: result.status, ringing, endedBy })
      }
    },
    message: (from, to, timeMs, text) =>
      add({
        kind: 'message',
        from: { party: from },
        to: { party: to },
        time: Math.round(timeMs),
        protocol: 'smpp',
        content: { type: 'text/plain', text },
      }),
  }
}

export interface Outcome {
  /** Origins whose own activity reached an action, and how many calls, messages or probes of theirs it took. */
  readonly flagged: ReadonlyMap<string, { readonly after: number; readonly action: string; readonly symbols: string[] }>
  /** Targets that got a shield, with its category. */
  readonly shielded: ReadonlyMap<string, string>
  /** Parties whose reputation asked for an action at any time. */
  readonly condemned: ReadonlySet<string>
}

const counted = new Set(['call.attempt', 'message', 'probe', 'registration', 'feedback'])

const pack = loadPacks([defaultPack], vocabulary)

/** Plays traffic through a whole partition with the default pack, in event time. */
export function play({ activities }: Traffic): Outcome {
  const partition = createPartition({ pack, identity: createIdentity(), verdicts: 'found' })
  const flagged = new Map<string, { after: number; action: string; symbols: string[] }>()
  const shielded = new Map<string, string>()
  const condemned = new Set<string>()
  const events = new Map<string, number>()
  for (const activity of activities.toSorted((a, b) => a.time - b.time)) {
    const { party } = activity.from
    const own = activity.role === 'origin'
    if (own && counted.has(activity.kind)) events.set(party, (events.get(party) ?? 0) + 1)
    const { verdict, reputation } = partition.apply(activity)
    if (own && verdict !== undefined && verdict.action !== 'allow' && !flagged.has(party)) {
      const symbols = verdict.reasons.map(reason => reason.symbol)
      flagged.set(party, { after: events.get(party) ?? 0, action: verdict.action, symbols })
    }
    if (reputation?.shield !== undefined) shielded.set(reputation.party, reputation.shield.category)
    if (reputation !== undefined && reputation.action !== 'allow') condemned.add(reputation.party)
  }
  return { flagged, shielded, condemned }
}
