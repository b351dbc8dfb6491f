import { type Static, Type } from '@sinclair/typebox'
import { Route } from './activity.ts'
import { closed, Milliseconds } from './scalars.ts'

/** What a decision can ask for, mildest first; the order is the order of the thresholds. */
export const actions = ['allow', 'flag', 'challenge', 'divert', 'block'] as const
export type Action = (typeof actions)[number]
export const Action = closed(actions, 'what to do with it')

/** How serious an action is: its place in the list, 0 for allow. */
export function severityOf(action: Action): number {
  return actions.indexOf(action)
}

export const BilingualText = Type.Object({ en: Type.String(), fr: Type.String() }, { $id: 'BilingualText' })
export type BilingualText = Static<typeof BilingualText>

/** Class of spam, ITU-T X.1244 clause 7: real-time or not, voice, text or video. */
export const SpamClass = closed(
  [
    'real-time voice',
    'real-time text',
    'real-time video',
    'non-real-time voice',
    'non-real-time text',
    'non-real-time video',
  ],
  'ITU-T X.1244 clause 7',
)

export const Reason = Type.Object(
  {
    symbol: Type.String(),
    score: Type.Number({ description: 'what it added, after caps; 0 for a shadow symbol' }),
    state: closed(['enforce', 'shadow'], 'whether it counted'),
    category: Type.Optional(Type.String()),
    group: Type.Optional(Type.String()),
    says: BilingualText,
    evidence: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()])),
    held: Type.Optional(Type.Boolean({ description: 'not hit now: carried over from an earlier hit, decayed' })),
  },
  { $id: 'Reason' },
)
export type Reason = Static<typeof Reason>

export const Campaign = Type.Object(
  {
    id: Type.String(),
    origins: Type.Integer({ minimum: 0 }),
    targets: Type.Integer({ minimum: 0 }),
    messages: Type.Integer({ minimum: 0, description: 'messages or, of a call campaign, calls' }),
    firstSeen: Milliseconds('first message or call of the campaign'),
    sample: Type.Optional(
      Type.String({ maxLength: 512, description: 'a text; of a call campaign what its calls have in common' }),
    ),
  },
  { $id: 'Campaign' },
)
export type Campaign = Static<typeof Campaign>

export const Verdict = Type.Object(
  {
    id: Type.String({ description: 'activity id + role + pack + model version, so that consumers can deduplicate' }),
    activity: Type.String({ description: 'id of the activity it judges' }),
    role: closed(['origin', 'target'], 'which copy of the activity was judged'),
    kind: Type.String({ description: 'kind of that activity' }),
    time: Milliseconds('event time of the activity'),
    party: Type.String({ description: 'the party it judges: the origin of the activity' }),
    target: Type.Optional(Type.String()),
    score: Type.Number(),
    action: Action,
    category: Type.Optional(Type.String()),
    class: Type.Optional(SpamClass),
    reasons: Type.Array(Reason),
    shadowAction: Type.Optional(Action),
    route: Type.Optional(Type.Pick(Route, ['trunk', 'peer'])),
    callId: Type.Optional(Type.String()),
    campaign: Type.Optional(Campaign),
    pack: Type.String({ description: 'version of the packs that judged' }),
    model: Type.Optional(
      Type.String({ description: 'version of the models that scored; absent when rules alone judged' }),
    ),
    modelSkipped: Type.Optional(Type.Boolean({ description: 'a model should have scored it and could not' })),
  },
  { $id: 'Verdict' },
)
export type Verdict = Static<typeof Verdict>

export const Reputation = Type.Object(
  {
    party: Type.String(),
    time: Milliseconds('event time of the last change'),
    score: Type.Number(),
    action: Action,
    category: Type.Optional(Type.String()),
    reasons: Type.Array(Reason),
    first: Milliseconds('first activity known'),
    last: Milliseconds('last activity known'),
    activities: Type.Integer({ minimum: 0 }),
    expires: Type.Optional(Milliseconds('when the standing has decayed to allow if nothing more happens')),
    campaign: Type.Optional(Type.String({ description: 'campaign it takes part in' })),
    shield: Type.Optional(
      Type.Object({
        action: Action,
        category: Type.String(),
        until: Milliseconds('end of the protection'),
        says: BilingualText,
      }),
    ),
    pack: Type.String(),
  },
  {
    $id: 'Reputation',
    description: "A party's standing. `shield` protects it as a target; it never counts against it.",
  },
)
export type Reputation = Static<typeof Reputation>

export const Feedback = Type.Object(
  {
    id: Type.String(),
    time: Milliseconds('when it was said'),
    party: Type.String({ description: 'whom it is about' }),
    reporter: Type.Optional(Type.String()),
    source: closed(['607', '608', 'report', 'star-code', 'arf', 'analyst', 'appeal'], 'how it reached us'),
    opinion: closed(['spam', 'ham'], 'what they say'),
    verdict: Type.Optional(Type.String()),
    category: Type.Optional(Type.String()),
    text: Type.Optional(Type.String({ maxLength: 65_536 })),
  },
  { $id: 'Feedback' },
)
export type Feedback = Static<typeof Feedback>

export const DeadLetter = Type.Object(
  {
    time: Milliseconds('when it was parked'),
    topic: Type.String(),
    partition: Type.Integer(),
    offset: Type.Integer(),
    key: Type.Union([Type.String(), Type.Null()]),
    reason: Type.String(),
    value: Type.String({ description: 'the original bytes, base64' }),
  },
  { $id: 'DeadLetter' },
)
export type DeadLetter = Static<typeof DeadLetter>
