import { type Static, Type } from '@sinclair/typebox'
import { closed, Milliseconds } from './scalars.ts'
import { Action, Reputation } from './verdict.ts'

const appealStates = ['open', 'upheld', 'rejected', 'withdrawn'] as const

/** What stood against the party when it appealed: what whoever decides looks at, and what the party is shown. */
export const AppealEvidence = Type.Object(
  {
    reputation: Type.Optional(Reputation),
    lists: Type.Array(Type.String(), { description: 'lists that the party was on' }),
    verdicts: Type.Array(
      Type.Object({
        id: Type.String(),
        time: Milliseconds('event time'),
        kind: Type.String(),
        score: Type.Number(),
        action: Action,
        category: Type.Optional(Type.String()),
      }),
      { description: 'latest verdicts against it' },
    ),
  },
  { $id: 'AppealEvidence' },
)
export type AppealEvidence = Static<typeof AppealEvidence>

export const AppealOutcome = Type.Object(
  {
    time: Milliseconds('when it was decided'),
    by: Type.String(),
    note: Type.String({ maxLength: 4096 }),
    removed: Type.Array(Type.String(), { description: 'lists that it was taken off' }),
    remaining: Type.Array(Type.String(), {
      description: "lists whose files still name it: only an edit of the operator's pack takes it off those",
    }),
    allowed: Type.Boolean({ description: 'it was put on an allow list' }),
    cleared: Type.Boolean({ description: 'its standing was set to allow' }),
  },
  { $id: 'AppealOutcome' },
)
export type AppealOutcome = Static<typeof AppealOutcome>

/** A listed party's request to be heard, with its clock. Kept on the control topic under `appeal/ID`. */
export const Appeal = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    party: Type.String({ minLength: 1, maxLength: 256 }),
    filed: Milliseconds('when it was filed'),
    filedBy: Type.String(),
    due: Milliseconds('when an answer is owed'),
    statement: Type.String({ maxLength: 4096, description: 'what the party says' }),
    contact: Type.Optional(Type.String({ maxLength: 256, description: 'where to answer' })),
    state: closed(appealStates, 'where it stands'),
    evidence: AppealEvidence,
    outcome: Type.Optional(AppealOutcome),
  },
  { $id: 'Appeal', description: "A listed party's request to be heard." },
)
export type Appeal = Static<typeof Appeal>
