import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createPartition } from '../../../engine/partition/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, vocabulary } from '../rules/support.ts'
import { DAY, HOUR, MINUTE, MONDAY, mobile, play, type Traffic, traffic } from './traffic.ts'

const pack = loadPacks([defaultPack], vocabulary)
const NOON = MONDAY + 12 * HOUR
const complain = (into: Traffic, reporter: string, about: string, timeMs: number) =>
  into.add({
    kind: 'feedback',
    from: { party: about },
    to: { party: reporter },
    time: timeMs,
    source: 'report',
    opinion: 'spam',
  })
/** A feedback activity travels under the reported party's key alone. */
const played = (scene: Traffic) =>
  play({ ...scene, activities: scene.activities.filter(each => each.kind !== 'feedback' || each.role === 'origin') })
const chat = { talkS: 90 }

describe('complaints', () => {
  it('of ten people condemn a number that calls strangers', () => {
    const scene = traffic()
    for (let i = 0; i < 10; i++) {
      scene.call(mobile(1), mobile(100 + i), NOON + i * MINUTE, chat)
      complain(scene, mobile(100 + i), mobile(1), NOON + i * MINUTE + 2 * MINUTE)
    }
    assert.ok(played(scene).condemned.has(mobile(1)))
  })
  it('of one person, a thousand times over, condemn nobody', () => {
    const scene = traffic()
    scene.call(mobile(1), mobile(100), NOON, chat)
    for (let i = 0; i < 1000; i++) complain(scene, mobile(100), mobile(1), NOON + i * 1000)
    const { condemned, flagged } = played(scene)
    assert.deepEqual([...condemned, ...flagged.keys()], [])
  })
  it('do not condemn a number that somebody else has shown: strangers call it back, and complain', () => {
    const scene = traffic()
    const victim = mobile(1)
    // An ordinary week, then a morning on which a campaign shows this number.
    for (let day = 0; day < 5; day++) scene.call(victim, mobile(2), MONDAY + day * DAY + 10 * HOUR, chat)
    const storm = MONDAY + 5 * DAY + 10 * HOUR
    for (let i = 0; i < 60; i++) {
      scene.call(mobile(500 + i), victim, storm + i * 20_000, { talkS: 20 })
      if (i >= 30) complain(scene, mobile(500 + i), victim, storm + i * 20_000 + 10_000)
    }
    const { condemned, shielded } = played(scene)
    assert.equal(condemned.has(victim), false)
    assert.equal(shielded.get(victim), 'callbacks')
  })
})

describe('a number in a range of bad ones', () => {
  it('is not condemned for its neighbours: it takes evidence of its own', () => {
    const scene = traffic()
    const range = (i: number) => `+3314200000${i}`
    for (let n = 0; n < 9; n++)
      for (let i = 0; i < 10; i++) {
        scene.call(range(n), mobile(100 + i), NOON + n * HOUR + i * MINUTE, chat)
        complain(scene, mobile(100 + i), range(n), NOON + n * HOUR + i * MINUTE + 2 * MINUTE)
      }
    scene.call(range(9), mobile(900), NOON + 10 * HOUR, chat)
    const { condemned, flagged } = played(scene)
    assert.ok(condemned.size >= 5, `${condemned.size} of nine condemned`)
    assert.deepEqual([condemned.has(range(9)), flagged.has(range(9))], [false, false])
  })
})

/** Every verdict on the origin's own record, in event time. */
function verdicts({ activities }: Traffic) {
  const partition = createPartition({ pack, identity: createIdentity() })
  return activities
    .filter(each => each.role === 'origin')
    .toSorted((a, b) => a.time - b.time)
    .map(activity => ({ activity, action: partition.apply(activity).verdict?.action ?? 'allow' }))
}

describe('a number that was given to somebody else', () => {
  it('is free of what was said of its last owner', () => {
    const scene = traffic()
    for (let i = 0; i < 10; i++) {
      scene.call(mobile(1), mobile(100 + i), NOON + i * MINUTE, chat)
      complain(scene, mobile(100 + i), mobile(1), NOON + i * MINUTE + 2 * MINUTE)
    }
    for (let i = 0; i < 5; i++) scene.call(mobile(1), mobile(7 + i), NOON + 60 * DAY + i * HOUR, chat)
    const calls = verdicts(scene).filter(({ activity }) => activity.kind === 'call.attempt')
    assert.notEqual(calls[9]?.action, 'allow', 'the last owner')
    assert.deepEqual(
      calls.slice(10).map(({ action }) => action),
      ['allow', 'allow', 'allow', 'allow', 'allow'],
    )
  })
})

describe('emergency and public-safety numbers', () => {
  it('are never blocked, whoever calls them and whatever is said of them', () => {
    const scene = traffic()
    const bad = mobile(1)
    for (let i = 0; i < 60; i++) {
      complain(scene, mobile(200 + i), bad, NOON + i * 1000)
      complain(scene, mobile(200 + i), '112', NOON + i * 1000)
    }
    for (let i = 0; i < 30; i++) {
      scene.call(bad, mobile(100 + i), NOON + HOUR + i * 1000, chat)
      scene.call(bad, '112', NOON + HOUR + i * 1000 + 500, chat)
    }
    // The service calls back, and the network vouches for it (RFC 3325).
    const back = { kind: 'call.attempt', from: { party: '112', asserted: 'pai' }, to: { party: bad } } as const
    scene.add({ ...back, time: NOON + 2 * HOUR })
    const calls = verdicts(scene).filter(({ activity }) => activity.kind === 'call.attempt')
    const others = calls.filter(({ activity }) => activity.from.party === bad && activity.to?.party !== '112')
    const safe = calls.filter(({ activity }) => activity.from.party === '112' || activity.to?.party === '112')
    assert.ok(others.every(({ action }) => action !== 'allow'))
    assert.deepEqual([safe.length, safe.filter(({ action }) => action !== 'allow').length], [31, 0])
  })
})
