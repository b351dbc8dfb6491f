import { Type } from '@sinclair/typebox'
import { type Appeal, closed } from '../../activity/index.ts'
import { type Appeals, THE_PARTY, type Tickets } from '../../appeals/index.ts'
import type { Desk } from '../../desk/index.ts'
import type { AuditTrail } from '../audit.ts'
import { problem } from '../problem.ts'
import { type Route, route } from '../route.ts'

export interface RedressRoutes {
  readonly appeals: Appeals
  readonly desk: Desk
  readonly audit: AuditTrail
  readonly tickets: Tickets
  /** The signed card of a 608, as a compact JWS, its URL with this ticket; undefined without a key. */
  readonly card: ((ticket: string | undefined) => string) | undefined
}

/** Appeals that wait and nobody of ours filed: beyond these no more are taken, whatever is spoofed and refused. */
const MAX_OWN_OPEN = 5_000

const Ticket = Type.String({ minLength: 1, maxLength: 400, description: 'of the card that the 608 pointed to' })

const OwnAppeal = Type.Object(
  {
    id: Type.String(),
    filed: Type.Integer({ description: 'when, in milliseconds' }),
    due: Type.Integer({ description: 'when an answer is owed' }),
    state: closed(['open', 'upheld', 'rejected', 'withdrawn'], 'where it stands'),
    note: Type.Optional(Type.String({ description: 'the answer' })),
  },
  { $id: 'OwnAppeal' },
)

/** What the party is told: never the evidence, which tells others' doings too. */
const told = ({ id, filed, due, state, outcome }: Appeal) => ({
  id,
  filed,
  due,
  state,
  ...(outcome === undefined ? {} : { note: outcome.note }),
})

/** What a refused caller reaches without a token: the card of its 608 (RFC 8688), and one appeal with the ticket on it. */
export function redressRoutes({ appeals, desk, audit, tickets, card }: RedressRoutes): readonly Route[] {
  const unknown = () => problem(404, 'the ticket is none of ours, or too old')
  return [
    route({
      method: 'GET',
      path: '/v1/appeals/card',
      access: 'public',
      summary: 'The signed card that a 608 points to (RFC 8688)',
      query: Type.Object({ ticket: Type.Optional(Ticket) }, { additionalProperties: false }),
      answers: { 200: { says: 'A jCard in a compact JWS.', type: 'application/jose' } },
      handle({ query: { ticket } }) {
        if (card === undefined) return problem(404, 'no key for signed cards is configured')
        // Nothing that a stranger wrote is signed.
        if (ticket !== undefined && tickets.open(ticket) === undefined) return unknown()
        return {
          status: 200,
          body: card(ticket),
          headers: { 'content-type': 'application/jose', 'cache-control': 'max-age=60' },
        }
      },
    }),
    route({
      method: 'POST',
      path: '/v1/appeals/own',
      access: 'public',
      summary: 'File the appeal of a refused caller',
      about:
        "The ticket says whose it is. One appeal a party and `serve.appeals.periodDays`; an analyst's word decides it.",
      body: Type.Object(
        {
          ticket: Ticket,
          statement: Type.String({ minLength: 1, maxLength: 2048, description: 'what the party says' }),
          contact: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'where to answer' })),
        },
        { additionalProperties: false, $id: 'OwnFiling' },
      ),
      answers: { 201: { says: 'The appeal as filed.', schema: OwnAppeal } },
      handle: ({ body: { ticket, statement, contact } }) =>
        desk.alone(async () => {
          const holder = tickets.open(ticket)
          if (holder === undefined) return unknown()
          const { party, appealId: id } = holder
          if (desk.appeal(id) !== undefined) return problem(409, 'this ticket has filed its appeal')
          for (const each of desk.appeals())
            if (each.party === party && each.state === 'open') return problem(409, 'an appeal of this party is open')
          if (appeals.counts().own >= MAX_OWN_OPEN)
            return problem(503, 'too many appeals wait', { headers: { 'retry-after': '3600' } })
          await audit.record({
            who: THE_PARTY,
            role: 'public',
            what: 'appeal.file',
            subject: party,
            detail: { id, statement },
          })
          const filing = { id, party, statement, by: THE_PARTY, ...(contact === undefined ? {} : { contact }) }
          return { status: 201, body: told(await appeals.file(filing)) }
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/appeals/own',
      access: 'public',
      summary: 'How the appeal of a ticket stands',
      query: Type.Object({ ticket: Ticket }, { additionalProperties: false }),
      answers: { 200: { says: 'The appeal, without its evidence.', schema: OwnAppeal } },
      handle({ query: { ticket } }) {
        const holder = tickets.open(ticket)
        if (holder === undefined) return unknown()
        const appeal = desk.appeal(holder.appealId)
        return appeal === undefined
          ? problem(404, 'no appeal was filed with this ticket')
          : { status: 200, body: told(appeal) }
      },
    }),
  ]
}
