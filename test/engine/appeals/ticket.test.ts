import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createTickets } from '../../../engine/appeals/index.ts'

const DAY_MS = 86_400_000
const PARTY = '+33162000001'
const SECRET = 'shared by all processes'

describe('the ticket of a refused caller', () => {
  it('names its party to whoever knows the secret, in any process, and to nobody else', () => {
    const ticket = createTickets(SECRET, 30, () => 0).of(PARTY)!
    assert.equal(createTickets(SECRET, 30, () => DAY_MS).open(ticket)?.party, PARTY)
    assert.equal(createTickets('another', 30, () => 0).open(ticket), undefined)
    assert.equal(createTickets('', 30, () => 0).open(ticket), undefined)
    assert.ok(!ticket.includes('33162000001') && !Buffer.from(ticket, 'base64url').toString('latin1').includes('3316'))
    assert.match(ticket, /^[A-Za-z0-9_-]{40,100}$/)
  })
  it('is one a period, and so is the appeal that it may file', () => {
    let nowMs = 0
    const tickets = createTickets(SECRET, 30, () => nowMs)
    const first = tickets.of(PARTY)!
    nowMs = 29 * DAY_MS
    assert.equal(tickets.of(PARTY), first)
    const { appealId } = tickets.open(first)!
    nowMs = 31 * DAY_MS
    assert.equal(tickets.open(first)?.appealId, appealId)
    assert.notEqual(tickets.of(PARTY), first)
    assert.notEqual(tickets.open(tickets.of(PARTY)!)?.appealId, appealId)
    assert.notEqual(tickets.open(tickets.of('+33162000002')!)?.appealId, tickets.open(tickets.of(PARTY)!)?.appealId)
    nowMs = 60 * DAY_MS
    assert.equal(tickets.open(first), undefined)
    nowMs = -DAY_MS
    assert.equal(tickets.open(first), undefined)
  })
  it('with any octet changed, cut or added is none', () => {
    const tickets = createTickets(SECRET, 30, () => 0)
    const sealed = Buffer.from(tickets.of(PARTY)!, 'base64url')
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      assert.equal(tickets.open(changed.toString('base64url')), undefined, `octet ${at}`)
      assert.equal(tickets.open(sealed.subarray(0, at).toString('base64url')), undefined)
    }
    assert.equal(tickets.open(Buffer.concat([sealed, Buffer.alloc(1)]).toString('base64url')), undefined)
  })
  it('is read without an exception whatever it is', () => {
    const tickets = createTickets(SECRET, 30, () => 0)
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String()), text => tickets.open(text) === undefined))
  })
  it('of any party that fits a header gives that party back', () => {
    const tickets = createTickets(SECRET, 30, () => 0)
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), party => {
        const ticket = tickets.of(party)
        assert.ok(
          ticket === undefined ? party.length > 60 : tickets.open(ticket)?.party === party && ticket.length <= 400,
        )
      }),
    )
  })
})
