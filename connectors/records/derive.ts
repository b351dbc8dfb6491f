import type { Activity, Content, Origin, Route, Target } from '../../engine/activity/index.ts'
import { idOf } from '../../engine/hash/index.ts'
import type { Identity } from '../../engine/identity/index.ts'
import { createPending } from './order.ts'
import { partyReader } from './parties.ts'
import type { RecordRow } from './record.ts'

/** Calls under way at most: 262,144 of them are some 60 MB, and an hour of 70 new calls a second. */
const CALLS_HELD = 262_144
/** Longest name of a trunk or peer. */
const NAME = 128
/** Identical lines of one instant told apart at most. */
const IDENTICAL_HELD = 65_536

export interface Derivation {
  /** Gives out the activities of one record, after those of earlier records that were due by its time. Returns why not. */
  record(row: RecordRow): 'party too long' | undefined
  /** Gives out what is still held back: the ends of calls. */
  finish(): void
}

/**
 * Turns records into activities in the order of their times: a call is an attempt under both roles when it began, then an
 * answer at once (records do not tell ringing from talking) and an end `durationS` later, or a failure; a message is
 * itself under both roles. The id is a function of the record's fields, and of its ordinal among identical records of
 * one instant: the same feed read twice is counted once. `tap` and `site` go into the route of every activity.
 */
export function deriveActivities(
  identity: Identity,
  tap: string,
  site: string | undefined,
  give: (activity: Activity) => void,
  contentOf: (row: RecordRow, recipient: string) => Content | undefined = wholeText,
): Derivation {
  const partyOf = partyReader(identity)
  const pending = createPending<Activity>(CALLS_HELD, give)
  const base: Route = site === undefined ? { tap } : { tap, site }
  const identical = new Map<string, number>()
  let instant = Number.NaN
  let firstId = ''

  function identify(row: RecordRow): string {
    const { kind, from, to, text } = row
    const what = kind === 'call' ? `${row.durationS} ${row.outcome.status}` : text
    const id = idOf('record', kind, String(row.timeMs), from, to, what)
    if (row.timeMs !== instant || identical.size >= IDENTICAL_HELD) {
      instant = row.timeMs
      firstId = id
      if (identical.size > 0) identical.clear()
      return id
    }
    // Most instants have one record: only a second one is worth a Map.
    if (identical.size === 0) identical.set(firstId, 1)
    const ordinal = (identical.get(id) ?? 0) + 1
    identical.set(id, ordinal)
    return ordinal === 1 ? id : `${id}.${ordinal}`
  }

  return {
    record(row) {
      const from = { party: partyOf(row.from) }
      const to = { party: partyOf(row.to) }
      if (from.party.length > 256 || to.party.length > 256) return 'party too long'
      const route = routeOf(base, row)
      const id = identify(row)
      pending.release(row.timeMs)
      if (row.kind === 'message') giveMessage(row, id, from, to, route, give, contentOf(row, to.party))
      else giveCall(row, id, from, to, route, give, pending.hold)
      return undefined
    },
    finish() {
      pending.release(Number.POSITIVE_INFINITY)
    },
  }
}

function wholeText(row: RecordRow): Content | undefined {
  return row.text === '' ? undefined : { type: 'text/plain', text: row.text.slice(0, 65_536) }
}

function routeOf(base: Route, row: RecordRow): Route {
  if (row.trunk === '' && row.peer === '') return base
  return {
    ...base,
    ...(row.trunk === '' ? undefined : { trunk: row.trunk.slice(0, NAME) }),
    ...(row.peer === '' ? undefined : { peer: row.peer.slice(0, NAME) }),
  }
}

function giveMessage(
  row: RecordRow,
  id: string,
  from: Origin,
  to: Target,
  route: Route,
  give: (activity: Activity) => void,
  content: Content | undefined,
): void {
  const time = row.timeMs
  if (content === undefined) {
    give({ id, role: 'origin', kind: 'message', time, from, to, route })
    give({ id, role: 'target', kind: 'message', time, from, to, route })
    return
  }
  give({ id, role: 'origin', kind: 'message', time, from, to, route, content })
  give({ id, role: 'target', kind: 'message', time, from, to, route, content })
}

function giveCall(
  row: RecordRow,
  id: string,
  from: Origin,
  to: Target,
  route: Route,
  give: (activity: Activity) => void,
  hold: (timeMs: number, activity: Activity) => void,
): void {
  const { timeMs: time, durationS: duration, outcome } = row
  const callId = id
  give({ id, role: 'origin', kind: 'call.attempt', time, from, to, route, callId })
  give({ id, role: 'target', kind: 'call.attempt', time, from, to, route, callId })
  // One hash a record: the later steps of a call take its id with their own ending.
  if (outcome.answered) {
    give({ id: `${id}.answered`, role: 'origin', kind: 'call.answered', time, from, to, route, callId })
    const end = time + Math.round(duration * 1000)
    const endedBy = outcome.endedBy
    hold(end, {
      id: `${id}.ended`,
      role: 'origin',
      kind: 'call.ended',
      time: end,
      from,
      to,
      route,
      callId,
      duration,
      endedBy,
    })
    return
  }
  const { status, endedBy, cause } = outcome
  const failure = { id: `${id}.failed`, role: 'origin', kind: 'call.failed', time, from, to, route, callId } as const
  give(cause === '' ? { ...failure, status, endedBy } : { ...failure, status, endedBy, cause })
}
