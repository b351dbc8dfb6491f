import { Type } from '@sinclair/typebox'
import { Action, jsonCodec, severityOf, topics, Verdict } from '../../activity/index.ts'
import { partyOf } from '../../decide/index.ts'
import { readHistory } from '../../desk/index.ts'
import type { Identity } from '../../identity/index.ts'
import type { EventLog } from '../../log/index.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { type RouteGroup, route } from '../route.ts'

const codec = jsonCodec(Verdict)

export interface VerdictRoutes {
  readonly log: EventLog
  readonly identity: Identity
}

/** `/v1/verdicts`: what was found, newest first, with reasons and evidence. */
export function verdictRoutes({ log, identity }: VerdictRoutes): RouteGroup {
  return {
    tag: 'verdicts',
    about: 'Verdicts of the last 30 days, from the event log.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/verdicts',
        access: 'read',
        summary: 'Verdicts, newest first',
        about:
          'Each page looks through a bounded part of the log: it may hold few items, or none, and still have a next one. ' +
          'Naming the party looks in its partition alone.',
        query: Type.Object(
          {
            party: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'only those against it' })),
            atLeast: Type.Optional(Action),
            category: Type.Optional(Type.String({ maxLength: 64 })),
            id: Type.Optional(
              Type.String({ maxLength: 128, description: 'only the verdict, or those on the activity, of this id' }),
            ),
            ...paging,
          },
          { additionalProperties: false },
        ),
        answers: { 200: { says: 'A page of verdicts.', schema: pageOf(Verdict) } },
        async handle({ query: { party, atLeast = 'allow', category, id, limit = DEFAULT_LIMIT, cursor } }) {
          const least = severityOf(atLeast)
          try {
            const { items, next } = await readHistory<Verdict>(log, {
              topic: topics.verdicts.topic,
              limit,
              timeOf: verdict => verdict.time,
              ...(party === undefined ? {} : { key: partyOf(identity, party) }),
              ...(cursor === undefined ? {} : { cursor }),
              read({ value }) {
                const decoded = value === null ? undefined : codec.decode(value)
                if (decoded?.ok !== true) return undefined
                const verdict = decoded.value
                if (severityOf(verdict.action) < least) return undefined
                if (category !== undefined && verdict.category !== category) return undefined
                if (id !== undefined && verdict.id !== id && verdict.activity !== id) return undefined
                return verdict
              },
            })
            return { status: 200, body: page(items, next) }
          } catch (error) {
            if (error instanceof RangeError) return problem(400, 'the cursor is none of ours')
            throw error
          }
        },
      }),
    ],
  }
}
