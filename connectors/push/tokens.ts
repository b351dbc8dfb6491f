import { createHash, timingSafeEqual } from 'node:crypto'
import { Type } from '@sinclair/typebox'

export interface SenderToken {
  readonly name: string
  readonly token: string
}

/** Option of every tap that is pushed to. */
export const tokenOptions = Type.Array(
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 64, description: 'who holds it: the trunk of what it sends' }),
    token: Type.String({
      minLength: 16,
      maxLength: 512,
      description: 'secret, sent as Authorization: Bearer, or as the password of Basic with the name as user',
    }),
  }),
  { default: [], description: 'who may send; nobody when empty' },
)

/** Says who sends by an Authorization header, undefined for nobody that is known. */
export type Authenticate = (authorization: string | undefined) => string | undefined

/** Compares digests in constant time, every one of them: neither length nor place of a difference tells anything. */
export function authenticator(tokens: readonly SenderToken[]): Authenticate {
  const bearers = tokens.map(({ name, token }) => ({ name, digest: digestOf(token) }))
  const basics = tokens.map(({ name, token }) => ({ name, digest: digestOf(`${name}:${token}`) }))
  return authorization => {
    const match = /^(bearer|basic) +(\S+) *$/i.exec(authorization ?? '')
    if (match === null) return undefined
    const isBearer = match[1]!.toLowerCase() === 'bearer'
    const digest = digestOf(isBearer ? match[2]! : Buffer.from(match[2]!, 'base64').toString())
    let sender: string | undefined
    for (const known of isBearer ? bearers : basics) if (timingSafeEqual(known.digest, digest)) sender = known.name
    return sender
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
