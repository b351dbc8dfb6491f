import { randomUUID } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { closed, Feedback, jsonCodec, topics } from '../../activity/index.ts'
import { partyOf } from '../../decide/index.ts'
import { readHistory } from '../../desk/index.ts'
import type { Identity } from '../../identity/index.ts'
import type { EventLog } from '../../log/index.ts'
import type { AuditTrail } from '../audit.ts'
import { DEFAULT_LIMIT, page, pageOf, paging } from '../paging.ts'
import { problem } from '../problem.ts'
import { permissionsOf, type RouteGroup, route } from '../route.ts'

const codec = jsonCodec(Feedback)

const Report = Type.Object(
  {
    party: Type.String({ minLength: 1, maxLength: 512, description: 'whom it is about' }),
    opinion: closed(['spam', 'ham'], 'what is said of it'),
    source: closed(
      ['607', '608', 'report', 'star-code', 'arf', 'analyst'],
      'how it was said; `analyst` needs the right to write',
      'report',
    ),
    reporter: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'who says so' })),
    category: Type.Optional(Type.String({ maxLength: 64 })),
    verdict: Type.Optional(Type.String({ maxLength: 128, description: 'id of the verdict that it answers' })),
    text: Type.Optional(Type.String({ maxLength: 4096, description: 'the reported message' })),
    time: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 8.64e15, description: 'when it was said (ms); now unless given' }),
    ),
    id: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._:-]{1,64}$',
        description: 'the same report again has the same id and counts once',
      }),
    ),
  },
  {
    $id: 'Report',
    additionalProperties: false,
    description: 'What a subscriber, a switch or an analyst says of a party.',
  },
)

export interface FeedbackRoutes {
  readonly log: EventLog
  readonly identity: Identity
  readonly audit: AuditTrail
  readonly now: () => number
}

/** `/v1/feedback`: reports of subscribers and switches, judgements of analysts. */
export function feedbackRoutes({ log, identity, audit, now }: FeedbackRoutes): RouteGroup {
  return {
    tag: 'feedback',
    about: 'What people say of calls and messages.',
    routes: [
      route({
        method: 'POST',
        path: '/v1/feedback',
        access: 'report',
        summary: 'Report a party, or speak for it',
        body: Report,
        answers: { 202: { says: 'Durable; it counts with the next records.', schema: Feedback } },
        async handle({ body, principal }) {
          const { party, reporter, opinion, source = 'report', category, verdict, text, time, id } = body
          if (source === 'analyst' && !permissionsOf[principal.role].has('write'))
            return problem(403, 'only who may write speaks as an analyst')
          const record: Feedback = {
            id: id ?? randomUUID(),
            // A report from the future would outlive its decay.
            time: Math.min(time ?? now(), now()),
            party: partyOf(identity, party),
            reporter: reporter === undefined ? principal.name : partyOf(identity, reporter),
            source,
            opinion,
            ...(category === undefined ? {} : { category }),
            ...(verdict === undefined ? {} : { verdict }),
            ...(text === undefined ? {} : { text }),
          }
          // Reports come by the thousand and are on the log themselves; what a person decides is a change.
          if (source === 'analyst')
            await audit.record({
              who: principal.name,
              role: principal.role,
              what: 'feedback.give',
              subject: record.party,
              detail: record,
            })
          await log.append([
            { topic: topics.feedback.topic, key: record.party, value: codec.encode(record), timeMs: record.time },
          ])
          return { status: 202, body: record }
        },
      }),
      route({
        method: 'GET',
        path: '/v1/feedback',
        access: 'read',
        summary: 'Feedback, newest first',
        query: Type.Object(
          { party: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })), ...paging },
          { additionalProperties: false },
        ),
        answers: { 200: { says: 'A page of feedback.', schema: pageOf(Feedback) } },
        async handle({ query: { party, limit = DEFAULT_LIMIT, cursor } }) {
          try {
            const { items, next } = await readHistory<Feedback>(log, {
              topic: topics.feedback.topic,
              limit,
              timeOf: feedback => feedback.time,
              ...(party === undefined ? {} : { key: partyOf(identity, party) }),
              ...(cursor === undefined ? {} : { cursor }),
              read({ value }) {
                const decoded = value === null ? undefined : codec.decode(value)
                return decoded?.ok === true ? decoded.value : undefined
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
