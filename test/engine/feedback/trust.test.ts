import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Activity, ActivityOf } from '../../../engine/activity/index.ts'
import {
  createReporterTrust,
  type FeedbackOptions,
  feedbackDefaults,
  type ReporterTrust,
} from '../../../engine/feedback/index.ts'
import { random } from '../../support/activities.ts'

const T0 = Date.UTC(2026, 10, 1)
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const trust = (more: Partial<FeedbackOptions> = {}) => createReporterTrust({ ...feedbackDefaults, ...more })
let ids = 0

function report(
  reporter: string | undefined,
  party: string,
  time = T0,
  more: Partial<ActivityOf<'feedback'>> = {},
): ActivityOf<'feedback'> {
  return {
    id: `f${ids++}`,
    role: 'origin',
    kind: 'feedback',
    time,
    from: { party },
    ...(reporter === undefined ? {} : { to: { party: reporter } }),
    route: { tap: 'api' },
    source: 'report',
    opinion: 'spam',
    ...more,
  }
}

const worth = (desk: ReporterTrust, activity: Activity) => (desk.weigh(activity) as ActivityOf<'feedback'>).trust ?? 0
const counts = (desk: ReporterTrust, activity: Activity) => worth(desk, activity) > 0

describe('a complaint', () => {
  it('of a stranger counts', () => {
    assert.equal(worth(trust(), report('+33600000001', '+33699')), 1)
  })
  it('counts once a day against one party, whoever says it again', () => {
    const desk = trust()
    assert.ok(counts(desk, report('+33600000001', '+33699')))
    for (let i = 1; i < 24; i++) assert.equal(counts(desk, report('+33600000001', '+33699', T0 + i * HOUR_MS)), false)
    assert.ok(counts(desk, report('+33600000001', '+33699', T0 + DAY_MS)))
    assert.equal(desk.counters.repeated, 23)
  })
  it('of one person counts against few parties a day, and costs trust beyond', () => {
    const desk = trust({ perReporterPerDay: 5 })
    const counted = Array.from({ length: 100 }, (_, i) => counts(desk, report('+33600000001', `+336990000${i}`)))
    assert.equal(counted.filter(Boolean).length, 5)
    assert.equal(desk.counters.tooMany, 95)
    assert.equal(desk.counters.trust, 5 * 0.75)
    assert.equal(counts(desk, report('+33600000001', '+33698', T0 + DAY_MS)), false)
  })
  it('that we saw no evidence of needs a second one', () => {
    const desk = trust()
    assert.equal(counts(desk, report('+33600000001', '+33699', T0, { trust: 0.5 })), false)
    assert.ok(counts(desk, report('+33600000002', '+33699', T0, { trust: 0.5 })))
  })
  it('without a reporter is its tap’s, and so bounded too', () => {
    const desk = trust()
    const counted = [1, 2, 3].map(() => counts(desk, report(undefined, '+33699')))
    assert.deepEqual(counted, [true, false, false])
  })
  it('of an engine (608) is left as it is', () => {
    const activity = report('+33600000001', '+33699', T0, { source: '608' })
    assert.equal(trust().weigh(activity), activity)
  })
})

describe('a reporter', () => {
  const liar = '+33600000666'
  /** Reports `days` parties, one a day, and an analyst clears each. */
  function lie(desk: ReporterTrust, days: number): void {
    for (let day = 0; day < days; day++) {
      desk.weigh(report(liar, `+33610${day}`, T0 + day * DAY_MS))
      desk.weigh(
        report('analyst-1', `+33610${day}`, T0 + day * DAY_MS + HOUR_MS, { source: 'analyst', opinion: 'ham' }),
      )
    }
  }
  it('whom analysts contradict is not believed any more', () => {
    const desk = trust()
    lie(desk, 10)
    const fresh = T0 + 11 * DAY_MS
    assert.equal(counts(desk, report(liar, '+33699', fresh)), false)
    assert.ok(counts(desk, report('+33600000001', '+33699', fresh)))
  })
  it('is believed again after a long time: what is known fades', () => {
    const desk = trust({ halfLifeDays: 30 })
    lie(desk, 10)
    assert.ok(counts(desk, report(liar, '+33699', T0 + 400 * DAY_MS)))
  })
  it('who agrees with others is believed against later contradiction', () => {
    const desk = trust()
    for (let day = 0; day < 20; day++)
      for (const reporter of [liar, '+33600000001']) desk.weigh(report(reporter, `+33620${day}`, T0 + day * DAY_MS))
    desk.weigh(report(liar, '+33698', T0 + 20 * DAY_MS))
    desk.weigh(report('analyst-1', '+33698', T0 + 20 * DAY_MS, { source: 'analyst', opinion: 'ham' }))
    assert.ok(counts(desk, report(liar, '+33699', T0 + 21 * DAY_MS)))
  })
  it('of an analyst’s office always counts, and its all-clear asks for more before it begins again', () => {
    const desk = trust()
    assert.equal(worth(desk, report('analyst-1', '+33699', T0, { source: 'analyst' })), 1)
    desk.weigh(report('+33600000001', '+33698'))
    desk.weigh(report('analyst-1', '+33698', T0, { source: 'analyst', opinion: 'ham' }))
    const again = [2, 3, 4].map(i => counts(desk, report(`+3360000000${i}`, '+33698', T0 + HOUR_MS)))
    assert.deepEqual(again, [false, false, true])
  })
  it('is one of a bounded number', () => {
    const desk = trust({ maxReporters: 100 })
    for (let i = 0; i < 1000; i++) desk.weigh(report(`+336${i}`, `+337${i}`))
    assert.ok(counts(desk, report('+33600000001', '+33699')))
  })
})

