import { type Static, Type } from '@sinclair/typebox'
import { closed, Milliseconds, Seconds } from './scalars.ts'

/** What a party did, correlated from the signals that were seen: the unit on the log (DESIGN §4). */

export const Asserted = closed(
  ['passport', 'pai', 'ppi', 'rpid', 'from'],
  'which header the origin was read from, strongest first',
)
export const Attestation = closed(['A', 'B', 'C'], 'SHAKEN attestation of a verified PASSporT (RFC 8588)')

export const Origin = Type.Object(
  {
    party: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'E.164 number with +, else address, else opaque id',
    }),
    uri: Type.Optional(Type.String({ maxLength: 2048 })),
    display: Type.Optional(Type.String({ maxLength: 512 })),
    asserted: Type.Optional(Asserted),
    attestation: Type.Optional(Attestation),
    origid: Type.Optional(
      Type.String({ maxLength: 36, description: 'origination identifier of a verified PASSporT (RFC 8588 clause 5)' }),
    ),
    verification: Type.Optional(
      Type.String({ maxLength: 64, description: 'why a PASSporT did not verify: a reason of docs/identity.md' }),
    ),
    claimed: Type.Optional(
      Type.String({ maxLength: 256, description: 'party of the From header where it differs from the asserted one' }),
    ),
  },
  { $id: 'Origin' },
)
export const Target = Type.Object(
  {
    party: Type.String({ minLength: 1, maxLength: 256 }),
    uri: Type.Optional(Type.String({ maxLength: 2048 })),
  },
  { $id: 'Target' },
)

export const Route = Type.Object(
  {
    tap: Type.String({ description: 'name of the tap that saw it' }),
    site: Type.Optional(Type.String()),
    tenant: Type.Optional(Type.String({ description: 'whose traffic it is, from the configuration of the tap' })),
    trunk: Type.Optional(Type.String({ description: 'trunk or interconnect, from the configured rules' })),
    peer: Type.Optional(Type.String({ description: 'address that sent it to the tapped element' })),
    transport: Type.Optional(Type.String()),
  },
  { $id: 'Route' },
)

export const Content = Type.Object(
  {
    type: Type.String({ description: 'media type' }),
    text: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'only where the content policy allows inspection' }),
    ),
    features: Type.Optional(
      Type.Record(Type.String(), Type.Number(), {
        description: 'content features taken at the tap when the text is dropped',
      }),
    ),
    fingerprint: Type.Optional(
      Type.String({ maxLength: 64, description: 'near-duplicate fingerprint taken at the tap' }),
    ),
  },
  { $id: 'Content' },
)

const common = {
  id: Type.String({ minLength: 1, maxLength: 64, description: 'pure function of the observed message' }),
  role: closed(['origin', 'target'], 'whose key this copy is published under'),
  time: Milliseconds('capture time, since the epoch'),
  from: Origin,
  to: Type.Optional(Target),
  diverted: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 })),
  route: Route,
  agent: Type.Optional(Type.String({ maxLength: 256, description: 'User-Agent of the origin' })),
  callId: Type.Optional(Type.String({ maxLength: 512 })),
}

const ended = closed(['origin', 'target', 'network', 'timeout'], 'who ended it')
const pdd = Type.Optional(Seconds('post-dial delay: from INVITE to the first 18x'))
const cause = Type.Optional(Type.String({ maxLength: 128, description: 'Reason header or release cause' }))

export const CallAttempt = Type.Object(
  {
    ...common,
    kind: Type.Literal('call.attempt'),
    media: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 })),
  },
  { $id: 'CallAttempt' },
)
export const CallAnswered = Type.Object(
  { ...common, kind: Type.Literal('call.answered'), ringing: Type.Optional(Seconds('from INVITE to 200')), pdd },
  { $id: 'CallAnswered' },
)
export const CallEnded = Type.Object(
  {
    ...common,
    kind: Type.Literal('call.ended'),
    duration: Seconds('talk time, 200 to BYE'),
    ringing: Type.Optional(Seconds('from INVITE to 200')),
    pdd,
    endedBy: ended,
    cause,
  },
  { $id: 'CallEnded' },
)
export const CallFailed = Type.Object(
  {
    ...common,
    kind: Type.Literal('call.failed'),
    status: Type.Integer({ minimum: 0, maximum: 999, description: 'final SIP status, 0 when none was seen' }),
    ringing: Type.Optional(Seconds('from the first 18x to the end; absent when it never rang')),
    pdd,
    endedBy: ended,
    cause,
  },
  { $id: 'CallFailed' },
)
export const Message = Type.Object(
  {
    ...common,
    kind: Type.Literal('message'),
    protocol: Type.Optional(Type.String({ maxLength: 16 })),
    content: Type.Optional(Content),
  },
  { $id: 'Message' },
)
export const Registration = Type.Object(
  {
    ...common,
    kind: Type.Literal('registration'),
    status: Type.Integer({ minimum: 0, maximum: 999 }),
    outcome: closed(['accepted', 'challenged', 'failed', 'unanswered'], 'how the registrar answered'),
  },
  { $id: 'Registration' },
)
export const Probe = Type.Object(
  {
    ...common,
    kind: Type.Literal('probe'),
    method: Type.String({ maxLength: 32, description: 'OPTIONS, INVITE, REGISTER, …' }),
    decoy: Type.Optional(Type.String({ maxLength: 256, description: 'the decoy line that was reached' })),
    status: Type.Optional(Type.Integer({ minimum: 0, maximum: 999 })),
  },
  { $id: 'Probe' },
)
export const FeedbackActivity = Type.Object(
  {
    ...common,
    kind: Type.Literal('feedback'),
    source: closed(['607', '608', 'report', 'star-code', 'arf', 'analyst'], 'who says so'),
    opinion: closed(['spam', 'ham'], 'what they say'),
    trust: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { $id: 'FeedbackActivity' },
)

export const Activity = Type.Union(
  [CallAttempt, CallAnswered, CallEnded, CallFailed, Message, Registration, Probe, FeedbackActivity],
  { $id: 'Activity' },
)

export type Activity = Static<typeof Activity>
export type ActivityKind = Activity['kind']
export type ActivityOf<K extends ActivityKind> = Extract<Activity, { kind: K }>
export type Origin = Static<typeof Origin>
export type Target = Static<typeof Target>
export type Route = Static<typeof Route>
export type Content = Static<typeof Content>
export type Role = Activity['role']
export type EndedBy = Static<typeof ended>

export const activityKinds = [
  'call.attempt',
  'call.answered',
  'call.ended',
  'call.failed',
  'message',
  'registration',
  'probe',
  'feedback',
] as const satisfies readonly ActivityKind[]

/** The party under whose key this copy travels: the origin's, or the target's for `role: target`. */
export function keyOf(activity: Activity): string {
  return activity.role === 'target' && activity.to !== undefined ? activity.to.party : activity.from.party
}
