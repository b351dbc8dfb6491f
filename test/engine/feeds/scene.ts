import type { Action } from '../../../engine/activity/index.ts'
import { createFeeds, type Feeds, type FeedsOptions, feedsDefaults } from '../../../engine/feeds/index.ts'
import { createLists, readList } from '../../../engine/lists/index.ts'
import type { HeldReputation } from '../../../engine/reputation/index.ts'
import type { Pack } from '../../../engine/rules/index.ts'

export const NOW_MS = Date.UTC(2026, 10, 21, 12)
export const HOUR_MS = 3_600_000

export type Standing = Partial<HeldReputation> & { readonly party: string }

export interface FeedScene {
  readonly feeds: Feeds
  /** Parties with a standing; change it and the next edition differs. */
  standings: Standing[]
  nowMs: number
  ready: boolean
}

const lists: Readonly<Record<string, { kind: 'numbers' | 'ranges'; entries: string; effect?: 'allow' | 'emergency' }>> =
  {
    deny: { kind: 'numbers', entries: '+33199000001\n+33199000002\nspam@evil.example' },
    'deny-ranges': { kind: 'ranges', entries: '+33160000000-+33160009999' },
    allow: { kind: 'numbers', entries: '+33144000000', effect: 'allow' },
    emergency: { kind: 'numbers', entries: '112\n+33117', effect: 'emergency' },
  }

export function pack(): Pack {
  const sets = new Map(
    Object.entries(lists).map(([name, { kind, entries }]) => [
      name,
      [readList({ kind, bytes: Buffer.from(entries) }).set],
    ]),
  )
  const kinds = new Map(Object.entries(lists).map(([name, { kind }]) => [name, kind]))
  const effects = new Map(Object.entries(lists).map(([name, { effect }]) => [name, effect ?? 'none']))
  return { lists: createLists(sets, kinds), effects } as unknown as Pack
}

/** Feeds over standings that the test says; the decision about a party is its own standing, or block where it is denied. */
export async function feedScene(options: Partial<FeedsOptions> = {}): Promise<FeedScene> {
  const scene: { -readonly [K in keyof FeedScene]?: FeedScene[K] } = { standings: [], nowMs: NOW_MS, ready: true }
  const denied = new Set(['+33199000001', '+33199000002', 'spam@evil.example'])
  const find = (party: string) => scene.standings?.find(each => each.party === party)
  scene.feeds = await createFeeds(
    { ...feedsDefaults, ...options },
    {
      view: {
        each(_atLeast, nowMs, visit) {
          for (const standing of scene.standings ?? []) {
            if (standing.expiresMs !== undefined && standing.expiresMs !== 0 && standing.expiresMs <= nowMs) continue
            if (visit(held(standing)) === false) return
          }
        },
      },
      pack,
      weigh(party) {
        const standing = find(party)
        const action: Action = denied.has(party) ? 'block' : (standing?.action ?? 'block')
        return {
          action,
          score: standing?.score ?? 12,
          ...(standing?.category === undefined ? {} : { category: standing.category }),
        }
      },
      notReady: () => (scene.ready === true ? [] : ['reputation partition 0: at 1 of 7']),
      now: () => scene.nowMs ?? 0,
    },
  )
  return scene as FeedScene
}

export function held(standing: Standing): HeldReputation {
  return {
    action: 'block',
    score: 12,
    category: 'robocall',
    timeMs: NOW_MS - HOUR_MS,
    expiresMs: NOW_MS + 5 * HOUR_MS,
    reasons: [],
    shield: undefined,
    partition: 0,
    offset: 0,
    ...standing,
  }
}
