import { type Static, Type } from '@sinclair/typebox'

/** One decoy line: an unassigned number that the registrar gives to nobody else. */
const lineSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, description: 'what activities and verdicts call it' }),
    user: Type.String({ minLength: 1, maxLength: 64, description: 'user part of its address: the number' }),
    username: Type.Optional(Type.String({ description: 'account for authentication; the user unless given' })),
    password: Type.String({ default: '', description: 'password of the account' }),
  },
  { additionalProperties: false },
)

/** Configuration of decoy lines. */
export const decoySchema = Type.Object(
  {
    server: Type.String({
      default: 'wss://127.0.0.1:443',
      pattern: '^wss?://',
      description: 'SIP over WebSocket address of the registrar (RFC 7118)',
    }),
    domain: Type.String({ default: 'localhost', minLength: 1, description: 'SIP domain of the lines' }),
    lines: Type.Array(lineSchema, { default: [], maxItems: 1000, description: 'the decoy lines' }),
    caFile: Type.String({ default: '', description: 'PEM authority of a wss server with a certificate of its own' }),
    expiresSeconds: Type.Integer({
      default: 600,
      minimum: 60,
      maximum: 86_400,
      description: 'how long a registration is asked to last; renewed before its end',
    }),
    ringSeconds: Type.Integer({
      default: 5,
      minimum: 0,
      maximum: 60,
      description: 'how long a call rings before it is refused; nobody ever answers',
    }),
    refuseStatus: Type.Integer({
      default: 480,
      minimum: 400,
      maximum: 699,
      description: 'status that a call is refused with',
    }),
    maxRinging: Type.Integer({
      default: 32,
      minimum: 1,
      maximum: 1000,
      description: 'calls that one line lets ring at once; further ones are refused at once',
    }),
    retrySeconds: Type.Integer({
      default: 30,
      minimum: 1,
      maximum: 3600,
      description: 'longest wait before a lost connection or a refused registration is tried again',
    }),
  },
  { additionalProperties: false },
)

export type DecoyOptions = Static<typeof decoySchema>
export type LineOptions = Static<typeof lineSchema>
