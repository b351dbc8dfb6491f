import type { TapContext } from '../../connectors/connector.ts'
import { sipDefaults } from '../../connectors/sip/index.ts'
import type { Activity } from '../../engine/activity/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { type Logger, tapCounters } from '../../engine/observe/index.ts'

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }

/** Numbers keep their digits, users their host in lower case: parties that a test can foretell. */
export const plainIdentity = {
  ofNumber: (raw: string) => raw.replace(/[\s()-]/g, ''),
  ofUser: (user: string, host: string) => (/^\+\d+$/.test(user) ? user : `${user}@${host.toLowerCase()}`),
} as Identity

export interface TestContext extends TapContext {
  readonly activities: Activity[]
  /** Origin copies only. */
  messages(): Extract<Activity, { kind: 'message' }>[]
  /** Resolves when `count` activities have been emitted. */
  emitted(count: number): Promise<void>
}

/** A tap's context that keeps what is emitted. */
export function testContext(changes: Partial<TapContext> = {}): TestContext {
  const activities: Activity[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  return {
    name: 'tap',
    site: undefined,
    durable: async () => {},
    congested: () => false,
    counters: tapCounters(),
    sip: sipDefaults,
    identity: plainIdentity,
    logger: silent,
    now: () => 1_764_000_000_000,
    emit(activity) {
      activities.push(activity)
      for (const wait of waiting) if (activities.length >= wait.count) wait.resolve()
    },
    ...changes,
    activities,
    messages: () =>
      activities.filter(
        (activity): activity is Extract<Activity, { kind: 'message' }> =>
          activity.kind === 'message' && activity.role === 'origin',
      ),
    emitted: count =>
      new Promise(resolve => {
        if (activities.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}
