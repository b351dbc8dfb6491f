import { Type } from '@sinclair/typebox'
import { Appeal, closed } from '../../activity/index.ts'
import { partyOf } from '../../decide/index.ts'
import type { Identity } from '../../identity/index.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { type RouteGroup, route } from '../route.ts'
import { type RedressRoutes, redressRoutes } from './redress.ts'

const states = ['open', 'upheld', 'rejected', 'withdrawn'] as const

const ShownAppeal = Type.Intersect(
  [Appeal, Type.Object({ overdue: Type.Boolean({ description: 'open, and its clock has run out' }) })],
  { $id: 'ShownAppeal' },
)

export interface AppealRoutes extends RedressRoutes {
  readonly identity: Identity
}

/** `/v1/appeals`: requests of parties that hold themselves wronged. */
export function appealRoutes({ appeals, desk, identity, audit, ...redress }: AppealRoutes): RouteGroup {
  const shown = (appeal: Appeal) => ({ ...appeal, overdue: appeals.isOverdue(appeal) })
  const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) })
  return {
    tag: 'appeals',
    about: 'Requests of listed parties: a clock, the evidence, an outcome, and lists corrected.',
    routes: [
      ...redressRoutes({ appeals, desk, audit, ...redress }),
      route({
        method: 'GET',
        path: '/v1/appeals',
        access: 'read',
        summary: 'Appeals, the one due first at the top',
        query: Type.Object(
          {
            state: Type.Optional(closed(states, 'only those in this state')),
            party: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
            ...paging,
          },
          { additionalProperties: false },
        ),
        answers: { 200: { says: 'A page of appeals.', schema: pageOf(ShownAppeal) } },
        handle({ query: { state, party, limit = DEFAULT_LIMIT, cursor } }) {
          if (cursor !== undefined && !/^\d{1,9}$/.test(cursor)) return problem(400, 'the cursor is none of ours')
          const wanted = party === undefined ? undefined : partyOf(identity, party)
          const found = [...desk.appeals()]
            .filter(
              each => (state === undefined || each.state === state) && (wanted === undefined || each.party === wanted),
            )
            .sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1))
          const from = Number(cursor ?? 0)
          const next = from + limit < found.length ? String(from + limit) : undefined
          return { status: 200, body: page(found.slice(from, from + limit).map(shown), next) }
        },
      }),
      route({
        method: 'GET',
        path: '/v1/appeals/{id}',
        access: 'read',
        summary: 'One appeal with its evidence and outcome',
        params,
        answers: { 200: { says: 'The appeal.', schema: ShownAppeal } },
        handle({ params: { id } }) {
          const appeal = desk.appeal(id)
          return appeal === undefined ? problem(404, 'no such appeal') : { status: 200, body: shown(appeal) }
        },
      }),
      route({
        method: 'POST',
        path: '/v1/appeals',
        access: 'write',
        summary: 'File an appeal for a party',
        about: 'The evidence against the party is kept as it is at this moment; the clock runs from now.',
        body: Type.Object(
          {
            party: Type.String({ minLength: 1, maxLength: 512 }),
            statement: Type.String({ minLength: 1, maxLength: 4096, description: 'what the party says' }),
            contact: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'where to answer' })),
          },
          { additionalProperties: false, $id: 'Filing' },
        ),
        answers: { 201: { says: 'The appeal as filed.', schema: ShownAppeal } },
        handle: ({ body, principal }) =>
          desk.alone(async () => {
            const party = partyOf(identity, body.party)
            const open = [...desk.appeals()].find(each => each.party === party && each.state === 'open')
            if (open !== undefined) return problem(409, `its appeal ${open.id} is open`)
            const { statement, contact } = body
            await audit.record({
              who: principal.name,
              role: principal.role,
              what: 'appeal.file',
              subject: party,
              detail: { statement },
            })
            const filing = { party, statement, by: principal.name, ...(contact === undefined ? {} : { contact }) }
            const appeal = await appeals.file(filing)
            return { status: 201, body: shown(appeal), headers: { location: `/v1/appeals/${appeal.id}` } }
          }),
      }),
      route({
        method: 'POST',
        path: '/v1/appeals/{id}/outcome',
        access: 'write',
        summary: 'Decide an open appeal',
        about:
          'Upheld: the party is taken off the lists that name it at run time, its standing is set to allow, and the engine hears of ' +
          'it. `remaining` names lists whose files still hold it.',
        params,
        body: Type.Object(
          {
            state: closed(['upheld', 'rejected', 'withdrawn'], 'how it ends'),
            note: Type.String({ minLength: 1, maxLength: 4096, description: 'why; shown with the appeal' }),
            allow: Type.Optional(Type.Boolean({ description: 'upheld: also put it on the allow list' })),
          },
          { additionalProperties: false, $id: 'Ruling' },
        ),
        answers: { 200: { says: 'The appeal with its outcome.', schema: ShownAppeal } },
        handle: ({ params: { id }, body, principal }) =>
          desk.alone(async () => {
            const appeal = desk.appeal(id)
            if (appeal === undefined) return problem(404, 'no such appeal')
            if (appeal.state !== 'open') return problem(409, `it was ${appeal.state} already`)
            const ruling = { state: body.state, note: body.note, by: principal.name, allow: body.allow ?? false }
            await audit.record({
              who: principal.name,
              role: principal.role,
              what: 'appeal.decide',
              subject: appeal.party,
              detail: { id, state: body.state, ...appeals.corrections(appeal, ruling) },
            })
            return { status: 200, body: shown(await appeals.decide(appeal, ruling)) }
          }),
      }),
    ],
  }
}
