import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'

/** Random but lifelike traffic of a few parties for property tests: time goes on, sometimes jumps, sometimes steps back. */

const party = fc.integer({ min: 0, max: 11 }).map(n => `+3312345${String(6000 + n)}`)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 900_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 50 * 3_600_000 }) },
)
const happening = fc.record({
  step,
  // How long before its place in the stream it happened.
  lateMs: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 7_200_000 }) },
  ),
  from: party,
  to: party,
  role: fc.constantFrom('origin' as const, 'target' as const),
  what: fc.integer({ min: 0, max: 13 }),
  seconds: fc.integer({ min: 0, max: 400 }),
})

const TEXTS = [
  'ok',
  'Your parcel is waiting at the depot, pay the customs fee of 2.99 EUR at http://post-fee.example/a1 today',
  'Your parcel is waiting at the depot, pay the customs fee of 3.50 EUR at http://post-fee.example/zz9 today',
  'Your code is 481516, do not share it',
]

export const START_MS = 1_764_000_000_000

/** Streams of up to `maxLength` activities. */
export const streams = (maxLength: number): fc.Arbitrary<Activity[]> =>
  fc.array(happening, { minLength: 1, maxLength }).map(list => {
    let now = START_MS
    return list.map((one, i) => {
      now += one.step
      const common = {
        id: `id-${one.what === 13 ? i >> 1 : i}`,
        role: one.role,
        time: now - one.lateMs,
        from: { party: one.from },
        to: { party: one.to },
        route: { tap: 't', peer: `192.0.2.${one.seconds % 4}` },
        agent: one.seconds % 7 === 0 ? 'other/2' : 'phone/1',
      }
      return activityOf(one.what, one.seconds, common)
    })
  })

function activityOf(
  what: number,
  seconds: number,
  common: Pick<Activity, 'id' | 'role' | 'time' | 'from' | 'to' | 'route' | 'agent'>,
): Activity {
  if (what <= 4) return { ...common, kind: 'call.attempt' }
  if (what === 5) return { ...common, kind: 'call.answered', ringing: seconds / 50 }
  if (what === 6) return { ...common, kind: 'call.ended', duration: seconds, ringing: seconds / 50, endedBy: 'origin' }
  if (what === 7)
    return {
      ...common,
      kind: 'call.failed',
      status: [404, 486, 487, 503, 607][seconds % 5]!,
      ringing: seconds / 40,
      endedBy: 'origin',
    }
  if (what === 8)
    return { ...common, kind: 'registration', status: 403, outcome: seconds % 2 === 0 ? 'failed' : 'accepted' }
  if (what === 9) return { ...common, kind: 'probe', method: 'OPTIONS' }
  if (what === 10) return { ...common, kind: 'feedback', source: 'report', opinion: 'spam' }
  return { ...common, kind: 'message', content: { type: 'text/plain', text: TEXTS[seconds % TEXTS.length]! } }
}
