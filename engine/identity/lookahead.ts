/**
 * How far into a number a pattern of a numbering plan looks: past that place it asks for digits, whichever they are, and so
 * two numbers of one length that begin alike are alike to it. Mobile numbers are told by three digits in France.
 */

/**
 * The number of leading digits that decide, together with the length, whether `pattern` matches.
 * Reads what libphonenumber's patterns are made of: digits, classes of digits, `\d`, groups, `|`, `?`, `{n}`, `{n,m}` and `$`.
 * Of a pattern with anything else, infinity.
 */
export function digitsRead(pattern: string): number {
  let at = 0
  let read = 0
  let known = true

  // Each takes the places where it may begin, a bit a place, and gives those where it may end.
  function alternatives(starts: number): number {
    let ends = sequence(starts)
    while (pattern[at] === '|') {
      at++
      ends |= sequence(starts)
    }
    return ends
  }

  function sequence(starts: number): number {
    let places = starts
    while (known && at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') places = repeated(places)
    return places
  }

  function repeated(starts: number): number {
    const from = at
    const once = atom(starts)
    const [, least, upTo] = /^\{(\d+)(?:,(\d+))?\}/.exec(pattern.slice(at)) ?? []
    if (pattern[at] === '?') {
      at++
      return starts | once
    }
    if (least === undefined) return once
    let places = once
    let ends = 0
    for (let times = 1; times <= Number(upTo ?? least); times++) {
      if (times > 1) {
        at = from
        places = atom(places)
      }
      if (times >= Number(least)) ends |= places
    }
    at = pattern.indexOf('}', at) + 1
    return ends
  }

  function atom(starts: number): number {
    const sign = pattern[at]!
    if (sign === '(') {
      at += pattern.startsWith('(?:', at) ? 3 : 1
      const ends = alternatives(starts)
      at++
      return ends
    }
    if (sign === '$') {
      at++
      return starts
    }
    if (pattern.startsWith('\\d', at)) {
      at += 2
      return starts << 1
    }
    const one = /^(?:\d|\[[\d-]+\])/.exec(pattern.slice(at))?.[0]
    if (one === undefined) known = false
    else read = Math.max(read, 32 - Math.clz32(starts))
    at += one?.length ?? 1
    return starts << 1
  }

  alternatives(1)
  return known && at === pattern.length ? read : Number.POSITIVE_INFINITY
}
