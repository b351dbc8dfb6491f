import { type Decide, Decision, Question } from '../../decide/index.ts'
import { type RouteGroup, route } from '../route.ts'

export interface DecideRoutes {
  readonly decide: Decide
  readonly now: () => number
  /** Called with every decision: it is counted, by action. */
  readonly decided: (decision: Decision) => void
}

/** `POST /v1/decide`: who calls whom; what to do. */
export function decideRoutes({ decide, now, decided }: DecideRoutes): RouteGroup {
  return {
    tag: 'decide',
    about: 'Decisions on calls and messages, in line. Callers that get no answer in time let the call through.',
    routes: [
      route({
        method: 'POST',
        path: '/v1/decide',
        access: 'decide',
        summary: 'Ask what to do with a call or a message',
        body: Question,
        answers: { 200: { says: 'What to do, and why.', schema: Decision } },
        handle({ body }) {
          const decision = decide(body, now())
          decided(decision)
          return { status: 200, body: decision }
        },
      }),
    ],
  }
}
