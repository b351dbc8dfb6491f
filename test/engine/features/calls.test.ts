import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Activity, keyOf } from '../../../engine/activity/index.ts'
import { createBehaviour, featureIndex } from '../../../engine/features/index.ts'
import { START_MS, streams } from './traffic.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const day = (ms: number): number => Math.floor(ms / DAY_MS)

/** An event with the day that the party's record stood at when it came. */
interface Met {
  readonly activity: Activity
  readonly recordDay: number
}

/** All that happened to one party, and what its features would be if everything were kept. */
function oracle(met: readonly Met[], now: number) {
  const today = day(now)
  const opened = (kind: string, role: string) =>
    met.filter(({ activity }) => activity.kind === kind && activity.role === role)
  const faded = (list: readonly Met[]) =>
    list.reduce((sum, { activity }) => sum + Math.exp((day(activity.time) - today) / 30), 0)
  const calls = [...opened('call.attempt', 'origin'), ...opened('call.attempt', 'target')]
  const hoursWithin = (days: number) =>
    new Set(
      calls.flatMap(({ activity: { time } }) => (time > now - days * DAY_MS ? [Math.floor(time / HOUR_MS) % 24] : [])),
    ).size
  const byDay = new Map<number, number>()
  // A call that comes after its day is over is in no day's square.
  for (const { activity, recordDay } of calls) {
    if (day(activity.time) === recordDay) byDay.set(recordDay, (byDay.get(recordDay) ?? 0) + 1)
  }
  let squares = 0
  for (const [d, n] of byDay) squares += (n * Math.exp((d - today) / 30)) ** 2
  return {
    callsGot: faded(opened('call.attempt', 'target')),
    messagesGot: faded(opened('message', 'target')),
    callsMade: faded(opened('call.attempt', 'origin')),
    messagesSent: faded(opened('message', 'origin')),
    callDays: new Set(calls.map(({ activity }) => day(activity.time)).filter(d => d > today - 30)).size,
    hoursWithin,
    spread: squares === 0 ? 0 : faded(calls) ** 2 / squares,
  }
}

const share = (a: number, b: number): number => (a + b > 0 ? a / (a + b) : 0)

test('calls kept apart from messages agree with an exact oracle, late events included', () => {
  fc.assert(
    fc.property(streams(140), stream => {
      const behaviour = createBehaviour({ maxAheadMs: Number.POSITIVE_INFINITY, seenIds: 1000 })
      const read = (name: string) => behaviour.read(featureIndex(name)!)
      const near = (name: string, exact: number, relative: number) => {
        const value = read(name)
        assert.ok(Math.abs(value - exact) <= relative * Math.max(1, exact), `${name}: ${value} for ${exact}`)
      }
      const known = new Map<string, { met: Met[]; now: number }>()
      for (const activity of stream) {
        if (behaviour.observe(activity).duplicate) continue
        const party = keyOf(activity)
        const own = known.get(party) ?? { met: [], now: 0 }
        known.set(party, own)
        own.now = Math.max(own.now, activity.time)
        own.met.push({ activity, recordDay: day(own.now) })
        const exact = oracle(own.met, own.now)
        near('calls_got_30d', exact.callsGot, 1e-4)
        near('messages_got_30d', exact.messagesGot, 1e-4)
        near('call_outgoing_share_30d', share(exact.callsMade, exact.callsGot), 1e-4)
        near('message_outgoing_share_30d', share(exact.messagesSent, exact.messagesGot), 1e-4)
        near('call_day_spread_30d', exact.spread, 2e-3)
        assert.equal(read('call_days_active_30d'), exact.callDays)
        const hours = read('call_hours_active_30d')
        assert.ok(hours >= exact.hoursWithin(20) && hours <= exact.hoursWithin(60), `hours ${hours}`)
      }
    }),
    { numRuns: 60 },
  )
})

test('the spread over days tells a burst from a habit, at the day’s end as in its middle', () => {
  const spread = (callsOnDay: readonly number[]) => {
    const behaviour = createBehaviour()
    let n = 0
    for (const [d, calls] of callsOnDay.entries()) {
      for (let c = 0; c < calls; c++) {
        const time = (day(START_MS) + d) * DAY_MS + c * 60_000
        const [from, to] = [{ party: '+33600000001' }, { party: `+3370000${1000 + n}` }]
        behaviour.observe({ id: `${n++}`, role: 'origin', kind: 'call.attempt', time, from, to, route: { tap: 't' } })
      }
    }
    return behaviour.read(featureIndex('call_day_spread_30d')!)
  }
  assert.ok(Math.abs(spread([300]) - 1) < 1e-3, 'one day, carried beyond eight bits')
  assert.ok(Math.abs(spread([300, 1]) - 301 ** 2 / (300 ** 2 + 1)) < 0.01)
  assert.ok(spread(Array.from({ length: 20 }, () => 15)) > 18)
  assert.ok(spread([280, ...Array.from({ length: 19 }, () => 1)]) < 1.3)
})
