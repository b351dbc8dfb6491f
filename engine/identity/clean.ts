/**
 * What comes off a number before it is read: URI parameters, percent escapes, visual separators, routing prefixes.
 * Users of every peer ask for these (portability prefixes over 15 digits, `;tgrp=`, `;npdi;rn=`, alphanumeric senders).
 */

const PLUS = 0x2b
const ZERO = 0x30
const NINE = 0x39

/** Percent escapes of a URI user part undone (RFC 3261 §25.1 `escaped`); a bad escape stays as it is written. */
export function unescapeUser(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The part before the first `;`: parameters of a telephone-subscriber (RFC 3966 §3), `;npdi;rn=` (RFC 4694), `;tgrp=` (RFC 4904). */
export function withoutParameters(text: string): string {
  const semicolon = text.indexOf(';')
  return semicolon === -1 ? text : text.slice(0, semicolon)
}

/** Value of a `;name=value` parameter of a telephone-subscriber, empty when there is none. */
export function parameterOf(text: string, name: string): string {
  let at = text.indexOf(';')
  while (at !== -1) {
    const next = text.indexOf(';', at + 1)
    const parameter = text.slice(at + 1, next === -1 ? undefined : next)
    const equals = parameter.indexOf('=')
    if (equals !== -1 && parameter.slice(0, equals).trim().toLowerCase() === name)
      return parameter.slice(equals + 1).trim()
    at = next
  }
  return ''
}

/**
 * Digits of a dialled or signalled number, with a leading + where it has one; visual separators (RFC 3966 §3: - . ( ) and,
 * as people write them, spaces and /) are left out. Empty when it holds anything else: then it is a name, not a number.
 */
export function digitsOf(text: string): string {
  let out = ''
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= ZERO && code <= NINE) continue
    if (code === PLUS && out.length === 0 && i === from) continue
    if (!isSeparator(code)) return ''
    out += text.slice(from, i)
    from = i + 1
  }
  out = from === 0 ? text : out + text.slice(from)
  return out === '+' ? '' : out
}

/** Is it a + and 8 to 15 digits (ITU-T E.164 §6)? Shorter ones are read by the metadata instead. */
export function isE164(text: string): boolean {
  const length = text.length
  if (length < 9 || length > 16 || text.charCodeAt(0) !== PLUS || text.charCodeAt(1) === ZERO) return false
  for (let i = 1; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < ZERO || code > NINE) return false
  }
  return true
}

function isSeparator(code: number): boolean {
  switch (code) {
    case 0x20: // space
    case 0xa0: // no-break space
    case 0x28: // (
    case 0x29: // )
    case 0x2d: // -
    case 0x2e: // .
    case 0x2f: // /
      return true
    default:
      return false
  }
}
