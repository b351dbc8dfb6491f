/**
 * Text on its way into a SIP header. Everything is written one character a byte (latin1), so that octets copied from a
 * request stay what they were; text of ours becomes its UTF-8 octets first.
 */

const isControl = (code: number) => code < 0x20 || code === 0x7f

/** A header value copied from a request: folding and every other control character become spaces. */
export function copied(value: string): string {
  let at = 0
  while (at < value.length && !isControl(value.charCodeAt(at))) at++
  if (at === value.length) return value
  return Array.from(value, character => (isControl(character.charCodeAt(0)) ? ' ' : character)).join('')
}

/** UTF-8 octets of text as one character a byte. */
export function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** A quoted string (RFC 3261 §25.1): no control characters, quotes and backslashes escaped, at most `limit` characters. */
export function quoted(text: string, limit: number): string {
  const plain = copied(text)
    .replace(/[\u0080-\u009f\u2028\u2029]/g, ' ')
    .trim()
    .slice(0, limit)
  return `"${octets(plain).replace(/["\\]/g, '\\$&')}"`
}

/** Only what may stand inside <…>: printable ASCII without the characters that end or open it. Undefined otherwise. */
export function bracketable(uri: string): string | undefined {
  return /^[!#-;=?-~]+$/.test(uri) ? uri : undefined
}
