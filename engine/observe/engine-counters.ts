import { createTally, type Tally } from './tally.ts'

/** What an engine counts while it works: plain numbers and bounded tallies, read by the metrics registry when scraped. */
export interface EngineCounters {
  /** By kind and role. */
  readonly activities: Tally
  duplicates: number
  late: number
  clamped: number
  evicted: number
  deadLetters: number
  reputations: number
  parties: number
  suspects: number
  campaigns: number
  stateBytes: number
  snapshots: number
  lastSnapshotMs: number
  restoreSeconds: number
  /** Version of the packs in force. */
  pack: string
  packReloads: number
  packRefused: number
  /** Whether the last reload was refused. */
  packStale: boolean
  /** Records not yet read, by partition. */
  readonly lag: Map<number, number>
  /** Partitions owned and restored. */
  readonly ready: Set<number>
  /** Partitions owned but not yet restored. */
  readonly restoring: Set<number>
}

export function engineCounters(): EngineCounters {
  return {
    activities: createTally(2, 100),
    duplicates: 0,
    late: 0,
    clamped: 0,
    evicted: 0,
    deadLetters: 0,
    reputations: 0,
    parties: 0,
    suspects: 0,
    campaigns: 0,
    stateBytes: 0,
    snapshots: 0,
    lastSnapshotMs: 0,
    restoreSeconds: 0,
    pack: '',
    packReloads: 0,
    packRefused: 0,
    packStale: false,
    lag: new Map(),
    ready: new Set(),
    restoring: new Set(),
  }
}
