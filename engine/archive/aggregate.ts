import type { Activity } from '../activity/index.ts'
import type { Identity } from '../identity/index.ts'
import { networkOf } from './places.ts'

const HOUR_MS = 3_600_000

/** Counts activities by hour, kind, route and countries. */
export interface Aggregates {
  add(activity: Activity): void
  /** One line of JSON a cell, in an order that depends on the cells alone. */
  lines(): readonly string[]
}

interface Cell {
  readonly fields: Readonly<Record<string, unknown>>
  records: number
  seconds: number
}

/** Empty aggregates. Only the origin's copy counts: each attempt and message is on the log twice. */
export function createAggregates(identity: Identity): Aggregates {
  const cells = new Map<string, Cell>()
  return {
    add(activity) {
      if (activity.role !== 'origin') return
      const { kind, time, route, from, to } = activity
      const fields = {
        hour: time - (time % HOUR_MS),
        kind,
        tap: route.tap,
        site: route.site ?? '',
        protocol: kind === 'message' ? (activity.protocol ?? '') : '',
        trunk: route.trunk ?? '',
        network: networkOf(route.peer ?? ''),
        origin_country: identity.numberFacts(from.party).country,
        target_country: to === undefined ? '' : identity.numberFacts(to.party).country,
      }
      const key = Object.values(fields).join('\n')
      const cell = cells.get(key) ?? { fields, records: 0, seconds: 0 }
      cells.set(key, cell)
      cell.records++
      if (kind === 'call.ended') cell.seconds += activity.duration
    },
    lines: () =>
      [...cells]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { fields, records, seconds }]) => JSON.stringify({ ...fields, records, seconds })),
  }
}
