import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'
import { catalogue, createBehaviour, featureIndex } from '../../../engine/features/index.ts'
import { START_MS, streams } from './traffic.ts'

const LENGTHS = { '10s': 1e4, '1m': 6e4, '10m': 6e5, '1h': 36e5, '24h': 864e5, '30d': 2592e6 } as const

/** What each counter counts, said a second time and simply. */
const COUNTED: Readonly<Record<string, (activity: Activity) => boolean>> = {
  calls: a => a.role === 'origin' && a.kind === 'call.attempt',
  messages: a => a.role === 'origin' && a.kind === 'message',
  answered: a => a.role === 'origin' && a.kind === 'call.answered',
  failed: a => a.role === 'origin' && a.kind === 'call.failed',
  failed_4xx: a => a.role === 'origin' && a.kind === 'call.failed' && Math.floor(a.status / 100) === 4,
  failed_5xx: a => a.role === 'origin' && a.kind === 'call.failed' && Math.floor(a.status / 100) === 5,
  failed_6xx: a => a.role === 'origin' && a.kind === 'call.failed' && Math.floor(a.status / 100) === 6,
  invalid_targets: a => a.role === 'origin' && a.kind === 'call.failed' && a.status === 404,
  missed_calls: a => a.role === 'origin' && a.kind === 'call.failed' && (a.ringing ?? 99) <= 10,
  short_calls: a => a.role === 'origin' && a.kind === 'call.ended' && a.duration < 10,
  registration_failures: a => a.role === 'origin' && a.kind === 'registration' && a.outcome === 'failed',
  probes: a => a.role === 'origin' && a.kind === 'probe',
  complaints: a => a.role === 'origin' && a.kind === 'feedback',
  rejections_607: a => a.role === 'origin' && a.kind === 'call.failed' && a.status === 607,
  links: a => a.role === 'origin' && a.kind === 'message' && (a.content?.text ?? '').includes('http'),
  calls_in: a => a.role === 'target' && a.kind === 'call.attempt',
  messages_in: a => a.role === 'target' && a.kind === 'message',
  otp_messages_in: a => a.role === 'target' && a.kind === 'message' && (a.content?.text ?? '').includes('code'),
}

const features = catalogue.flatMap(({ name, window }) => {
  const stem = window === undefined ? '' : name.slice(0, -window.length - 1)
  const counts = COUNTED[stem]
  return window === undefined || counts === undefined ? [] : [{ name, length: LENGTHS[window], counts }]
})

test('sliding counts stay within their error bound of an exact oracle, late events included', () => {
  assert.ok(features.length >= 45)
  fc.assert(
    fc.property(streams(140), stream => {
      const behaviour = createBehaviour({ maxAheadMs: Number.POSITIVE_INFINITY, seenIds: 1000 })
      const known = new Map<string, Activity[]>()
      const frontier = new Map<string, number>()
      const ids = new Set<string>()
      for (const activity of stream) {
        const party = activity.role === 'target' ? activity.to!.party : activity.from.party
        behaviour.observe(activity)
        if (ids.has(activity.id + activity.role)) continue
        ids.add(activity.id + activity.role)
        const now = Math.max(activity.time, frontier.get(party) ?? 0)
        known.set(party, [...(known.get(party) ?? []), activity])
        frontier.set(party, now)
        for (const feature of features)
          check(feature, known.get(party)!, now, behaviour.read(featureIndex(feature.name)!))
      }
    }),
    { numRuns: 60 },
  )
})

function check(feature: (typeof features)[number], events: readonly Activity[], now: number, value: number): void {
  const { length, counts, name } = feature
  const bucket = Math.floor(now / length)
  const times = events.filter(counts).map(event => event.time)
  const exact = times.filter(time => time > now - length).length
  const previous = times.filter(time => Math.floor(time / length) === bucket - 1).length
  assert.ok(Math.abs(value - exact) <= previous + 1e-6, `${name}: ${value} for ${exact}, previous bucket ${previous}`)
}

test('a steady stream is counted exactly once a window has passed', () => {
  const behaviour = createBehaviour()
  for (let n = 0; n < 2000; n++) behaviour.observe(attempt(n, START_MS + n * 1000, '+33700000001'))
  const read = (name: string) => behaviour.read(featureIndex(name)!)
  assert.ok(Math.abs(read('calls_10s') - 10) <= 1)
  assert.ok(Math.abs(read('calls_1m') - 60) <= 1)
  assert.ok(Math.abs(read('calls_10m') - 600) <= 1)
  assert.equal(read('calls_1h'), 2000)
})

test('counts beyond 255 carry into the extension and saturate only at 65,535 a bucket', () => {
  const behaviour = createBehaviour({ seenIds: 100_000 })
  const midnight = Math.ceil(START_MS / 864e5) * 864e5
  for (let n = 0; n < 66_000; n++) behaviour.observe(attempt(n, midnight + n, '+33700000001'))
  assert.equal(behaviour.counts().extensions, 1)
  const read = (name: string) => behaviour.read(featureIndex(name)!)
  assert.equal(read('calls_24h'), 65_535)
  // Two days on it is all over, and the extension is given back.
  // A jump of days in a dense stream is believed at the third event.
  for (const [id, days] of [
    [70_000, 2],
    [80_000, 4],
  ] as const)
    for (let n = 0; n < 3; n++) behaviour.observe(attempt(id + n, midnight + days * 864e5, '+33700000001'))
  assert.equal(read('calls_24h'), 1)
  assert.equal(behaviour.counts().extensions, 0)
})

function attempt(n: number, time: number, to: string): Activity {
  return {
    id: `n${n}`,
    role: 'origin',
    kind: 'call.attempt',
    time,
    from: { party: '+33600000001' },
    to: { party: to },
    route: { tap: 't' },
  }
}
