import { Type } from '@sinclair/typebox'
import { Action, Reputation } from '../../activity/index.ts'
import { type Decide, Decision, partyOf } from '../../decide/index.ts'
import type { Desk } from '../../desk/index.ts'
import type { Identity } from '../../identity/index.ts'
import type { FollowedReputation, HeldReputation } from '../../reputation/index.ts'
import type { Pack } from '../../rules/index.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { type RouteGroup, route } from '../route.ts'

export interface PartyRoutes {
  readonly identity: Identity
  readonly reputation: FollowedReputation
  readonly decide: Decide
  readonly desk: Desk
  readonly pack: () => Pack
  readonly now: () => number
}

const PartySummary = Type.Object(
  {
    party: Type.String(),
    action: Action,
    score: Type.Number(),
    category: Type.Optional(Type.String()),
    time: Type.Integer({ description: 'event time of the last change (ms)' }),
    expires: Type.Optional(Type.Integer({ description: 'when it has faded (ms)' })),
  },
  { $id: 'PartySummary' },
)

const Party = Type.Object(
  {
    party: Type.String(),
    known: Type.Boolean({ description: 'it has a standing' }),
    reputation: Type.Optional(Reputation),
    now: Decision,
    lists: Type.Array(Type.String(), { description: 'lists that name it' }),
    number: Type.Object({
      isNumber: Type.Boolean(),
      valid: Type.Boolean(),
      type: Type.String(),
      country: Type.String(),
    }),
    appeals: Type.Array(Type.String(), { description: 'ids of its appeals' }),
  },
  { $id: 'Party', description: 'All that is known of a party, and what a call of it would be answered now.' },
)

const params = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 512, description: 'a number, or a sip: or tel: URI' }),
})

/** `/v1/parties`: who has a standing, and all that is known of one. */
export function partyRoutes(parts: PartyRoutes): RouteGroup {
  const { identity, reputation, decide, desk, pack, now } = parts
  return {
    tag: 'parties',
    about: 'Standing of numbers and addresses.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/parties',
        access: 'read',
        summary: 'Parties with a standing',
        query: Type.Object({ atLeast: Type.Optional(Action), ...paging }, { additionalProperties: false }),
        answers: { 200: { says: 'A page of parties, in no order.', schema: pageOf(PartySummary) } },
        handle({ query: { atLeast = 'flag', limit = DEFAULT_LIMIT, cursor } }) {
          if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) return problem(400, 'the cursor is none of ours')
          const { items, next } = reputation.view.page(atLeast, now(), Number(cursor ?? 0), limit)
          return { status: 200, body: page(items.map(summaryOf), next === undefined ? undefined : String(next)) }
        },
      }),
      route({
        method: 'GET',
        path: '/v1/parties/{id}',
        access: 'read',
        summary: 'All that is known of a party',
        about: 'Unknown parties are neutral: they are answered too, with `known: false`.',
        params,
        answers: {
          200: { says: 'Its standing with the reasons, its lists, and what it would be answered now.', schema: Party },
        },
        async handle({ params: { id } }) {
          const party = partyOf(identity, id)
          const record = await reputation.record(party)
          return {
            status: 200,
            body: {
              party,
              known: record !== undefined,
              ...(record === undefined ? {} : { reputation: record }),
              now: decide({ kind: 'call', from: party }, now()),
              lists: listsOf(pack(), party),
              number: identity.numberFacts(party),
              appeals: [...desk.appeals()].filter(appeal => appeal.party === party).map(appeal => appeal.id),
            },
          }
        },
      }),
    ],
  }
}

/** Names of the lists that hold a party. */
function listsOf({ lists }: Pack, party: string): string[] {
  return lists.names.filter(name => lists.has(name, party))
}

function summaryOf({ party, action, score, category, timeMs, expiresMs }: HeldReputation) {
  return {
    party,
    action,
    score,
    ...(category === undefined ? {} : { category }),
    time: timeMs,
    ...(expiresMs === 0 ? {} : { expires: expiresMs }),
  }
}
