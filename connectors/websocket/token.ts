import { createHash, timingSafeEqual } from 'node:crypto'

/** Is the Authorization header `Bearer` with this token? Compared in constant time, whatever the lengths. */
export function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
