import { DIGIT, DROPPED, isHidden, SPACE, scriptOf, skeletonTable } from './alphabet.ts'

const NINE = DIGIT + 9

/** Longest part of a text that is looked at, in UTF-16 code units: seven concatenated SMS. */
export const MAX_UNITS = 1_120

/** A text as its skeleton, with what the way there told. Reused from call to call: copy what is to be kept. */
export interface Normalised {
  /** Code units: words separated by one space, a space before the first and after the last. */
  readonly units: Uint16Array
  length: number
  /** For each unit the place in the text that it came from. */
  readonly source: Uint16Array
  /** The text before digits became one digit, its lone letters joined; with its places. */
  readonly written: Uint16Array
  readonly writtenSource: Uint16Array
  writtenLength: number
  /** Hidden characters dropped; words that mix scripts; letters written in mathematical or enclosed forms. */
  hidden: number
  mixedWords: number
  fancy: number
  /** Emoji and other pictures. */
  emoji: number
  upper: number
  letters: number
  digits: number
  /** Digits read as the letter that they stand for, as in "fr33". */
  leet: number
  /** Separators taken from between letters that stood alone, as in "f r e e". */
  joined: number
}

/** Room for one normalised text; one a thread is enough. */
export function createNormalised(): Normalised {
  const room = MAX_UNITS + 4
  return {
    units: new Uint16Array(room),
    source: new Uint16Array(room),
    written: new Uint16Array(room),
    writtenSource: new Uint16Array(room),
    writtenLength: 0,
    length: 0,
    hidden: 0,
    mixedWords: 0,
    fancy: 0,
    emoji: 0,
    upper: 0,
    letters: 0,
    digits: 0,
    leet: 0,
    joined: 0,
  }
}

/** Puts the skeleton of `text` into `out`. One pass a step, no allocation, no regular expression. */
export function normalise(text: string, out: Normalised): void {
  fold(text, out)
  unleet(out)
  keepWritten(out)
  levelDigits(out)
  out.joined = joinLoneLetters(out.units, out.source, out.length)
  out.length -= out.joined
  out.writtenLength -= joinLoneLetters(out.written, out.writtenSource, out.writtenLength)
}

/** Code unit by code unit through the table; runs of white space to one space; supplementary letters by block. */
function fold(text: string, out: Normalised): void {
  const table = skeletonTable()
  const { units, source } = out
  const end = Math.min(text.length, MAX_UNITS)
  out.hidden = out.mixedWords = out.fancy = out.emoji = out.upper = out.letters = out.digits = out.leet = out.joined = 0
  units[0] = SPACE
  source[0] = 0
  let n = 1
  let scripts = 0
  for (let i = 0; i < end; i++) {
    const raw = text.charCodeAt(i)
    const high = raw >= 0xd800 && raw <= 0xdbff && i + 1 < end
    const code = high ? supplementary(text.codePointAt(i)!, out) : table[raw]!
    const from = i
    if (high) i++
    if (code === DROPPED) {
      if (isHidden(raw)) out.hidden++
      continue
    }
    if (code === SPACE) {
      if (mixes(scripts)) out.mixedWords++
      scripts = 0
      if (units[n - 1] === SPACE) continue
    } else if (!high) scripts |= tally(raw, code, out)
    source[n] = from
    units[n++] = code
  }
  if (mixes(scripts)) out.mixedWords++
  if (units[n - 1] !== SPACE) {
    source[n] = end
    units[n++] = SPACE
  }
  out.length = n
}

function keepWritten(out: Normalised): void {
  const { units, source, written, writtenSource, length } = out
  for (let i = 0; i < length; i++) {
    written[i] = units[i]!
    writtenSource[i] = source[i]!
  }
  out.writtenLength = length
}

/** Whether a set of scripts, one bit each, holds more than one. */
function mixes(scripts: number): boolean {
  return (scripts & (scripts - 1)) !== 0
}

/** Counts one character by its sort; gives the bit of its script, 0 for what goes with any. */
function tally(raw: number, code: number, out: Normalised): number {
  if (code >= DIGIT && code <= NINE) {
    out.digits++
    return 0
  }
  const script = scriptOf(raw)
  if (script !== 0) {
    out.letters++
    if (raw !== code && isUpper(raw)) out.upper++
    return 1 << script
  }
  if (raw > 0x2460 && raw <= 0x24ff) out.fancy++
  else if (raw >= 0x2190 && raw < 0x2e80) out.emoji++
  else if (raw > 0x590) out.letters++
  return 0
}

