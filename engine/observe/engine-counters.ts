/** What an engine counts while it works: plain numbers and small maps, read by the metrics registry when scraped. */
export interface EngineCounters {
  /** By `kind role`. */
  readonly activities: Map<string, number>
  /** By `action category kind`. */
  readonly verdicts: Map<string, number>
  /** By `symbol state`. */
  readonly symbols: Map<string, number>
  duplicates: number
  late: number
  clamped: number
  evicted: number
  deadLetters: number
  reputations: number
  parties: number
  stateBytes: number
  snapshots: number
  lastSnapshotMs: number
  restoreSeconds: number
  /** Version of the packs in force. */
  pack: string
  packReloads: number
  packRefused: number
  /** Records not yet read, by partition. */
  readonly lag: Map<number, number>
  /** Partitions owned and restored. */
  readonly ready: Set<number>
}

export function engineCounters(): EngineCounters {
  return {
    activities: new Map(),
    verdicts: new Map(),
    symbols: new Map(),
    duplicates: 0,
    late: 0,
    clamped: 0,
    evicted: 0,
    deadLetters: 0,
    reputations: 0,
    parties: 0,
    stateBytes: 0,
    snapshots: 0,
    lastSnapshotMs: 0,
    restoreSeconds: 0,
    pack: '',
    packReloads: 0,
    packRefused: 0,
    lag: new Map(),
    ready: new Set(),
  }
}

/** Adds one under a key. */
export function count(map: Map<string, number>, key: string, by = 1): void {
  map.set(key, (map.get(key) ?? 0) + by)
}
