import { createHash, timingSafeEqual } from 'node:crypto'

export interface SenderToken {
  readonly name: string
  readonly token: string
}

/** Says who sends by the token of an Authorization header (`Bearer …`), undefined for nobody that is known. */
export type Authenticate = (authorization: string | undefined) => string | undefined

/** Compares digests in constant time, every one of them: neither length nor place of a difference tells anything. */
export function authenticator(tokens: readonly SenderToken[]): Authenticate {
  const known = tokens.map(({ name, token }) => ({ name, digest: digestOf(token) }))
  return authorization => {
    if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined
    const digest = digestOf(authorization.slice(7).trim())
    let sender: string | undefined
    for (const each of known) if (timingSafeEqual(each.digest, digest)) sender = each.name
    return sender
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