function isUpper(code: number): boolean {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a
  if (code < 0x370) return code >= 0xc0 && code < 0xdf
  return (code >= 0x391 && code <= 0x3ab) || (code >= 0x400 && code <= 0x42f)
}

/** Letters of the mathematical and enclosed blocks as plain ones; an emoji as one private code of its own. */
function supplementary(point: number, out: Normalised): number {
  if (point >= 0x1d400 && point <= 0x1d7ff) {
    out.fancy++
    // Five sets of ten digits.
    if (point >= 0x1d7ce) return DIGIT + ((point - 0x1d7ce) % 10)
    // Thirteen alphabets of 52 letters follow each other, then Greek.
    if (point < 0x1d6a4) return 97 + (((point - 0x1d400) % 52) % 26)
    return 97
  }
  if (point >= 0x1f110 && point <= 0x1f189) {
    out.fancy++
    const offset = (point - 0x1f110) % 32
    return offset < 26 ? 97 + offset : DROPPED
  }
  if (point >= 0xe0000) {
    out.hidden++
    return DROPPED
  }
  if (point >= 0x1f000) out.emoji++
  else out.letters++
  return 0xe000 + (Math.imul(point, 0x9e3779b1) >>> 20)
}

// What a digit or sign passes for inside a word: Latin letters, by the usual substitutions.
const LEET = new Uint16Array(128)
for (const pair of ['0o', '1i', '2z', '3e', '4a', '5s', '6g', '7t', '8b', '9g', '@a', '$s', '!i', '|l']) {
  LEET[pair.charCodeAt(0)] = pair.charCodeAt(1)
}

function isPlainLetter(code: number): boolean {
  return code >= 97 && code <= 122
}

/**
 * One sign or up to two digits between letters are read as the letters they pass for ("fr3e c@sh"), so is one digit
 * before or after three letters ("5ale").
 */
function unleet(out: Normalised): void {
  const { units, length } = out
  let i = 1
  while (i < length) {
    const code = units[i]!
    if (code >= 128 || LEET[code] === 0) {
      i++
      continue
    }
    const end = passing(units, i, length)
    const before = isPlainLetter(units[i - 1]!)
    const after = end < length && isPlainLetter(units[end]!)
    const digit = code >= DIGIT && code <= NINE
    if (end - i <= 2 && ((before && after) || (digit && end - i === 1 && besideAWord(units, i, before, after)))) {
      for (let k = i; k < end; k++) units[k] = LEET[units[k]!]!
      out.leet += end - i
    }
    i = end
  }
}

/** Every digit becomes the digit. */
function levelDigits({ units, length }: Normalised): void {
  for (let i = 1; i < length; i++) if (units[i]! >= DIGIT && units[i]! <= NINE) units[i] = DIGIT
}

function passing(units: Uint16Array, from: number, length: number): number {
  let end = from
  while (end < length && units[end]! < 128 && LEET[units[end]!] !== 0) end++
  return end
}

function besideAWord(units: Uint16Array, i: number, before: boolean, after: boolean): boolean {
  if (before) return i >= 3 && isPlainLetter(units[i - 2]!) && isPlainLetter(units[i - 3]!)
  return after && isPlainLetter(units[i + 2]!) && isPlainLetter(units[i + 3]!)
}

/** "f r e e" and "f.r.e.e": three or more letters that each stand alone become one word. Gives how many units went. */
function joinLoneLetters(units: Uint16Array, source: Uint16Array, length: number): number {
  let write = 0
  let i = 0
  while (i < length) {
    const run = loneRun(units, i, length)
    if (run < 3) {
      source[write] = source[i]!
      units[write++] = units[i++]!
      continue
    }
    // The separator before the first letter stays, the letters follow each other.
    for (let k = 0; k < run; k++) {
      const at = i + 2 * k
      if (k === 0) {
        source[write] = source[at]!
        units[write++] = units[at]!
      }
      source[write] = source[at + 1]!
      units[write++] = units[at + 1]!
    }
    i += 2 * run
  }
  return length - write
}

function isSeparator(code: number): boolean {
  return code === SPACE || code === 46 || code === 45 || code === 95 || code === 42
}

/** How many pairs (separator, letter) follow each other from `at`, the last one before a separator. */
function loneRun(units: Uint16Array, at: number, length: number): number {
  let run = 0
  let i = at
  while (
    i + 2 < length &&
    isSeparator(units[i]!) &&
    units[i + 1]! >= 97 &&
    units[i + 1]! <= 122 &&
    isSeparator(units[i + 2]!)
  ) {
    run++
    i += 2
  }
  return run
}
