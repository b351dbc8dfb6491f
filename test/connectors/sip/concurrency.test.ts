import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'
import { createScene, type Fields, request, response } from './scene.ts'

interface Seen {
  readonly atMs: number
  readonly bytes: Uint8Array
}

/** How a call goes: every message of it on the wire, with times, before the network harms anything. */
interface Plan {
  readonly index: number
  readonly startMs: number
  readonly challenged: boolean
  readonly hops: number
  readonly forks: number
  readonly outcome: 'answered' | 'busy' | 'cancelled' | 'lateCancel' | 'silent'
  readonly talkMs: number
  readonly byTarget: boolean
}

const plan = fc.record({
  startMs: fc.nat(120_000),
  challenged: fc.boolean(),
  hops: fc.integer({ min: 1, max: 3 }),
  forks: fc.integer({ min: 1, max: 3 }),
  outcome: fc.constantFrom('answered', 'busy', 'cancelled', 'lateCancel', 'silent'),
  talkMs: fc.nat(90_000),
  byTarget: fc.boolean(),
})

function messagesOf(call: Plan): Seen[] {
  const seen: Seen[] = []
  const base: Fields = { callId: `c${call.index}`, fromTag: `f${call.index}` }
  let now = call.startMs
  let cseq = 1
  const hops = (make: (branch: string) => Uint8Array) => {
    for (let hop = 0; hop < call.hops; hop++) seen.push({ atMs: now + hop, bytes: make(`h${hop}c${cseq}`) })
  }
  if (call.challenged) {
    hops(branch => request('INVITE', { ...base, cseq, branch }))
    now += 5
    hops(branch => response(401, 'INVITE', { ...base, cseq, branch }))
    now += 5
    hops(branch => request('ACK', { ...base, cseq, branch, toTag: 'tt' }))
    cseq = 2
  }
  const headers = call.challenged ? ['Authorization: Digest response="aa"'] : []
  hops(branch => request('INVITE', { ...base, cseq, branch, headers }))
  for (let fork = 0; fork < call.forks; fork++) {
    now += 100
    hops(branch => response(180, 'INVITE', { ...base, cseq, branch, toTag: `t${fork}` }))
  }
  now += 1000
  if (call.outcome === 'silent') return seen
  if (call.outcome === 'cancelled' || call.outcome === 'lateCancel') {
    hops(branch => request('CANCEL', { ...base, cseq, branch }))
    now += 2
  }
  if (call.outcome === 'busy' || call.outcome === 'cancelled') {
    hops(branch => response(call.outcome === 'busy' ? 486 : 487, 'INVITE', { ...base, cseq, branch }))
    hops(branch => request('ACK', { ...base, cseq, branch, toTag: 'tt' }))
    return seen
  }
  hops(branch => response(200, 'INVITE', { ...base, cseq, branch, toTag: 't0' }))
  now += 10
  hops(branch => request('ACK', { ...base, cseq, branch: `${branch}k`, toTag: 't0' }))
  now += call.talkMs
  const bye = call.byTarget
    ? { ...base, fromTag: 't0', toTag: base.fromTag as string, cseq: 900 }
    : { ...base, toTag: 't0', cseq: 5 }
  hops(branch => request('BYE', { ...bye, branch: `${branch}b` }))
  return seen
}

/** What the network and the taps do to each message: lost, seen again, seen late. */
const harm = fc.record({
  lost: fc.integer({ min: 0, max: 9 }).map(n => n === 0),
  copies: fc.integer({ min: 1, max: 3 }),
  lateMs: fc.constantFrom(0, 0, 0, 1, 7, 50, 700, 5000),
})

/** Calls that stand, told from the activities alone, as the engine counts them. */
function assertCounts(emitted: readonly Activity[]): void {
  const standing = new Set<string>()
  const talking = new Set<string>()
  const attempted = new Set<string>()
  for (const { kind, role, callId = '', id } of emitted) {
    if (role !== 'origin') continue
    if (kind === 'call.attempt') {
      assert.ok(!attempted.has(id), 'an attempt is told once')
      attempted.add(id)
      assert.ok(!standing.has(callId), 'a call begins when it does not stand')
      standing.add(callId)
    } else if (kind === 'call.answered') {
      assert.ok(standing.has(callId) && !talking.has(callId), 'a call is answered once, after its attempt')
      talking.add(callId)
    } else if (kind === 'call.ended') {
      assert.ok(talking.delete(callId) && standing.delete(callId), 'a call ends once, after its answer')
    } else if (kind === 'call.failed') {
      assert.ok(!talking.has(callId) && standing.delete(callId), 'a call fails once, without an answer')
    }
  }
  assert.equal(standing.size, 0, 'no call stands when all limits are over')
}

test('concurrent calls are never negative and end at zero whatever is lost, duplicated and reordered', () => {
  fc.assert(
    fc.property(
      fc.array(plan, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(harm),
      fc.boolean(),
      (plans, harms, tight) => {
        const wire: Seen[] = []
        plans.forEach((call, index) => {
          for (const { atMs, bytes } of messagesOf({ ...call, index })) {
            const { lost, copies, lateMs } = harms.next().value
            if (lost) continue
            for (let copy = 0; copy < copies; copy++) wire.push({ atMs: atMs + lateMs * (copy + 1), bytes })
          }
        })
        wire.sort((a, b) => a.atMs - b.atMs)
        const scene = createScene({ noAnswerSeconds: 60, sessionIdleSeconds: 300, maxCalls: tight ? 16 : 1000 })
        let before = 0
        for (const { atMs, bytes } of wire) {
          scene.see(atMs - before, bytes)
          before = atMs
          assert.ok(scene.observer.stats.liveCalls >= 0)
        }
        scene.wait(1_000_000)
        scene.wait(1_000_000)
        assertCounts(scene.emitted)
        assert.equal(scene.observer.stats.liveCalls, 0)
        assert.equal(scene.observer.stats.tracked, 0)
      },
    ),
    { numRuns: 300 },
  )
})

test('nothing lost: every call gives exactly its attempt, its answer where it was answered, and its end', () => {
  fc.assert(
    fc.property(fc.array(plan, { minLength: 1, maxLength: 8 }), plans => {
      const wire = plans.flatMap((call, index) => messagesOf({ ...call, index })).sort((a, b) => a.atMs - b.atMs)
      const scene = createScene({ noAnswerSeconds: 60 })
      let before = 0
      for (const { atMs, bytes } of wire) {
        scene.see(atMs - before, bytes)
        before = atMs
      }
      scene.wait(1_000_000)
      const count = (kind: string) => scene.emitted.filter(a => a.kind === kind && a.role === 'origin').length
      const answered = plans.filter(({ outcome }) => outcome === 'answered' || outcome === 'lateCancel').length
      assert.deepEqual(
        [count('call.attempt'), count('call.answered'), count('call.ended'), count('call.failed')],
        [plans.length, answered, answered, plans.length - answered],
      )
    }),
    { numRuns: 200 },
  )
})
