import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Activity } from '../../../engine/activity/index.ts'
import { createContacts } from '../../../engine/feedback/contacts.ts'
import { createReports, type FeedbackOptions, feedbackDefaults } from '../../../engine/feedback/index.ts'
import { parseReport } from '../../../engine/feedback/parse.ts'
import { createIdentity } from '../../../engine/identity/index.ts'

const identity = createIdentity({ defaultCountry: 'FR' })
const T0 = 1_764_000_000_000
const [VICTIM, SPAMMER, FRIEND] = ['+33612345678', '+33699999999', '+33611111111']
let ids = 0

const message = (from: string, to: string, text: string | undefined, time = T0): Activity => ({
  id: `m${ids++}`,
  role: 'origin',
  kind: 'message',
  time,
  from: { party: from },
  to: { party: to },
  route: { tap: 'smpp-1' },
  ...(text === undefined ? {} : { content: { type: 'text/plain', text } }),
})
const call = (from: string, to: string, time = T0): Activity => ({
  id: `c${ids++}`,
  role: 'origin',
  kind: 'call.attempt',
  time,
  from: { party: from },
  to: { party: to },
  route: { tap: 'hep-1' },
})
const scene = (more: Partial<FeedbackOptions> = {}) =>
  createReports({ ...feedbackDefaults, reportCodes: ['7726', '33700'], starCodes: ['*77'], ...more }, identity)

describe('a message to the reporting code', () => {
  it('reports the sender of the message that it forwards', () => {
    const reports = scene()
    assert.equal(reports.read(message(SPAMMER, VICTIM, 'You won! Call 0899 12 34 56', T0 - 60_000)), undefined)
    reports.read(message(FRIEND, VICTIM, 'Lunch?', T0 - 1000))
    const feedback = reports.read(message(VICTIM, '7726', 'You  won!\nCall 0899123456'))
    assert.deepEqual(feedback, {
      id: feedback?.id,
      role: 'origin',
      kind: 'feedback',
      time: T0,
      from: { party: SPAMMER },
      to: { party: VICTIM },
      route: { tap: 'smpp-1' },
      source: 'report',
      opinion: 'spam',
      trust: 1,
    })
  })
  it('reports the number that it names, believed less when we did not see it write', () => {
    const reports = scene()
    reports.read(call(SPAMMER, VICTIM))
    for (const [text, party, trust] of [
      ['06 99 99 99 99', SPAMMER, 1],
      ['From: +33 6 99 99 99 99\nYou won!', SPAMMER, 1],
      ['You won!\nSPAM 0033699999999', SPAMMER, 1],
      ['De : 38200', '38200', 0.5],
      ['From: AMELI-INFO\nClick here', 'AMELI-INFO', 0.5],
      ['+44 7700 900123', '+447700900123', 0.5],
    ] as const) {
      const feedback = reports.read(message(VICTIM, '33700', text))
      assert.deepEqual([feedback?.from.party, feedback?.trust], [party, trust], text)
    }
  })
  it('does not report the number that a forwarded message advertises', () => {
    const reports = scene()
    assert.equal(reports.read(message(VICTIM, '7726', 'You won! Call +33899123456 now')), undefined)
    assert.equal(reports.counters.lost.get('no-number'), 1)
  })
  it('comes to nothing without a text, about oneself, or to another number', () => {
    const reports = scene()
    assert.equal(reports.read(message(VICTIM, '7726', undefined)), undefined)
    assert.equal(reports.read(message(VICTIM, '7726', VICTIM)), undefined)
    assert.equal(reports.read(message(VICTIM, FRIEND, SPAMMER)), undefined)
    assert.deepEqual(
      [...reports.counters.lost],
      [
        ['no-text', 1],
        ['about-oneself', 1],
      ],
    )
  })
  it('is read within its host, and by no one where no code is configured', () => {
    const text = '0699999999'
    assert.equal(scene().read(message(VICTIM, '7726@ims.example', text))?.from.party, SPAMMER)
    assert.equal(scene({ reportCodes: [], starCodes: [] }).read(message(VICTIM, '7726', text)), undefined)
  })
  it('is read without an exception whatever it says', () => {
    const reports = scene()
    fc.assert(
      fc.property(fc.string({ maxLength: 5000, unit: 'binary' }), text => {
        reports.read(message(VICTIM, '7726', text))
        const parsed = parseReport(text)
        assert.ok((parsed.reported?.length ?? 0) <= 64)
      }),
    )
  })
})

describe('a star code', () => {
  it('reports the last caller, not whoever only wrote', () => {
    const reports = scene()
    reports.read(call(FRIEND, VICTIM, T0 - 120_000))
    reports.read(call(SPAMMER, VICTIM, T0 - 60_000))
    reports.read(message(FRIEND, VICTIM, 'Lunch?', T0 - 10_000))
    const feedback = reports.read(call(VICTIM, '*77@ims.example'))
    assert.deepEqual([feedback?.from.party, feedback?.source, feedback?.to?.party], [SPAMMER, 'star-code', VICTIM])
  })
  it('comes to nothing when nobody called, or too long ago', () => {
    const reports = scene({ starSeconds: 60 })
    assert.equal(reports.read(call(VICTIM, '*77')), undefined)
    reports.read(call(SPAMMER, VICTIM, T0 - 70_000))
    assert.equal(reports.read(call(VICTIM, '*77')), undefined)
    assert.equal(reports.counters.lost.get('no-recent-call'), 2)
  })
  it('gives one id however often it is seen', () => {
    const reports = scene()
    reports.read(call(SPAMMER, VICTIM, T0 - 1000))
    const star = call(VICTIM, '*77')
    assert.equal(reports.read(star)?.id, reports.read(star)?.id)
  })
})

describe('the memory of contacts', () => {
  it('gives the latest caller of anybody, or nothing, never somebody else’s', () => {
    const party = fc.integer({ min: 0, max: 400 }).map(i => `+336${String(i).padStart(8, '0')}`)
    fc.assert(
      fc.property(fc.array(fc.tuple(party, party), { maxLength: 300 }), calls => {
        const contacts = createContacts(256)
        const last = new Map<string, string>()
        calls.forEach(([from, to], i) => {
          contacts.remember(to, from, T0 + i * 1000, 0)
          last.set(to, from)
        })
        for (const [to, from] of last) {
          const found = contacts.find(to, 0, T0 + 300_000, 600_000)
          assert.ok(found === undefined || found.origin === from, `${to}: ${found?.origin}, not ${from}`)
        }
      }),
    )
  })
})