describe('a refusal with 607', () => {
  const refused = (to: string, time: number): ActivityOf<'call.failed'> => ({
    id: `r${ids++}`,
    role: 'origin',
    kind: 'call.failed',
    time,
    from: { party: '+33699' },
    to: { party: to },
    route: { tap: 'hep-1' },
    status: 607,
    endedBy: 'target',
  })
  it('counts once a day from one person, then it is a refusal like others', () => {
    const desk = trust()
    const statuses = [0, 1, 2].map(i => desk.weigh(refused('+33600000001', T0 + i * HOUR_MS)))
    assert.deepEqual(
      statuses.map(each => each.kind === 'call.failed' && each.status),
      [607, 603, 603],
    )
    const other = desk.weigh(refused('+33600000002', T0))
    assert.equal(other.kind === 'call.failed' && other.status, 607)
  })
})

describe('the state', () => {
  function traffic(seed: number, length: number): Activity[] {
    const next = random(seed)
    return Array.from({ length }, (_, i) =>
      report(`+336000000${Math.floor(next() * 30)}`, `+3369${Math.floor(next() * 12)}`, T0 + i * 2 * HOUR_MS, {
        source: next() < 0.1 ? 'analyst' : 'report',
        opinion: next() < 0.2 ? 'ham' : 'spam',
        trust: next() < 0.5 ? 0.5 : 1,
      }),
    )
  }
  /** Snapshot of one desk, by way of its pages, into a new one. */
  function copy(from: ReporterTrust, into: ReporterTrust): void {
    from.states.forEach((state, i) => {
      const frozen = state.freeze(true)
      for (let page = frozen.next(); page !== undefined; page = frozen.next())
        into.states[i]?.load(page.page, Uint8Array.from(page.bytes))
      frozen.release()
      into.states[i]?.restored()
    })
  }
  it('goes on after a restore as if it had never stopped, at any cut, with evictions', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const activities = traffic(seed, 300)
      const cut = Math.floor(random(seed)() * 300)
      const whole = trust({ maxReporters: 20 })
      const before = trust({ maxReporters: 20 })
      const after = trust({ maxReporters: 20 })
      const expected = activities.map(activity => whole.weigh(activity))
      for (const activity of activities.slice(0, cut)) before.weigh(activity)
      copy(before, after)
      assert.deepEqual(
        activities.slice(cut).map(activity => after.weigh(activity)),
        expected.slice(cut),
        `seed ${seed}, cut ${cut}`,
      )
    }
  })
  it('is saved as it was at the freeze, though it goes on changing', () => {
    const desk = trust()
    for (const activity of traffic(1, 50)) desk.weigh(activity)
    const still = trust()
    copy(desk, still)
    const frozen = desk.states.map(state => state.freeze(true))
    for (const activity of traffic(2, 200)) desk.weigh(activity)
    const restored = trust()
    frozen.forEach((pages, i) => {
      for (let page = pages.next(); page !== undefined; page = pages.next())
        restored.states[i]?.load(page.page, Uint8Array.from(page.bytes))
      pages.release()
      restored.states[i]?.restored()
    })
    const later = traffic(3, 100)
    assert.deepEqual(
      later.map(activity => restored.weigh(activity)),
      later.map(activity => still.weigh(activity)),
    )
  })
  it('that is damaged is refused', () => {
    assert.throws(() => trust().states[0]?.load(0, Buffer.from('rubbish')), { code: 'SNAPSHOT_CORRUPT' })
  })
})
