import { type Static, Type } from '@sinclair/typebox'
import { Action, Asserted, Attestation, BilingualText, closed } from '../activity/index.ts'

/** Who calls or writes whom, as a switch asks it. */
export const Question = Type.Object(
  {
    from: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'the origin: a number as signalled, or a sip:, sips: or tel: URI',
    }),
    to: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'the target, in the same forms' })),
    kind: closed(['call', 'message'], 'what it is', 'call'),
    asserted: Type.Optional(Asserted),
    attestation: Type.Optional(Attestation),
    verification: Type.Optional(Type.String({ maxLength: 64, description: 'why a PASSporT did not verify' })),
    claimed: Type.Optional(
      Type.String({ maxLength: 512, description: 'what From said, where another identity is asserted' }),
    ),
    display: Type.Optional(Type.String({ maxLength: 512, description: 'display name of the origin' })),
    peer: Type.Optional(
      Type.String({ maxLength: 64, description: 'address the request came from, outside the network' }),
    ),
    trunk: Type.Optional(Type.String({ maxLength: 64, description: 'trunk or interconnect it came in by' })),
    agent: Type.Optional(Type.String({ maxLength: 256, description: 'User-Agent of the origin' })),
    callId: Type.Optional(Type.String({ maxLength: 512, description: 'handed back, for the caller to match' })),
  },
  { $id: 'Question', additionalProperties: false, description: 'Who calls or writes whom.' },
)
export type Question = Static<typeof Question>

const DecisionReason = Type.Object(
  {
    symbol: Type.String(),
    score: Type.Number(),
    says: BilingualText,
    held: Type.Optional(Type.Boolean({ description: 'from the standing, decayed; else found in this very question' })),
  },
  { $id: 'DecisionReason' },
)

export const Decision = Type.Object(
  {
    action: Action,
    score: Type.Number({ description: 'sum of the reasons; thresholds of the pack make the action of it' }),
    category: Type.Optional(Type.String()),
    reasons: Type.Array(DecisionReason, { description: 'heaviest first' }),
    from: Type.String({ description: 'the party that was judged' }),
    to: Type.Optional(Type.String()),
    known: Type.Boolean({ description: 'the origin has a standing; without one it is judged neutrally' }),
    exempt: Type.Optional(Type.String({ description: 'the list that lets it through whatever the score' })),
    shield: Type.Optional(Type.String({ description: 'category of the attack that the target is protected from' })),
    attestation: Type.Optional(Attestation),
    callId: Type.Optional(Type.String()),
    staleMs: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
      description: 'how old the view of reputations is at most; null while it has not caught up once',
    }),
    pack: Type.String({ description: 'version of the packs that judged' }),
  },
  { $id: 'Decision', description: 'What to do with it, and why.' },
)
export type Decision = Static<typeof Decision>
