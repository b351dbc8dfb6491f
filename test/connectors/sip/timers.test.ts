import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSipObserver } from '../../../connectors/sip/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { tapCounters } from '../../../engine/observe/index.ts'
import { envelopeAt, request, T0 } from './scene.ts'

/** Limits in seconds after which an unanswered call fails, told from the observer's activities alone. */
describe('event-time limits', () => {
  it('fire once each, in order of deadline, never early, and within two seconds of the event that shows they are over', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 3_000_000 })), {
          maxLength: 40,
        }),
        (gaps, waits) => {
          let now = T0
          const fired: { callId: string; timeMs: number; atMs: number }[] = []
          const observer = createSipObserver({
            tap: 't',
            identity: createIdentity(),
            counters: tapCounters(),
            options: { noAnswerSeconds: 30, maxCalls: 1000 },
            emit: activity => {
              if (activity.kind === 'call.failed')
                fired.push({ callId: activity.callId ?? '', timeMs: activity.time, atMs: now })
            },
          })
          const due = new Map<string, number>()
          for (const [index, gap] of gaps.entries()) {
            now += gap
            const bytes = request('INVITE', { callId: `c${index}`, fromTag: `t${index}` })
            observer.observe(bytes, 0, bytes.length, envelopeAt(now))
            due.set(`c${index}`, now + 30_000)
          }
          const last = now
          for (const wait of [...waits, 40_000]) {
            now += wait
            observer.advance(now)
            for (const [callId, deadline] of due) {
              const isFired = fired.some(one => one.callId === callId)
              if (now >= deadline + 2000) assert.ok(isFired, `${callId} is over since ${now - deadline} ms`)
              if (now < deadline) assert.ok(!isFired, `${callId} has ${deadline - now} ms left`)
            }
          }
          assert.ok(now - last >= 40_000)
          assert.equal(fired.length, gaps.length)
          for (const { callId, timeMs } of fired) assert.equal(timeMs, due.get(callId))
          for (let i = 1; i < fired.length; i++) assert.ok(fired[i]!.timeMs >= fired[i - 1]!.timeMs)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('do not depend on how often time is moved on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9000 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 50, max: 3000 }),
        (gaps, stepMs) => {
          const run = (step: number) => {
            const seen: string[] = []
            const observer = createSipObserver({
              tap: 't',
              identity: createIdentity(),
              counters: tapCounters(),
              options: { noAnswerSeconds: 10, maxCalls: 1000 },
              emit: ({ kind, time, callId }) => {
                if (kind === 'call.failed') seen.push(`${callId} ${time}`)
              },
            })
            let now = T0
            gaps.forEach((gap, index) => {
              for (let at = now; at < now + gap; at += step) observer.advance(at)
              now += gap
              const bytes = request('INVITE', { callId: `c${index}`, fromTag: `t${index}` })
              observer.observe(bytes, 0, bytes.length, envelopeAt(now))
            })
            observer.advance(now + 60_000)
            return seen
          }
          assert.deepEqual(run(stepMs), run(Number.POSITIVE_INFINITY))
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('the memory of messages seen', () => {
  it('tells a repetition within a minute, however many others came, up to its bound', () => {
    const repeated = (others: number, laterMs: number): number => {
      const observer = createSipObserver({
        tap: 't',
        identity: createIdentity(),
        counters: tapCounters(),
        options: { maxCalls: 1024 },
        emit: () => {},
      })
      const see = (callId: string, timeMs: number) => {
        const bytes = request('OPTIONS', { callId })
        observer.observe(bytes, 0, bytes.length, envelopeAt(timeMs))
      }
      see('first', T0)
      for (let i = 0; i < others; i++) see(`o${i}`, T0 + 1)
      see('first', T0 + laterMs)
      return observer.stats.repeated
    }
    assert.equal(repeated(0, 10), 1)
    assert.equal(repeated(900, 60_000), 1)
    assert.equal(repeated(10, 1_000_000), 0)
    // Two full generations later it is forgotten: bounded, and its id is still the same.
    assert.equal(repeated(5000, 10), 0)
  })
})
