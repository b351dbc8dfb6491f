import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Reputation } from '../../../engine/activity/index.ts'
import { createDecide, partyOf } from '../../../engine/decide/index.ts'
import { createIdentity } from '../../../engine/identity/index.ts'
import { createReputationView } from '../../../engine/reputation/index.ts'
import { loadPacks } from '../../../engine/rules/index.ts'
import { defaultPack, packFolder, vocabulary } from '../rules/support.ts'

const NOW = 1_764_000_000_000
const HOUR = 3_600_000
const says = { en: 'A', fr: 'B' }
const SPAMMER = '+33162000001'

const operator = packFolder({
  'pack.yaml': `name: operator
version: 1
lists:
  deny: { kind: numbers, entries: ["+33162000099"] }
  deny-addresses: { kind: addresses, entries: [192.0.2.0/24] }
  do-not-originate: { kind: numbers, entries: ["+33800000001"] }
  allow: { kind: numbers, entries: ["+33162000050"] }
`,
})
const pack = loadPacks([defaultPack, operator], vocabulary)
const identity = createIdentity({ defaultCountry: 'FR' })

/** ROBOCALL as the default pack has it: half-life and hold are the pack's. */
const spec = pack.rules.find(({ symbol }) => symbol === 'ROBOCALL')!

function scene(...records: (Partial<Reputation> & { party: string })[]) {
  const view = createReputationView(1000)
  for (const [offset, record] of records.entries())
    view.apply(
      {
        time: NOW,
        score: 14,
        action: 'block',
        category: 'robocall',
        reasons: [{ symbol: 'ROBOCALL', score: 14, state: 'enforce', says, evidence: {} }],
        first: NOW,
        last: NOW,
        activities: 9,
        expires: NOW + HOUR,
        pack: pack.version,
        ...record,
      },
      0,
      offset,
      NOW,
    )
  const decide = createDecide({ identity, view, pack: () => pack, staleMs: () => 120 })
  return (question: Parameters<typeof decide>[0], atMs = NOW) => decide(question, atMs)
}

const call = (from: string, to = '+33187654321', more = {}) => ({ kind: 'call' as const, from, to, ...more })

