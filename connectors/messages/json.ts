export type JsonFault = 'too deep' | 'not JSON'

/** Deepest nesting of a batch: a message is three levels down, and nobody needs more than twice that. */
export const MAX_DEPTH = 8

/**
 * Parses JSON that strangers send. Size is bounded by the caller; depth is counted over the bytes before anything is
 * built, so that a megabyte of brackets costs one pass and no object.
 */
export function parseJson(bytes: Buffer): { readonly value: unknown } | { readonly fault: JsonFault } {
  if (depthOf(bytes) > MAX_DEPTH) return { fault: 'too deep' }
  try {
    return { value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return { fault: 'not JSON' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Deepest nesting of brackets and braces outside strings, looked for up to just beyond the limit. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) {
      i++
      while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > deepest) deepest = depth
      if (deepest > MAX_DEPTH) return deepest
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}
