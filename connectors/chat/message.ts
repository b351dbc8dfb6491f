import { type Static, Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'

const Party = (description: string) => Type.String({ minLength: 1, maxLength: 512, description })

/** One message as a platform sends it. Unknown fields are passed over. */
export const ChatMessage = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256, description: 'unique at the sender: a repeated one counts once' }),
    time: Type.Optional(
      Type.Union([Type.Number({ minimum: 0 }), Type.String({ maxLength: 40 })], {
        description: 'milliseconds or seconds since the epoch, or ISO 8601; the time of receipt when absent',
      }),
    ),
    from: Party('number, SIP or XMPP address, or the platform’s own id of the sender'),
    to: Type.Union([Party('the recipient'), Type.Array(Party('a recipient'), { minItems: 1, maxItems: 1000 })], {
      description: 'recipient, or up to 1,000 of them',
    }),
    text: Type.Optional(Type.String({ maxLength: 65_536 })),
    type: Type.Optional(Type.String({ maxLength: 128, description: 'media type, text/plain when absent' })),
    service: Type.Optional(
      Type.String({ maxLength: 64, description: 'application or customer it came by: its trunk' }),
    ),
    agent: Type.Optional(Type.String({ maxLength: 256, description: 'client software of the sender' })),
    display: Type.Optional(Type.String({ maxLength: 512, description: 'name that the recipient sees' })),
    consent: Type.Optional(Type.Boolean({ description: 'false: its content may not be inspected' })),
  },
  { $id: 'ChatMessage' },
)
export type ChatMessage = Static<typeof ChatMessage>

/** A user's report of somebody. */
export const ChatReport = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256 }),
    report: Type.Unsafe<'spam' | 'ham'>(Type.String({ enum: ['spam', 'ham'] })),
    party: Party('who is reported'),
    reporter: Party('who reports'),
    time: Type.Optional(Type.Union([Type.Number({ minimum: 0 }), Type.String({ maxLength: 40 })])),
  },
  { $id: 'ChatReport' },
)
export type ChatReport = Static<typeof ChatReport>

const messageCheck = TypeCompiler.Compile(ChatMessage)
const reportCheck = TypeCompiler.Compile(ChatReport)

export type ChatItem =
  | { readonly kind: 'message'; readonly message: ChatMessage }
  | { readonly kind: 'report'; readonly report: ChatReport }
  | { readonly kind: 'wrong'; readonly reason: string }

/** Tells what one element of a batch is; a wrong one with the field that is wrong. */
export function readItem(value: unknown): ChatItem {
  if (typeof value === 'object' && value !== null && 'report' in value) {
    if (reportCheck.Check(value)) return { kind: 'report', report: value }
    return { kind: 'wrong', reason: faultOf(reportCheck.Errors(value).First()) }
  }
  if (messageCheck.Check(value)) return { kind: 'message', message: value }
  return { kind: 'wrong', reason: faultOf(messageCheck.Errors(value).First()) }
}

function faultOf(error: { readonly path: string; readonly message: string } | undefined): string {
  return error === undefined ? 'not a message' : `${error.path || '/'}: ${error.message}`
}