describe('a decision', () => {
  it('is neutral for whoever is unknown, and says how old the view is', () => {
    const decision = scene()(call('+33612345678', '0187654321', { callId: 'c1' }))
    assert.deepEqual(decision, {
      action: 'allow',
      score: 0,
      reasons: [],
      from: '+33612345678',
      to: '+33187654321',
      known: false,
      callId: 'c1',
      staleMs: 120,
      pack: pack.version,
    })
  })

  it('blocks by standing, with its reasons, however the number is written', () => {
    const ask = scene({ party: SPAMMER })
    for (const from of [
      SPAMMER,
      '0162000001',
      `<sip:${SPAMMER}@ims.example;user=phone>;tag=1`,
      `tel:${SPAMMER}`,
      '0033162000001',
    ]) {
      const { action, score, category, reasons, known } = ask(call(from))
      assert.deepEqual(
        { action, score, category, known },
        { action: 'block', score: 14, category: 'robocall', known: true },
        from,
      )
      assert.deepEqual(reasons, [{ symbol: 'ROBOCALL', score: 14, says: spec.says, held: true }])
    }
  })

  it('fades as the engine fades it: by half-lives, to nothing at its end', () => {
    const ask = scene({ party: SPAMMER, expires: NOW + 100 * HOUR })
    const { score } = ask(call(SPAMMER), NOW + spec.halfLifeMs)
    assert.ok(Math.abs(score - 7) < 0.01)
    assert.equal(ask(call(SPAMMER), NOW + spec.holdMs).score, 0)
    assert.equal(scene({ party: SPAMMER, expires: NOW + 1000 })(call(SPAMMER), NOW + 1000).action, 'allow')
  })

  it('blocks who is on the deny list, by number or by address, without any standing', () => {
    const ask = scene()
    assert.equal(ask(call('+33162000099')).action, 'block')
    assert.equal(ask(call('+33612345678', undefined, { peer: '192.0.2.7' })).action, 'block')
  })

  it('finds in the question what needs no history: do-not-originate, unassigned numbers, broken signatures', () => {
    const ask = scene()
    const symbols = (more: object, from = '+33612345678') => ask(call(from, undefined, more)).reasons.map(r => r.symbol)
    assert.deepEqual(symbols({}, '+33800000001').includes('DO_NOT_ORIGINATE'), true)
    assert.deepEqual(symbols({}, '+33000'), ['UNASSIGNED_ORIGIN', 'IMPOSSIBLE_ORIGIN'])
    assert.deepEqual(symbols({ verification: 'bad-signature' }), ['PASSPORT_BROKEN'])
    assert.deepEqual(symbols({ claimed: '+33612000000' }), ['ASSERTED_MISMATCH'])
  })

  it('never touches a call to an emergency service, in any form, whoever calls', () => {
    const ask = scene({ party: SPAMMER })
    for (const to of [
      '112',
      'sip:112@ims.example',
      'tel:112;phone-context=+33',
      'urn:service:sos',
      'urn:service:sos.fire',
    ]) {
      const { action, exempt } = ask(call(SPAMMER, to))
      assert.deepEqual([action, exempt], ['allow', 'emergency'], to)
    }
  })

  it('never blocks an emergency number that calls back, whatever its score; vouched for, it is let through', () => {
    const ask = scene({ party: '112', score: 40 }, { party: '112@ims.example', score: 40 })
    for (const from of ['112', 'sip:112@ims.example']) assert.equal(ask(call(from)).action, 'flag')
    assert.equal(ask(call('112', undefined, { asserted: 'pai' })).exempt, 'emergency')
    assert.equal(ask(call('112', undefined, { asserted: 'from' })).exempt, undefined)
  })

  it('lets an allowed party through', () => {
    const { action, exempt } = scene({ party: '+33162000050' })(call('+33162000050'))
    assert.deepEqual([action, exempt], ['allow', 'allow'])
  })

  it('shields a target under attack from whoever calls, while it lasts', () => {
    const shield = { action: 'challenge' as const, category: 'callbacks', until: NOW + 60_000, says }
    const ask = scene({ party: '+33187654321', action: 'allow', score: 0, reasons: [], shield })
    const { action, category, shield: reason } = ask(call('+33612345678'))
    assert.deepEqual({ action, category, reason }, { action: 'challenge', category: 'callbacks', reason: 'callbacks' })
    assert.equal(ask(call('+33612345678'), NOW + 61_000).action, 'allow')
    assert.equal(ask(call('+33187654321', '+33612345678')).action, 'allow', 'its shield is never held against it')
  })

  it('holds a scanner by its address', () => {
    assert.equal(
      scene({ party: 'ip:198.51.100.7' })(call('bob@example.net', undefined, { peer: '198.51.100.7' })).action,
      'block',
    )
  })

  it('answers anything, and never blocks who has done nothing', () => {
    const ask = scene()
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 80 }),
        fc.string({ minLength: 1, maxLength: 80 }),
        (from, to) => {
          const { action } = ask(call(from, to))
          assert.ok(action !== 'block' && action !== 'divert')
        },
      ),
    )
  })
})

describe('the party of what is written', () => {
  it('reads URIs with ports, parameters, IPv6 hosts and brackets', () => {
    const cases: [string, string][] = [
      ['sip:bob@Example.NET:5060;transport=tcp?x=y', 'bob@example.net'],
      ['"Bob" <sips:bob@[2001:db8::1]:5061>', 'bob@[2001:db8::1]'],
      ['sip:gateway.example:5060', 'gateway.example'],
      ['sip:0612345678@ims.example;user=phone', '+33612345678'],
      ['bob@example.net', 'bob@example.net'],
      ['', 'anonymous'],
    ]
    for (const [written, party] of cases) assert.equal(partyOf(identity, written), party, written)
  })
})
