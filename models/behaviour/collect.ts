import { type Activity, keyOf } from '../../engine/activity/index.ts'
import { createBehaviour, vectorNames, vectorOf } from '../../engine/features/index.ts'

const DAY_MS = 86_400_000
/** Days since a party's first activity after which it is looked at: a model must know parties of one day too. */
const AGES_DAYS = [1, 4, 14]

/** One look at a labelled party. */
export interface BehaviourRow {
  readonly party: string
  readonly label: 0 | 1
  /** Days since its first activity. */
  readonly ageDays: number
  /** Whether this was its last activity: what a month of records ends in. */
  readonly last: boolean
  readonly callsOnly: boolean
  readonly vector: Float32Array
}

/** Gives activities in time order, one call each, and resolves at the end: what reading a recording is. */
export type ActivityFeed = (take: (activity: Activity) => void) => Promise<void>

export interface Collector {
  /** Takes an activity in; those of parties without a label are passed over. */
  observe(activity: Activity): void
  /** The rows, each party's last one made now. */
  finish(): BehaviourRow[]
}

/**
 * Runs labelled parties through the engine's own state, so that training sees what serving sees, and looks at each of them
 * at several ages and at the end. A party's features depend on its own activities alone; the others' need no state here.
 */
export function createCollector(labels: ReadonlyMap<string, 0 | 1>, callsOnly: boolean): Collector {
  const behaviour = createBehaviour({ maxParties: Math.max(1024, labels.size * 2), idleMs: 400 * DAY_MS })
  const seen = new Map<string, { firstMs: number; lastMs: number; looks: number }>()
  const rows: BehaviourRow[] = []

  return {
    observe(activity) {
      if (callsOnly && activity.kind === 'message') return
      const party = keyOf(activity)
      const label = labels.get(party)
      if (label === undefined) return
      const observation = behaviour.observe(activity)
      let known = seen.get(party)
      if (known === undefined) {
        known = { firstMs: activity.time, lastMs: activity.time, looks: 0 }
        seen.set(party, known)
      }
      known.lastMs = Math.max(known.lastMs, activity.time)
      const ageDays = (activity.time - known.firstMs) / DAY_MS
      if (known.looks >= AGES_DAYS.length || ageDays < AGES_DAYS[known.looks]!) return
      // A party silent for a week is looked at once when it is back, not once for every age it missed.
      while (known.looks < AGES_DAYS.length && ageDays >= AGES_DAYS[known.looks]!) known.looks++
      const vector = new Float32Array(vectorNames.length)
      vectorOf(observation.row, vector)
      rows.push({ party, label, ageDays, last: false, callsOnly, vector })
    },
    finish() {
      for (const [party, { firstMs, lastMs }] of seen) {
        const row = behaviour.look(party, lastMs)
        if (row === undefined) continue
        const vector = new Float32Array(vectorNames.length)
        vectorOf(row, vector)
        const ageDays = (lastMs - firstMs) / DAY_MS
        rows.push({ party, label: labels.get(party)!, ageDays, last: true, callsOnly, vector })
      }
      return rows
    },
  }
}
