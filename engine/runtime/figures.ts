import type { EngineCounters, Exposition, Sample } from '../observe/index.ts'
import type { Partition } from '../partition/index.ts'

/** Counts that grow inside a partition's state; a snapshot carries them along. */
const growing = ['evicted', 'duplicates', 'late', 'clamped', 'campaigns'] as const
/** What partitions hold, added up. */
const levels = ['parties', 'suspects', 'stateBytes'] as const
type Seen = Record<(typeof growing)[number] | (typeof levels)[number], number>

/**
 * What partitions count, as counters of this process. A partition comes with the counts of its snapshot and leaves with
 * them: taken as they are, every rebalance would look like a burst to `rate()`. Only what was added here is counted.
 */
export interface FigureKeeper {
  assigned(number: number, partition: Partition): void
  /** Brings the counters up to date with what a partition did. */
  collect(number: number): void
  /** The partition leaves: what it counted here stays counted. */
  left(number: number): void
}

export function createFigureKeeper(counters: EngineCounters, { expose }: Pick<Exposition, 'expose'>): FigureKeeper {
  const held = new Map<number, { readonly partition: Partition; seen: Seen }>()
  /** Series of partitions that left. */
  const past = new Map<string, Map<string, number>>()

  /** What a partition counted since it was last looked at; the others stand still meanwhile. */
  function collect(number: number): void {
    const one = held.get(number)
    if (one === undefined) return
    const figures = one.partition.figures()
    for (const name of levels) counters[name] += figures[name] - one.seen[name]
    for (const name of growing) counters[name] += Math.max(0, figures[name] - one.seen[name])
    one.seen = figures
  }

  /** Samples of all partitions, past and present, added up. */
  const summed = (name: string, read: (partition: Partition) => Iterable<Sample>) => (): Iterable<Sample> => {
    const sums = new Map(past.get(name))
    for (const { partition } of held.values()) add(sums, read(partition))
    return [...sums].map(([key, value]) => (key === '' ? [value] : [value, ...key.split('\n')]))
  }

  const series = {
    ringfence_symbol_feedback_total: partition =>
      partition.symbols().flatMap(({ symbol, spam, ham }): Sample[] => [
        [spam, symbol, 'spam'],
        [ham, symbol, 'ham'],
      ]),
    ringfence_symbol_with_action_total: partition =>
      partition.symbols().map(({ symbol, withAction }): Sample => [withAction, symbol]),
    ringfence_symbol_would_raise_total: partition =>
      partition.symbols().map(({ symbol, wouldRaise }): Sample => [wouldRaise, symbol]),
    ringfence_shadow_overlap_total: partition =>
      partition
        .symbols()
        .filter(({ state }) => state === 'shadow')
        .flatMap(({ symbol, overlap }) =>
          Object.entries(overlap).map(([other, hits]): Sample => [hits, symbol, other]),
        ),
    ringfence_feedback_total: partition =>
      partition
        .opinions()
        .map(({ source, opinion, caught, count }): Sample => [count, source, opinion, caught ? 'caught' : 'clear']),
    ringfence_complaints_total: ({ complaints }) => [
      [complaints.counted, 'counted'],
      [complaints.repeated, 'repeated'],
      [complaints.tooMany, 'too-many'],
      [complaints.weak, 'weak'],
    ],
    ringfence_complaints_trust_total: ({ complaints }) => [[complaints.trust]],
  } as const satisfies Record<string, (partition: Partition) => Iterable<Sample>>
  const names = Object.keys(series) as (keyof typeof series)[]
  for (const name of names) expose(name, summed(name, series[name]))

  return {
    assigned(number, partition) {
      const seen = partition.figures()
      held.set(number, { partition, seen })
      for (const name of levels) counters[name] += seen[name]
    },
    collect,
    left(number) {
      const leaving = held.get(number)
      if (leaving === undefined) return
      collect(number)
      for (const name of levels) counters[name] -= leaving.seen[name]
      for (const name of names) {
        const sums = past.get(name) ?? new Map<string, number>()
        add(sums, series[name](leaving.partition))
        past.set(name, sums)
      }
      held.delete(number)
    },
  }
}

function add(sums: Map<string, number>, samples: Iterable<Sample>): void {
  for (const [value, ...labels] of samples) {
    const key = labels.join('\n')
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
}
