import type { Named } from './token.ts'

/**
 * Canonical form for comparing: digits of a number (RFC 8224 §8.3: no +, no separators), else `user@host` of a URI, lower case
 * host. Takes parties (`+33…`, `bob@example.net`), URIs (`sip:`, `sips:`, `tel:`) and claims' own texts.
 */
export function canonical(text: string): string {
  const bare = text.trim().replace(/^(?:sips?|tel):/i, '')
  const [address = ''] = bare.split(';', 1)
  const at = address.lastIndexOf('@')
  const user = at === -1 ? address : address.slice(0, at)
  const digits = user.replace(/[\s().\-/]/g, '').replace(/^\+/, '')
  if (/^[0-9#*]{1,15}$/.test(digits)) return digits
  return at === -1 ? address : `${user}@${address.slice(at + 1).toLowerCase()}`
}

/** Digits when it is a number, empty otherwise. */
export function digitsOf(name: string): string {
  return /^[0-9#*]+$/.test(name) ? name : ''
}

export function canonicalOf(name: Named | undefined): string {
  return canonical(name?.tn ?? name?.uri ?? '')
}

/** Is one of the claimed names one of these? */
export function names(claimed: readonly Named[], wanted: readonly string[]): boolean {
  return claimed.some(name => wanted.includes(canonicalOf(name)))
}
